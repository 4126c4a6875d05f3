/// When to try again, on the clock that the caller supplies (monotonic milliseconds).
struct Retry: Hashable, Sendable {
    private let leastMilliseconds: UInt64
    private let greatestMilliseconds: UInt64
    private var delayMilliseconds: UInt64
    /// When the next attempt is due; nil while none is.
    private(set) var due: UInt64?

    init(leastMilliseconds: UInt64 = 500, greatestMilliseconds: UInt64 = 30_000) {
        self.leastMilliseconds = leastMilliseconds
        self.greatestMilliseconds = greatestMilliseconds
        delayMilliseconds = leastMilliseconds
    }

    /// An attempt failed: the next one after twice the pause of the last.
    mutating func failed(now: UInt64) {
        due = now + delayMilliseconds
        delayMilliseconds = min(delayMilliseconds * 2, greatestMilliseconds)
    }

    /// Whether an attempt is due; it then no longer is.
    mutating func take(now: UInt64) -> Bool {
        guard let moment = due, moment <= now else { return false }
        due = nil
        return true
    }

    mutating func succeeded() {
        due = nil
        delayMilliseconds = leastMilliseconds
    }
}
