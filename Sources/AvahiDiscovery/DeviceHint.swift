internal import Cryptography
public import SyncModel

/// A public random number that a device draws anew from time to time, so that its hint changes.
public struct HintSalt: Hashable, Sendable, CustomStringConvertible {
    /// Sixteen bytes.
    public let bytes: [UInt8]

    /// Nil unless there are exactly sixteen bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// A salt drawn by the system's generator.
    public static func random() -> HintSalt { HintSalt(trusted: SecureRandom.bytes(16)) }

    private init(trusted bytes: [UInt8]) { self.bytes = bytes }

    /// 32 hexadecimal digits.
    public var description: String { Hexadecimal.encode(bytes) }
}

/// What a device announces of its identity: a salt and a tag that only those who know its DeviceID can connect with
/// it. Tag = the first sixteen bytes of HMAC-SHA256(key: DeviceID, message: "lanyard hint 1" ‖ salt).
///
/// A hint proves nothing: anyone on the network can repeat one. It says whom to try to connect to, no more.
public struct DeviceHint: Hashable, Sendable, CustomStringConvertible {
    public let salt: HintSalt
    /// Sixteen bytes.
    public let tag: [UInt8]

    /// The hint of `device` under `salt`.
    public init(of device: DeviceID, salt: HintSalt) {
        let message = Array("lanyard hint 1".utf8) + salt.bytes
        self.salt = salt
        tag = Array(HMACSHA256.authenticate(message, key: device.raw.bytes).bytes.prefix(16))
    }

    /// Nil unless `tag` has exactly sixteen bytes.
    public init?(salt: HintSalt, tag: some Collection<UInt8>) {
        guard tag.count == 16 else { return nil }
        self.salt = salt
        self.tag = Array(tag)
    }

    /// Whether it is a hint of `device`: one HMAC.
    public func matches(_ device: DeviceID) -> Bool { DeviceHint(of: device, salt: salt) == self }

    /// The tag as 32 hexadecimal digits.
    public var description: String { Hexadecimal.encode(tag) }
}
