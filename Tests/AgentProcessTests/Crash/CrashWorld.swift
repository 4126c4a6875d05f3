import AgentProcesses
import CrashDisk
import Glibc
import LanHosts

/// Two agents that share a folder. One of them crashes, again and again: each time before one of its effects, in a
/// history of its own.
final class CrashWorld {
    let world: AgentWorld
    let other: Agent
    let crashing: Agent
    private var history = CrashHistory(1)
    /// What the crashing agent is started with: the library, and what it is to believe after a loss of power.
    private var beliefs: [String: String]
    private var times = ToldTimes()
    private var losses = 0

    private var log: String { "\(world.root)/effects" }
    private var graves: String { "\(world.root)/graves" }
    private var roots: [String] { [crashing.folder, crashing.home] }

    init() throws {
        world = try AgentWorld()
        beliefs = ["LD_PRELOAD": try Programs.built("libCrashPoints.so")]
        let agents = try world.chain("a", "b")
        (other, crashing) = (agents[0], agents[1])
        try Files.make(graves)
        try history.makeBefore(other.folder)
        try world.settle()
    }

    func tearDown() { world.tearDown() }

    /// One history with one crash, and everything that must hold then.
    /// - Parameters:
    ///   - point: the number of the effect before which the agent kills itself; nil for an end when all is done.
    ///   - seed: of the loss of power that goes with it; nil for none.
    ///   - again: the effects of its next runs before which it kills itself once more. The other agent is killed with
    ///     it the last time.
    func run(point: Int?, losing seed: UInt64? = nil, again: [Int] = []) throws -> CrashReport {
        let unflushed = getenv("LANYARD_CRASH_UNFLUSHED") != nil
        return try run(
            ["CRASH_POINT": point.map { "\($0)" }].compactMapValues { $0 },
            seed.map { LossOfPower(seed: $0, usersFlush: !unflushed) }, seed: seed, again: again)
    }

    /// The same before the first flush of the folder, with a certain loss of power.
    func runUntilFlush(losing loss: LossOfPower) throws -> CrashReport {
        try run(["CRASH_BEFORE": "flush all by \(crashing.folder)"], loss, seed: 0, again: [])
    }

    private func run(
        _ end: [String: String], _ loss: LossOfPower?, seed: UInt64?, again: [Int]
    ) throws -> CrashReport {
        if history.number.isMultiple(of: 2) { try crashing.stop() } else { crashing.kill() }
        try history.edit(other.folder)
        try history.editHere(crashing.folder)
        let before = try DiskImage(of: roots, times: times)
        unlink(log)
        let isHit = try work(until: end)
        let effects = try EffectLog(at: log)
        var report = CrashReport(isHit: isHit, effects: effects, seed: seed, again: again, root: world.root)
        let told = LossOfPower.nothingLost(after: before, effects)
        report.demand("the log tells all that happened", told.differences(from: try DiskImage(of: roots)))
        if let loss { report.lost = try losePower(loss, before, effects) }
        checkDisk(&report, isAfterLoss: loss != nil)
        for point in again {
            try crashAgain(before: point)
            checkDisk(&report, isAfterLoss: loss != nil)
        }
        if !again.isEmpty {
            other.kill()
            try other.start()
        }
        crashing.variables = beliefs
        try crashing.start()
        var next = CrashHistory(history.number + 1)
        try next.makeBefore(other.folder)
        do {
            let tree = try world.settle(within: 60)
            try check(tree, &report, isAfterLoss: loss != nil)
        } catch { report.demand("both agree", ["\(error)"]) }
        history = next
        return report
    }

    /// The agent's run, until it kills itself or everything is done: true if it did.
    private func work(until end: [String: String]) throws -> Bool {
        crashing.variables = beliefs.merging(recording) { $1 }.merging(end) { $1 }
        let isReady = try crashing.startUnlessKilled()
        // Not killed with it, so that it ends in any case.
        let shell = try ChildProcess(
            ["sh", "-c", "cd \(crashing.folder) && \(history.live())"], environment: beliefs.merging(recording) { $1 })
        guard try shell.waitForExit() == 0 else { throw LanError("\(shell.transcript)") }
        guard isReady else { return true }
        while !crashing.wasKilled {
            let answer = try crashing.call("wait", "--timeout", "60", "--json")
            if answer.status == 0, try other.call("wait", "--timeout", "60").status == 0 { break }
        }
        if !crashing.isRunning { return true }
        crashing.kill()
        return false
    }

    /// The agent is killed once more, while it mends what the crash left or goes on; where it comes to an end, then.
    private func crashAgain(before point: Int) throws {
        let own = "\(world.root)/effects-again"
        defer { unlink(own) }
        crashing.variables = beliefs.merging(recording) { $1 }
        (crashing.variables["CRASH_LOG"], crashing.variables["CRASH_POINT"]) = (own, "\(point)")
        guard try crashing.startUnlessKilled() else { return }
        _ = try crashing.call("wait", "--timeout", "20", "--json")
        if !crashing.wasKilled { crashing.kill() }
    }

    private var recording: [String: String] {
        ["CRASH_ROOTS": roots.joined(separator: ":"), "CRASH_LOG": log, "CRASH_GRAVES": graves]
    }

    /// Puts in the place of the disk what a loss of power at the crash may have left of it. The machine seems to have
    /// been started since.
    /// - Returns: what differs from the disk as it was.
    private func losePower(_ loss: LossOfPower, _ before: DiskImage, _ effects: EffectLog) throws -> [String] {
        var loss = loss
        let deaf = getenv("LANYARD_CRASH_DEAF").map { String(cString: $0) } ?? ""
        let log = effects.untilKilled.deaf(to: Set(deaf.split(separator: ",").map(String.init)))
        let image = loss.image(after: before, log)
        let lost = image.differences(from: try DiskImage(of: roots))
        times = try image.restore(workingIn: "\(world.root)/scratch", graves: graves)
        try times.write(to: "\(world.root)/times")
        losses += 1
        try Files.write("\(world.root)/boot", "loss-\(losses)\n")
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        beliefs["CRASH_TIMES"] = "\(world.root)/times"
        beliefs["CRASH_BOOT"] = "\(world.root)/boot:\(now.tv_sec * 1_000_000_000 + now.tv_nsec)"
        return lost
    }
}

// MARK: What must hold

extension CrashWorld {
    /// Before anybody mends anything: each path holds what it held or what it is to hold, whole, and the databases are
    /// sound. After a loss of power a new name may be torn (rule 12), and what a user just wrote.
    private func checkDisk(_ report: inout CrashReport, isAfterLoss: Bool) {
        for path in Set(history.started.keys).union(history.after.keys).sorted() where !history.isLive(path) {
            let (old, new) = (history.started[path], history.after[path])
            if isAfterLoss, old == nil { continue }
            let allowed = [old, new] + (path == history.disputed ? history.disputants : [])
            let found = Files.content("\(crashing.folder)/\(path)")
            if !allowed.contains(found) {
                report.demand(
                    "old or new, whole", ["\(path): \(found.map { "\($0.count) other bytes" } ?? "nothing")"])
            }
        }
        report.demand(
            "the databases are sound", Databases.unsound(below: crashing.home, copiedTo: "\(world.root)/copy"))
    }

    /// When both say that they are in sync.
    private func check(_ tree: Tree, _ report: inout CrashReport, isAfterLoss: Bool) throws {
        let top = history.directory + "/"
        let copies = try crashing.conflicts().map(\.path).filter { $0.hasPrefix(top) && !history.isLive($0) }
        report.demand("one copy of the one conflict", copies.count == 1 ? [] : copies + ["\(copies.count) copies"])
        let disputed = (copies + [history.disputed]).map { Files.content("\(other.folder)/\($0)") }
        report.demand(
            "what was disputed is there", history.disputants.allSatisfy { disputed.contains($0) } ? [] : copies)
        for (path, bytes) in history.after.sorted(by: { $0.key < $1.key }) where path != history.disputed {
            if isAfterLoss, history.isLive(path) { continue }
            let found = Files.content("\(other.folder)/\(path)")
            if found != bytes { report.demand("it holds what was written last", ["\(path): \(found?.count ?? -1)"]) }
        }
        let expected = Set(history.after.keys).union(copies)
        let strangers = tree.files.filter { $0.hasPrefix(top) && !expected.contains($0) && !history.isLive($0) }
        report.demand("nothing else is there", strangers)
        report.demand("what was removed stays away", tree.files.filter { $0.hasPrefix("r\(history.number - 1)/") })
        checkKept(tree, &report, isAfterLoss: isAfterLoss)
        for agent in [other, crashing] {
            report.demand("\(agent.name)'s stage is empty", Files.names("\(agent.folder)/.lanyard/stage"))
            let problems = try agent.folderStatus().problems
            report.demand("\(agent.name) has no problem", problems.map { "\($0.path ?? ""): \($0.message)" })
        }
        let known: Set = [
            "a", "b", "a-home", "b-home", "a-home.log", "b-home.log", "graves", "effects", "times", "boot",
        ]
        report.demand("nothing beside the folders", Files.names(world.root).filter { !known.contains($0) })
    }

    /// Each content that was ever whole at a path is somewhere: what Lanyard replaced is in a history. Of what was
    /// disputed both users have overwritten the first content themselves.
    private func checkKept(_ tree: Tree, _ report: inout CrashReport, isAfterLoss: Bool) {
        var kept = tree.contents
        for agent in [other, crashing] {
            kept.formUnion(Files.contents(below: "\(agent.folder)/.lanyard/history"))
        }
        for contents in [history.before, history.started, history.after] {
            for (path, bytes) in contents.sorted(by: { $0.key < $1.key }) where !kept.contains(Tree.hash(bytes)) {
                if isAfterLoss && history.isLive(path) || path == history.disputed { continue }
                report.demand("every content is kept", [path])
            }
        }
    }
}
