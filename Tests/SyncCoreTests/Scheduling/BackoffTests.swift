import ModelFolder
import SeededRandom
import SyncCore
import Testing

@Suite struct BackoffTests {
    private let second: UInt64 = 1_000_000_000

    @Test func delaysDoubleUpToAMinute() {
        var backoff = Backoff()
        // The jitter that leaves the delay at its full length: the remainder is half of it.
        let delays = [1, 2, 4, 8, 16, 32, 60, 60].map { full in backoff.failed(jitter: full * second / 2) / second }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60])
    }

    @Test(arguments: 0..<20)
    func jitterStaysWithinHalf(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var backoff = Backoff()
        for full in [1, 2, 4, 8, 16, 32, 60, 60, 60] as [UInt64] {
            let delay = backoff.failed(jitter: generator.next())
            #expect(delay >= full * second / 2 && delay <= full * second)
        }
    }

    @Test func jitterMatters() {
        var first = Backoff()
        var other = Backoff()
        #expect(first.failed(jitter: 1) != other.failed(jitter: 2))
    }

    @Test func aProvenConnectionResets() {
        var backoff = Backoff()
        for _ in 0..<5 { _ = backoff.failed(jitter: 0) }
        #expect(backoff.ended(livedNanoseconds: Backoff.provenNanoseconds, jitter: 0) == second / 2)
    }

    @Test func aShortConnectionCountsAsFailure() {
        var backoff = Backoff()
        _ = backoff.failed(jitter: 0)
        #expect(backoff.ended(livedNanoseconds: Backoff.provenNanoseconds - 1, jitter: 0) == second)
        #expect(backoff.failures == 2)
    }

    @Test func resetForgets() {
        var backoff = Backoff()
        _ = backoff.failed(jitter: 0)
        backoff.reset()
        #expect(backoff == Backoff())
    }
}
