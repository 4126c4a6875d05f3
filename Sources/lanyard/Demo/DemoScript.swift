import ControlAPI
import Glibc

/// What a demonstration does, step by step, with two agents.
struct DemoScript {
    let folders: DemoFolders
    let left: ChildAgent
    let right: ChildAgent

    /// One change on one side, and how the other side shows that it has it.
    struct Step: Sendable {
        let what: String
        let change: @Sendable (DemoFolders) throws(ControlError) -> Void
        let arrived: @Sendable (DemoFolders) -> Bool
    }

    /// How long one step took.
    struct Outcome: Encodable {
        let step: String
        let milliseconds: Double
    }

    static let steps: [Step] = [
        Step(what: "a saved file, left to right") { folders throws(ControlError) in
            try folders.save("Hello from the left\n", "left", "hello.txt")
        } arrived: {
            $0.reads("right", "hello.txt", "Hello from the left\n")
        },
        Step(what: "an edit of it, right to left") { folders throws(ControlError) in
            try folders.save("Hello from the right\n", "right", "hello.txt")
        } arrived: {
            $0.reads("left", "hello.txt", "Hello from the right\n")
        },
        Step(what: "\(manyFiles) small files in a directory") { folders throws(ControlError) in
            for number in 1...manyFiles { try folders.save("note \(number)\n", "left", "notes/\(number).txt") }
        } arrived: { folders in
            (1...manyFiles).allSatisfy { folders.exists("right", "notes/\($0).txt") }
        },
        Step(what: "a rename of that directory") { folders throws(ControlError) in
            try folders.move("left", "notes", "archive")
        } arrived: { folders in
            (1...manyFiles).allSatisfy { folders.exists("right", "archive/\($0).txt") }
                && !folders.exists("right", "notes")
        },
        Step(what: "a deletion, right to left") { folders throws(ControlError) in
            try folders.remove("right", "hello.txt")
        } arrived: {
            !$0.exists("left", "hello.txt")
        },
    ]

    private static let manyFiles = 200
    private static let secondsAtMost = 60.0

    /// Pairs the two agents: the left one invites, the right one joins.
    func pair() throws(ControlError) {
        let invite = try left.client.invite(InviteRequest())
        _ = try right.client.join(
            JoinRequest(link: invite.link, path: LocalPath(bytes: folders.folder("right").utf8)))
        let report = try left.client.wait(WaitRequest(timeoutSeconds: Self.secondsAtMost))
        guard report.synced else {
            throw ControlError(.failed, report.reasons.first?.message ?? "the two agents don't agree")
        }
    }

    func perform(_ step: Step, _ interruption: Interruption) throws(ControlError) -> Outcome {
        let start = Self.now()
        try interruption.uninterrupted { () throws(ControlError) in try step.change(folders) }
        while !step.arrived(folders) {
            guard Self.now() - start < Self.secondsAtMost else {
                throw ControlError(.timedOut, "\(step.what): not there after \(Int(Self.secondsAtMost)) seconds")
            }
            usleep(1_000)
        }
        return Outcome(step: step.what, milliseconds: ((Self.now() - start) * 10_000).rounded() / 10)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
