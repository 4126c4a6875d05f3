/// The time and the chance that go with an event: the machine has neither clock nor randomness of its own.
public struct Moment: Hashable, Sendable {
    /// Of a clock that never steps back, and that goes on while the machine is suspended.
    public var monotonicNanoseconds: UInt64
    /// Since 1970, as the wall clock has it: for people and for history's names, never for a decision between devices.
    public var unixSeconds: Int64
    /// Sixty-four random bits, fresh for each event.
    public var random: UInt64

    public init(monotonicNanoseconds: UInt64, unixSeconds: Int64, random: UInt64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.unixSeconds = unixSeconds
        self.random = random
    }
}

/// A connection of this run of the agent; never used again.
public struct ConnectionID: Hashable, Comparable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static func < (left: ConnectionID, right: ConnectionID) -> Bool { left.number < right.number }
}

/// A call of a person or script that is answered once (`reply`).
public struct CommandID: Hashable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}

/// Something that the machine asked for and awaits the outcome of.
public struct Ticket: Hashable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}
