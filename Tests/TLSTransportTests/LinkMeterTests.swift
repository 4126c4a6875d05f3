import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// Looks as a kernel gives them, on a clock of the test's.
    @Suite struct LinkMeterTests {
        private static let millisecond: UInt64 = 1_000_000

        /// A look after so many milliseconds and so many acknowledged KiB.
        private func look(_ milliseconds: UInt64, _ kibibytes: UInt64, unsent: Int, limited: UInt64 = 0)
            -> LinkMeter.Look
        {
            LinkMeter.Look(
                nanoseconds: milliseconds * Self.millisecond, acknowledgedBytes: kibibytes << 10, unsentBytes: unsent,
                peerLimitedNanoseconds: limited * Self.millisecond)
        }

        private func meter(_ looks: LinkMeter.Look...) -> UInt64 {
            var meter = LinkMeter()
            for look in looks { meter.take(look) }
            return meter.bytesPerSecond
        }

        @Test func withoutALookItIsAssumed() {
            #expect(meter() == Limits.assumedLinkBytesPerSecond)
            #expect(meter(look(5, 900, unsent: 7)) == Limits.assumedLinkBytesPerSecond)
        }

        @Test func whereBytesWaitTheLinkIsMeasured() {
            #expect(meter(look(0, 0, unsent: 0), look(100, 1_024, unsent: 9)) == 10_485_760)
            // The first measurement counts by itself, later ones for a half.
            #expect(
                meter(look(0, 0, unsent: 9), look(100, 1_024, unsent: 9), look(150, 2_048, unsent: 9)) == 15_728_640)
        }

        @Test func whatFollowsAPauseIsMeasuredByItself() {
            let looks = [
                look(0, 0, unsent: 0), look(1, 10, unsent: 0), look(60_000, 20, unsent: 0),
                look(60_100, 1_044, unsent: 9),
            ]
            #expect(meter(looks[0], looks[1], looks[2], looks[3]) == 10_485_760)
        }

        @Test func aFewBytesAreWaitedForToBecomeMore() {
            let few = look(1, 63, unsent: 9)
            #expect(meter(look(0, 0, unsent: 0), few) == Limits.assumedLinkBytesPerSecond)
            #expect(meter(look(0, 0, unsent: 0), few, look(100, 1_024, unsent: 9)) == 10_485_760)
        }

        @Test func whereNoneWaitTheLinkIsTakenForFasterEachTime() {
            let rate = Limits.assumedLinkBytesPerSecond
            #expect(meter(look(0, 0, unsent: 0), look(1_000, 64, unsent: 0)) == rate / 4 * 5)
            #expect(
                meter(look(0, 0, unsent: 0), look(1_000, 64, unsent: 0), look(2_000, 128, unsent: 0))
                    == rate / 4 * 5 / 4 * 5)
            // It takes at least what it took.
            #expect(meter(look(0, 0, unsent: 0), look(1, 1_024, unsent: 0)) == 1_048_576_000)
        }

        /// A link that was slow for a moment is not taken for slow for long.
        @Test func aFastLinkIsKnownAfterSomeFrames() {
            var meter = LinkMeter()
            meter.take(look(0, 0, unsent: 0))
            meter.take(look(1_000, 256, unsent: 9))
            #expect(meter.bytesPerSecond < 1_000_000)
            var frames: UInt64 = 0
            while meter.bytesPerSecond < 100_000_000 {
                frames += 1
                meter.take(look(1_000 + frames * 20, 256 + frames * 256, unsent: 0))
            }
            #expect(frames < 24)
        }

        /// A peer that takes little has a limit, or much to do: compression must be cheap beside it.
        @Test func aPeerThatTakesNoMoreIsNotTheLink() {
            #expect(meter(look(0, 0, unsent: 9), look(100, 1_024, unsent: 9, limited: 51)) == 8 * 10_485_760)
            #expect(meter(look(0, 0, unsent: 9), look(100, 1_024, unsent: 9, limited: 50)) == 10_485_760)
        }

        @Test func oddLooksAreNoTrouble() {
            let rate = Limits.assumedLinkBytesPerSecond
            #expect(meter(look(5, 500, unsent: 9), look(5, 5_000, unsent: 9)) == rate)
            #expect(meter(look(5, 500, unsent: 9), look(9, 0, unsent: 9)) == rate)
            let far = LinkMeter.Look(
                nanoseconds: 5_000_001, acknowledgedBytes: .max, unsentBytes: 0, peerLimitedNanoseconds: 0)
            #expect(meter(look(5, 0, unsent: 0), far, far) == 1 << 40)
        }
    }
}
