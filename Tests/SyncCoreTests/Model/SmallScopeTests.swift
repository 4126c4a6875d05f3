import SmallScope
import Testing

/// Every history of few devices and paths up to a depth. `small-scope` goes deeper (`Tests/README.md`).
@Suite struct SmallScopeTests {
    struct Scope: CustomTestStringConvertible, Sendable {
        let devices: Int
        let paths: Int
        let depth: Int
        var isReversed = false
        /// Of histories of exactly that depth: they are what is promised, and no fewer.
        let histories: UInt64

        var testDescription: String {
            "\(devices) devices, \(paths) paths, \(depth) events\(isReversed ? ", reversed" : "")"
        }
    }

    @Test(arguments: [
        Scope(devices: 2, paths: 1, depth: 4, histories: 5_660),
        Scope(devices: 2, paths: 1, depth: 4, isReversed: true, histories: 5_660),
        Scope(devices: 2, paths: 2, depth: 3, histories: 3_244),
        Scope(devices: 3, paths: 1, depth: 4, histories: 13_104),
        Scope(devices: 3, paths: 2, depth: 3, histories: 4_196),
    ])
    func theLawsHoldInEveryHistory(scope: Scope) {
        var all = SmallScope(devices: scope.devices, paths: scope.paths, isReversed: scope.isReversed)
        all.run(depth: scope.depth)
        for failure in all.failures { Issue.record("\(failure.history): \(failure.broken)") }
        #expect(all.known.isEmpty, "\(all.known)")
        #expect(all.counts.last?.histories == scope.histories)
    }

    /// What is known not to hold (`Limitation`), in the shortest histories that show it.
    @Test(
        arguments: [
            (
                Limitation.bothSidesDeleted, 2,
                [
                    .write(0, path: 0, .greater), .write(1, path: 0, .greater), .hear(0, from: 1), .delete(1, path: 0),
                    .take(1, from: 0), .delete(0, path: 0),
                ]
            ),
            (
                .deletedAmongThree, 3,
                [
                    .write(0, path: 0, .greater), .write(1, path: 0, .greater), .take(0, from: 1), .delete(1, path: 0),
                    .write(2, path: 0, .smaller),
                ]
            ),
            (
                .followedAMove, 2,
                [
                    .write(0, path: 0, .greater), .write(1, path: 0, .greater), .hear(0, from: 1),
                    .rename(0, from: 0, to: 1), .delete(1, path: 0),
                ]
            ),
        ] as [(Limitation, Int, [ScopeEvent])])
    func aDeletedSideOfAConflictComesBack(limitation: Limitation, devices: Int, history: [ScopeEvent]) {
        var world = SmallWorld(devices: devices)
        for event in history where !world.happen(event) { Issue.record("nothing happened: \(event)") }
        let verdict = world.verdict(paths: 2)
        #expect(verdict.broken.isEmpty && verdict.known == [limitation], "\(verdict)")
    }
}
