/// What a side can do beyond the least that version 1 asks. Unknown bits are kept and mean nothing.
public struct Capabilities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Small contents may travel inside index batches.
    public static let inlineContent = Capabilities(rawValue: 1 << 0)
    /// Frames may travel compressed (`CompressedFrames`).
    public static let zstd = Capabilities(rawValue: 1 << 2)
}

/// The first message of both sides. Its layout never changes: later versions use its extension area.
public struct Hello: Hashable, Sendable {
    /// The highest version of this protocol that the sender speaks.
    public var protocolVersion: UInt32
    /// The lowest that it accepts.
    public var oldestVersion: UInt32
    /// For people and logs, such as `lanyard 0.1.0`; at most `Limits.textBytes`.
    public var agentVersion: String
    /// At most `Limits.deviceNameBytes`.
    public var deviceName: String
    public var capabilities: Capabilities
    /// Where the sender accepts connections: text of network addresses, at most `Limits.addresses`.
    public var listen: [String]
    /// Grows with every start of the agent, so that a connection of an earlier run can be told from one of this run.
    public var generation: UInt64
    /// Whether the sender takes the receiver for a paired device. `PeerSession` sets it.
    public var isPaired: Bool

    public init(
        protocolVersion: UInt32 = WireVersion.newest, oldestVersion: UInt32 = WireVersion.oldest, agentVersion: String,
        deviceName: String, capabilities: Capabilities, listen: [String], generation: UInt64,
        isPaired: Bool = false
    ) {
        self.protocolVersion = protocolVersion
        self.oldestVersion = oldestVersion
        self.agentVersion = agentVersion
        self.deviceName = deviceName
        self.capabilities = capabilities
        self.listen = listen
        self.generation = generation
        self.isPaired = isPaired
    }
}

/// The versions of this protocol that this module speaks.
public enum WireVersion {
    public static let newest: UInt32 = 1
    public static let oldest: UInt32 = 1

    /// The version that two sides use: the highest that both speak, or nil if they have none in common.
    public static func agreed(_ left: Hello, _ right: Hello) -> UInt32? {
        let version = min(left.protocolVersion, right.protocolVersion)
        return version >= max(left.oldestVersion, right.oldestVersion) ? version : nil
    }
}

/// Why a connection ends.
public enum CloseCode: UInt8, Hashable, Sendable, CaseIterable {
    /// The agent stops.
    case goingAway = 1
    /// Another connection of the two devices is kept.
    case duplicate = 2
    /// No common protocol version.
    case version = 3
    /// The other side broke the protocol; the text says how.
    case protocolError = 4
    /// The two devices are not paired, or no longer.
    case notPaired = 5
    /// Nothing was heard for `Limits.silenceMilliseconds`.
    case timeout = 6
    /// Too many connections, attempts or requests.
    case overloaded = 7
    /// What the connection was opened for, such as joining, is done.
    case done = 8
}

/// The last message of a connection.
public struct Close: Hashable, Sendable {
    public var code: CloseCode
    /// One sentence for people, at most `Limits.textBytes`.
    public var text: String

    public init(code: CloseCode, text: String) { (self.code, self.text) = (code, text) }
}
