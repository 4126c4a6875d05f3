import Simulation
import Testing

/// What one device does while nobody else does anything, no other one undoes: in the end the tree is what it made, with
/// its directories and without conflict copies.
@Suite struct LoneUserTests {
    /// Quickly, so that looks at the disk come in the midst of it.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func nobodyUndoesWhatOneDoesAlone(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = LoneUserHistory(seed: seed)
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }
}
