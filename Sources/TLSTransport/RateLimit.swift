/// A budget of bytes a second that any number of connections may share (token bucket).
///
/// A connection goes on while the balance is positive and may overdraw it by one piece (16 KiB); then it pauses until
/// the balance is positive again. Control frames are counted and never wait.
public final class RateLimit: Sendable {
    private struct State {
        var bytesPerSecond: Int
        var balance: Int
        var updatedNanoseconds: UInt64
    }

    /// What one write or read may take while a limit holds.
    static let pieceBytes = 16 << 10
    private let monitor: Monitor<State>

    /// `bytesPerSecond` 0 is no limit.
    public init(bytesPerSecond: Int) {
        monitor = Monitor(State(bytesPerSecond: max(0, bytesPerSecond), balance: 0, updatedNanoseconds: 0))
    }

    /// Holds from the next piece on.
    public func set(bytesPerSecond: Int) {
        monitor.withLock { $0.bytesPerSecond = max(0, bytesPerSecond) }
    }

    /// Nil if bytes may go now, otherwise the time (`MonotonicClock` milliseconds) at which to ask again.
    func pausedUntil(nowNanoseconds now: UInt64) -> UInt64? {
        monitor.withLock { state in
            guard state.bytesPerSecond > 0 else { return nil }
            Self.refill(&state, now)
            guard state.balance <= 0 else { return nil }
            // The rate may be raised while one waits, so no wait is long.
            let milliseconds = min(200, 1 + UInt64(1 - state.balance) * 1_000 / UInt64(state.bytesPerSecond))
            return now / 1_000_000 + milliseconds
        }
    }

    /// Whether pieces should be small.
    var isLimited: Bool { bytesPerSecond > 0 }

    /// 0 is no limit.
    var bytesPerSecond: Int { monitor.withLock { $0.bytesPerSecond } }

    func consume(_ bytes: Int) {
        monitor.withLock { state in
            if state.bytesPerSecond > 0 { state.balance -= bytes }
        }
    }

    /// A tenth of a second's bytes, at least one piece, may be saved up.
    private static func refill(_ state: inout State, _ now: UInt64) {
        let most = max(pieceBytes, state.bytesPerSecond / 10)
        let elapsed = min(now - min(now, state.updatedNanoseconds), 10_000_000_000)
        let (whole, part) = (elapsed / 1_000_000_000, elapsed % 1_000_000_000)
        let rate = UInt64(state.bytesPerSecond)
        let gained = rate * whole + (rate * part) / 1_000_000_000
        // Time too short for one byte is kept for the next call.
        guard gained > 0 else { return }
        state.balance = min(most, state.balance + Int(clamping: gained))
        state.updatedNanoseconds = now
    }
}
