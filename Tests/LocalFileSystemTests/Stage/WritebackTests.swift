import SeededRandom
import Testing

@testable import LocalFileSystem

@Suite struct WritebackTests {
    /// Never more than a step and one write wait for a beginning, and none comes before a step has.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func itBeginsOnceAStep(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var writeback = Writeback()
        var waiting: UInt64 = 0
        var begun = 0
        for _ in 0..<10_000 {
            let bytes = UInt64.random(in: 0...131_072, using: &random)
            waiting += bytes
            let isDue = writeback.isDue(after: bytes)
            #expect(isDue == (waiting >= Writeback.stepBytes))
            guard isDue else { continue }
            waiting = 0
            begun += 1
        }
        #expect(begun > 50)
    }

    @Test func aLongCopyIsOneBeginning() {
        var writeback = Writeback()
        let due = [5 << 30, 1, Writeback.stepBytes - 2, 1].map { writeback.isDue(after: $0) }
        #expect(due == [true, false, false, true])
    }
}
