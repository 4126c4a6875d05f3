/// Exponential back-off between attempts: 1 s, 2 s, 4 s … 60 s, each shortened by up to half by jitter, so that devices
/// that lost the same network do not return in step. Time and randomness are parameters.
public struct Backoff: Hashable, Sendable {
    /// Nanoseconds of the first delay before jitter.
    public static let leastNanoseconds: UInt64 = 1_000_000_000
    /// Nanoseconds that no delay exceeds.
    public static let greatestNanoseconds: UInt64 = 60_000_000_000
    /// A connection that lived this long worked: the next delay is the first again. A shorter one counts as a failure,
    /// or a peer that accepts and drops would be called in a tight loop.
    public static let provenNanoseconds: UInt64 = 30_000_000_000

    /// Attempts that failed since the last reset.
    public private(set) var failures: UInt32 = 0

    public init() {}

    /// An attempt failed: nanoseconds to wait before the next. `jitter` is any random number.
    public mutating func failed(jitter: UInt64) -> UInt64 {
        let doublings = min(failures, 6)
        failures = failures == .max ? failures : failures + 1
        let full = min(Self.leastNanoseconds << UInt64(doublings), Self.greatestNanoseconds)
        let half = full / 2
        return half + jitter % (full - half + 1)
    }

    /// A connection ended that had lived `livedNanoseconds`: nanoseconds to wait before the next attempt.
    public mutating func ended(livedNanoseconds: UInt64, jitter: UInt64) -> UInt64 {
        if livedNanoseconds >= Self.provenNanoseconds { reset() }
        return failed(jitter: jitter)
    }

    /// Forgets the failures: the peer was discovered or called us, its address or the network changed, this device woke
    /// up, or a person asked.
    public mutating func reset() { failures = 0 }
}
