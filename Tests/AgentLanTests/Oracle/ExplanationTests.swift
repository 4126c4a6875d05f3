import BlackBox
import Testing

/// What the model explains, and what it does not: without any process.
@Suite struct ExplanationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let seen: [Observation]
        var devices = 2
    }

    private static func explanation(_ row: Row) -> Explanation {
        var explanation = Explanation(devices: row.devices)
        for observation in row.seen { explanation.take(observation) }
        return explanation
    }

    /// On two devices, without copies unless said otherwise.
    private static func stable(_ value: Int?, _ copies: Set<Int> = []) -> Observation {
        .stable(values: [value, value], copies: [copies, copies])
    }

    private static func wrote(_ device: Int, _ value: Int, over: Int? = nil) -> Observation {
        .wrote(device: device, value: value, over: over)
    }

    private static let explained = [
        Row(testDescription: "nothing happens", seen: [stable(nil)]),
        Row(testDescription: "a file arrives", seen: [wrote(0, 1), .read(device: 1, value: 1), stable(1)]),
        Row(
            testDescription: "a file arrives late",
            seen: [wrote(0, 1), .read(device: 1, value: nil), .read(device: 1, value: 1), stable(1)]),
        Row(testDescription: "two new files, the first wins", seen: [wrote(0, 1), wrote(1, 2), stable(1, [2])]),
        Row(testDescription: "two new files, the second wins", seen: [wrote(0, 1), wrote(1, 2), stable(2, [1])]),
        Row(testDescription: "the second had seen the first", seen: [wrote(0, 1), wrote(1, 2, over: 1), stable(2)]),
        Row(testDescription: "equal files", seen: [wrote(0, 1), wrote(1, 1), stable(1)]),
        Row(
            testDescription: "an edit beats a deletion",
            seen: [wrote(0, 1), stable(1), .deleted(device: 0, over: 1), wrote(1, 2, over: 1), stable(2)]),
        Row(
            testDescription: "a deletion of what was seen",
            seen: [wrote(0, 1), .deleted(device: 1, over: 1), stable(nil)]),
        Row(
            testDescription: "both delete",
            seen: [
                wrote(0, 1), stable(1), .deleted(device: 0, over: 1), .deleted(device: 1, over: 1), stable(nil),
            ]),
        Row(
            testDescription: "a copy stays when its winner is deleted",
            seen: [wrote(0, 1), wrote(1, 2), stable(1, [2]), .deleted(device: 1, over: 1), stable(nil, [2])]),
        Row(
            testDescription: "the first of two edits had met the other device's",
            seen: [wrote(0, 1), wrote(1, 2), wrote(0, 3, over: 1), stable(3, [1, 2])]),
        Row(
            testDescription: "who overwrites his own before anyone heard of it destroyed it himself",
            seen: [wrote(0, 1), wrote(1, 2), wrote(0, 3, over: 1), stable(3, [2])]),
        Row(
            testDescription: "what was seen is replaced, though its author has edited on",
            seen: [
                wrote(0, 1), wrote(1, 2, over: 1), wrote(0, 3, over: 1), stable(2, [3]),
            ]),
        Row(
            testDescription: "back to what it was before anyone looked",
            seen: [
                wrote(0, 1), stable(1), wrote(0, 2, over: 1), wrote(0, 1, over: 2), wrote(1, 3, over: 1), stable(3),
            ]),
        Row(
            testDescription: "written anew with what it held: no edit",
            seen: [wrote(0, 1), stable(1), wrote(0, 1, over: 1), wrote(1, 2, over: 1), stable(2)]),
        Row(
            testDescription: "written anew with what it held, where something else was on its way: an edit",
            seen: [wrote(0, 1), stable(1), wrote(1, 2, over: 1), wrote(0, 1, over: 1), stable(2, [1])]),
        Row(
            testDescription: "what its author overwrote had been told before he did",
            seen: [wrote(0, 1), wrote(0, 2, over: 1), wrote(1, 3), stable(2, [1, 3])]),
        Row(
            testDescription: "what lost to a file that was deleted then stays as a copy, too",
            seen: [wrote(0, 1), .deleted(device: 0, over: 1), wrote(1, 2), stable(2, [2])]),
        Row(
            testDescription: "what others wrote before is theirs",
            seen: [wrote(0, 1), wrote(1, 1), wrote(0, 2, over: 1), stable(2)]),
        Row(
            testDescription: "three at once",
            seen: [
                wrote(0, 1), wrote(1, 2), wrote(2, 3),
                .stable(values: [2, 2, 2], copies: [[1, 3], [1, 3], [1, 3]]),
            ], devices: 3),
    ]

    private static let unexplained = [
        Row(testDescription: "an overwritten value is lost", seen: [wrote(0, 1), wrote(1, 2), stable(1)]),
        Row(
            testDescription: "what an edit had not seen is lost",
            seen: [wrote(0, 1), stable(1), wrote(0, 2, over: 1), wrote(1, 3, over: 1), stable(3)]),
        Row(
            testDescription: "one of three is lost",
            seen: [
                wrote(0, 1), wrote(1, 2), wrote(2, 3), .stable(values: [2, 2, 2], copies: [[1], [1], [1]]),
            ], devices: 3),
        Row(
            testDescription: "a false conflict",
            seen: [wrote(0, 1), stable(1), wrote(1, 2, over: 1), stable(2, [1])]),
        Row(
            testDescription: "a false conflict of what was seen",
            seen: [wrote(0, 1), wrote(1, 2, over: 1), stable(2, [1])]),
        Row(testDescription: "a false conflict of equal files", seen: [wrote(0, 1), wrote(1, 1), stable(1, [1])]),
        Row(
            testDescription: "a deletion of what was seen is undone",
            seen: [wrote(0, 1), .deleted(device: 1, over: 1), stable(1)]),
        Row(
            testDescription: "a deleted file comes back after all is settled",
            seen: [wrote(0, 1), .deleted(device: 0, over: 1), stable(nil), .read(device: 1, value: 1)]),
        Row(
            testDescription: "an older value comes back after all is settled",
            seen: [wrote(0, 1), wrote(0, 2, over: 1), stable(2), wrote(1, 3, over: 1)]),
        Row(
            testDescription: "a deletion beats an edit",
            seen: [wrote(0, 1), stable(1), .deleted(device: 0, over: 1), wrote(1, 2, over: 1), stable(nil)]),
        Row(testDescription: "a file is lost", seen: [wrote(0, 1), stable(nil)]),
        Row(testDescription: "a value that nobody wrote", seen: [wrote(0, 1), .read(device: 1, value: 7)]),
        Row(testDescription: "a device forgets", seen: [wrote(0, 1), .read(device: 0, value: nil)]),
        Row(
            testDescription: "a device goes back",
            seen: [
                wrote(0, 1), stable(1), wrote(0, 2, over: 1), .read(device: 1, value: 2), .read(device: 1, value: 1),
            ]),
        Row(
            testDescription: "a copy is lost after all was settled",
            seen: [wrote(0, 1), wrote(1, 2), stable(1, [2]), wrote(0, 3, over: 1), stable(3)]),
        Row(
            testDescription: "in sync, they say, with other files",
            seen: [wrote(0, 1), wrote(1, 2), .stable(values: [1, 2], copies: [[2], [1]])]),
        Row(
            testDescription: "a copy on one device only",
            seen: [wrote(0, 1), wrote(1, 2), .stable(values: [1, 1], copies: [[2], []])]),
        Row(
            testDescription: "the winner changes",
            seen: [wrote(0, 1), wrote(1, 2), .read(device: 0, value: 2), .read(device: 0, value: 1)]),
    ]

    @Test(arguments: explained)
    func isExplained(row: Row) {
        let explanation = Self.explanation(row)
        #expect(explanation.failure == nil && !explanation.isUndecided)
    }

    @Test(arguments: unexplained)
    func isNotExplained(row: Row) {
        #expect(Self.explanation(row).failure != nil)
    }

    /// What is drawn stays within what can be followed: here with devices that hear of nothing until all is stable.
    @Test(arguments: [2, 3])
    func whatIsDrawnCanBeFollowed(devices: Int) {
        for seed in 0..<40 as Range<UInt64> {
            let actions = RandomActions.draw(seed: seed, devices: devices)
            #expect(actions == RandomActions.draw(seed: seed, devices: devices))
            #expect(actions.last == .stabilise)
            for part in actions.split(separator: .stabilise) {
                for path in Set(part.compactMap(\.path)) {
                    let explanation = alone(part.filter { $0.path == path }, devices: devices)
                    #expect(explanation.failure == nil && !explanation.isUndecided, "seed \(seed), \(part)")
                }
            }
        }
    }

    private func alone(_ actions: [Action], devices: Int) -> Explanation {
        var explanation = Explanation(devices: devices)
        var shown: [Int?] = Array(repeating: nil, count: devices)
        for action in actions {
            switch action {
            case .write(let device, _, let value):
                explanation.take(.wrote(device: device, value: value, over: shown[device]))
                shown[device] = value
            case .delete(let device, _):
                explanation.take(.deleted(device: device, over: shown[device]))
                shown[device] = nil
            case .read(let device, _): explanation.take(.read(device: device, value: shown[device]))
            case .pause, .cut, .join, .stabilise: break
            }
        }
        return explanation
    }
}
