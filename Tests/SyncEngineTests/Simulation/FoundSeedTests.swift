import Simulation
import Testing

/// Seeds of `simulate` with which something was wrong once. What was wrong stands with each; where it can be said
/// without a history, another test says it.
@Suite struct FoundSeedTests {
    @Test(
        arguments: [
            // A second edit of a file in the place of a directory was told by nobody (`PathReaderTests`).
            (SimulatedScenario.alone, 154),
            // The same, after the directory's end had come into the index between.
            (.alone, 4_914),
            // A directory had gone where nobody told of one: what others made in it waited (`MoveFinderTests`).
            (.rearranging, 541),
            // Of two ends of a file one was told to be gone before the content was at the other.
            (.failures, 3_883),
            // A person removed a file that a failed flush had torn, and the check took that for a loss.
            (.failures, 455),
            // A directory that a person made in the place of a file was taken for the one that a wave was to make
            // (`ApplierTests`).
            (.reading, 942),
            // What was placed and not flushed before the index was lost was acknowledged.
            (.lostIndices, 67),
        ] as [(SimulatedScenario, UInt64)])
    func nothingIsWrong(scenario: SimulatedScenario, seed: UInt64) {
        let failures = scenario.history(seed: seed).run()
        #expect(failures.isEmpty, "simulate \(seed) --scenario \(scenario.rawValue): \(failures.prefix(4))")
    }
}
