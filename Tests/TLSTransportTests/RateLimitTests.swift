import Testing

@testable import TLSTransport

extension TransportTests {
    /// The budget by itself, on a clock of the test's.
    @Suite struct RateLimitTests {
        private static let second: UInt64 = 1_000_000_000

        @Test func zeroIsNoLimit() {
            let limit = RateLimit(bytesPerSecond: 0)
            limit.consume(1 << 40)
            #expect(limit.pausedUntil(nowNanoseconds: 0) == nil)
            #expect(!limit.isLimited)
        }

        @Test func aNegativeRateIsNoLimitEither() { #expect(!RateLimit(bytesPerSecond: -1).isLimited) }

        /// Whatever the pattern of asking: no more than the rate, what was saved up, and one piece.
        @Test(arguments: [1_000, 100_000, 10_000_000, 100_000_000], [1, 7, 1_000] as [UInt64])
        func theRateHolds(_ bytesPerSecond: Int, _ stepMilliseconds: UInt64) {
            let limit = RateLimit(bytesPerSecond: bytesPerSecond)
            let start = 100 * Self.second
            let seconds: UInt64 = 20
            var sent = 0
            var now = start
            while now < start + seconds * Self.second {
                while limit.pausedUntil(nowNanoseconds: now) == nil {
                    limit.consume(RateLimit.pieceBytes)
                    sent += RateLimit.pieceBytes
                }
                now += stepMilliseconds * 1_000_000
            }
            let saved = max(RateLimit.pieceBytes, bytesPerSecond / 10)
            #expect(sent <= bytesPerSecond * Int(seconds) + saved + RateLimit.pieceBytes)
            // Asked often enough, it gives what was promised.
            if stepMilliseconds == 1 { #expect(sent >= bytesPerSecond * Int(seconds - 1)) }
        }

        @Test func whoIsPausedIsToldWhenToAskAgainAndMayThenGo() throws {
            let limit = RateLimit(bytesPerSecond: 1_000_000)
            let now = 100 * Self.second
            while limit.pausedUntil(nowNanoseconds: now) == nil { limit.consume(RateLimit.pieceBytes) }
            let time = try #require(limit.pausedUntil(nowNanoseconds: now))
            #expect(time > now / 1_000_000 && time <= now / 1_000_000 + 200)
            #expect(limit.pausedUntil(nowNanoseconds: time * 1_000_000) == nil)
        }

        @Test func aRaisedRateHoldsAtOnce() {
            let limit = RateLimit(bytesPerSecond: 1)
            let now = 100 * Self.second
            _ = limit.pausedUntil(nowNanoseconds: now)
            limit.consume(1 << 20)
            #expect(limit.pausedUntil(nowNanoseconds: now) != nil)
            limit.set(bytesPerSecond: 1 << 30)
            #expect(limit.pausedUntil(nowNanoseconds: now + Self.second / 100) == nil)
            limit.set(bytesPerSecond: 0)
            #expect(limit.pausedUntil(nowNanoseconds: now) == nil)
        }

        @Test func aClockThatStandsStillGivesNothing() {
            let limit = RateLimit(bytesPerSecond: 1_000)
            let now = 100 * Self.second
            while limit.pausedUntil(nowNanoseconds: now) == nil { limit.consume(RateLimit.pieceBytes) }
            #expect(limit.pausedUntil(nowNanoseconds: now) != nil)
            #expect(limit.pausedUntil(nowNanoseconds: now - 1) != nil)
        }
    }
}
