/// The time of a metadata change: a Lamport counter of 48 bits and the device that made it, so that the last
/// writer wins without any clock (rule 3).
public struct Stamp: Hashable, Comparable, Sendable {
    public let counter: UInt64
    public let device: DeviceID

    public init(counter: UInt64, device: DeviceID) { (self.counter, self.device) = (counter, device) }

    public static func < (left: Stamp, right: Stamp) -> Bool {
        left.counter == right.counter ? left.device < right.device : left.counter < right.counter
    }
}

/// A value and when it was last set.
public struct Stamped<Value: Hashable & Sendable>: Hashable, Sendable {
    public var value: Value
    public var stamp: Stamp

    public init(_ value: Value, at stamp: Stamp) { (self.value, self.stamp) = (value, stamp) }

    /// The one set later. Equal stamps carry equal values, unless a peer lies.
    public func latest(_ other: Stamped) -> Stamped { stamp < other.stamp ? other : self }
}

/// A point in time as file systems know it: seconds since 1970 (may be negative) and nanoseconds (0 ..< 10^9).
public struct Timestamp: Hashable, Comparable, Sendable {
    public let seconds: Int64
    public let nanoseconds: UInt32

    /// Nanoseconds must be below 10^9.
    public init(seconds: Int64, nanoseconds: UInt32) {
        precondition(nanoseconds < 1_000_000_000)
        (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
