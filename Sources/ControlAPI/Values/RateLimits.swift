/// What all connections together may move: question and answer of `limit`.
public struct RateLimits: Hashable, Sendable, Codable {
    /// Null: no bound. Contents and records wait for it; what keeps connections and people going never does.
    @NullWhenAbsent public var sendBytesPerSecond: UInt64?
    @NullWhenAbsent public var receiveBytesPerSecond: UInt64?

    public init(sendBytesPerSecond: UInt64? = nil, receiveBytesPerSecond: UInt64? = nil) {
        self.sendBytesPerSecond = sendBytesPerSecond
        self.receiveBytesPerSecond = receiveBytesPerSecond
    }
}
