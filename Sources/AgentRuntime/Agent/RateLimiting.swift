internal import ControlAPI
internal import SQLiteIndex
internal import SyncModel
internal import TLSTransport

/// The bounds that all connections share. They are kept in the store, and hold from the next piece of data on.
struct RateLimiting: Sendable {
    let send: RateLimit
    let receive: RateLimit
    private let kept: Monitor<RateLimits>

    init(_ store: DeviceStore) throws(IndexError) {
        let limits = RateLimits(
            sendBytesPerSecond: try store.setting(Self.sendKey).flatMap { UInt64($0) },
            receiveBytesPerSecond: try store.setting(Self.receiveKey).flatMap { UInt64($0) })
        send = RateLimit(bytesPerSecond: Self.number(limits.sendBytesPerSecond))
        receive = RateLimit(bytesPerSecond: Self.number(limits.receiveBytesPerSecond))
        kept = Monitor(limits)
    }

    var current: RateLimits { kept.withLock { $0 } }

    /// - Throws: `.refused` for a bound so low that peers would take this device for gone.
    static func check(_ limits: RateLimits) throws(ControlError) {
        for limit in [limits.sendBytesPerSecond, limits.receiveBytesPerSecond] {
            guard let limit, limit < Limits.rateLimitLeast else { continue }
            throw ControlError(
                .refused,
                """
                \(limit) bytes a second are too few to stay connected: \(Limits.rateLimitLeast) are the least; to stop \
                a folder for a while, use: lanyard folder pause NAME
                """)
        }
    }

    /// Takes them into use. What is stored is the caller's matter.
    func hold(_ limits: RateLimits) {
        kept.withLock { $0 = limits }
        send.set(bytesPerSecond: Self.number(limits.sendBytesPerSecond))
        receive.set(bytesPerSecond: Self.number(limits.receiveBytesPerSecond))
    }

    /// What the store keeps.
    static func settings(_ limits: RateLimits) -> [(key: String, value: String?)] {
        [
            (sendKey, limits.sendBytesPerSecond.map { String($0) }),
            (receiveKey, limits.receiveBytesPerSecond.map { String($0) }),
        ]
    }

    private static let sendKey = "send-limit"
    private static let receiveKey = "receive-limit"

    /// 0 is no limit; what no link reaches is none either.
    private static func number(_ limit: UInt64?) -> Int { limit.flatMap { Int(exactly: $0) } ?? 0 }
}
