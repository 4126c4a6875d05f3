import SimulatedFolder
import Simulation
import Testing

/// The simulation itself: what it shows can be shown again, and made short.
@Suite struct SimulationTests {
    private func trace(_ history: any SimulatedHistory) -> [String] {
        var history = history
        history.world.trace = []
        _ = history.runOut()
        return history.world.trace ?? []
    }

    @Test(arguments: SimulatedScenario.allCases) func theSameSeedHasTheSameTrace(scenario: SimulatedScenario) {
        let first = trace(scenario.history(seed: 8))
        #expect(first.count > 100)
        let second = trace(scenario.history(seed: 8))
        #expect(zip(first, second).first { $0 != $1 } == nil)
        #expect(first.count == second.count)
    }

    @Test(arguments: [SimulatedScenario.powerLoss, .alone]) func allTurnsRepeatedAreTheHistory(
        scenario: SimulatedScenario
    ) {
        let repetition = Repetition(scenario, 5)
        #expect(repetition.turns.count >= 40)
        let (all, repeated) = (trace(scenario.history(seed: 5)), trace(repetition.history(only: repetition.turns)))
        #expect(zip(all, repeated).first { $0 != $1 } == nil)
        #expect(all.count == repeated.count)
        var history = repetition.history(only: [])
        #expect(history.runOut().isEmpty)
        #expect(history.world.incidents[.edits] == nil)
    }

    /// The other scenarios have theirs in `RandomFolderTests`.
    @Test(arguments: [SimulatedScenario.storms, .disks, .oldIndices, .clones, .removals]) func aShareHolds(
        scenario: SimulatedScenario
    ) {
        for seed in 90_000..<90_030 as Range<UInt64> {
            let failures = scenario.history(seed: seed).run()
            #expect(failures.isEmpty, "simulate \(seed) --scenario \(scenario.rawValue): \(failures.prefix(4))")
        }
    }

    @Test func whatCanBeLeftOutIsLeftOut() {
        var tried = 0
        var shrinking = Shrinking(attempts: 1_000)
        let found = shrinking.shrink(Array(0..<100)) { items in
            tried += 1
            return items.contains(17) && items.contains(64) && items.contains(65)
        }
        #expect(found == [17, 64, 65])
        #expect(tried < 150)
        var few = Shrinking(attempts: 5)
        #expect(few.shrink(Array(0..<100)) { $0.contains(17) }.contains(17))
    }
}
