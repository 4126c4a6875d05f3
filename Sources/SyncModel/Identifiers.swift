/// A device's identity: the SHA-256 of its public key info (DER `SubjectPublicKeyInfo`).
public struct DeviceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let raw: Bytes32

    public init(_ raw: Bytes32) { self.raw = raw }

    /// From 64 hexadecimal digits; hyphens between groups are passed over. Nil if it is anything else.
    public init?(text: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(String(text.filter { $0 != "-" })), let raw = Bytes32(bytes) else {
            return nil
        }
        self.raw = raw
    }

    /// 64 hexadecimal digits.
    public var description: String { Hexadecimal.encode(raw.bytes) }

    /// The first three groups of four digits: enough for a person to tell devices apart, not to trust one.
    public var short: String {
        let digits = Array(description.prefix(12))
        return [digits[0..<4], digits[4..<8], digits[8..<12]].map { String($0) }.joined(separator: "-")
    }

    public static func < (left: DeviceID, right: DeviceID) -> Bool { left.raw < right.raw }
}

/// A folder's identity: sixteen random bytes, drawn when the folder is first shared.
public struct FolderID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// Nil unless there are exactly sixteen bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        self.init(high: words.0, low: words.1)
    }

    /// From 32 hexadecimal digits.
    public init?(text: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes)
    }

    public var bytes: [UInt8] {
        high.bigEndianBytes + low.bigEndianBytes
    }

    public var description: String { Hexadecimal.encode(bytes) }

    public static func < (left: FolderID, right: FolderID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// The identity of a file's content: SHA-256 of its bytes for a file of one chunk, and otherwise the root of
/// its chunk list (see the Chunking page). Meaningful together with the size.
public struct ContentHash: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let raw: Bytes32

    public init(_ raw: Bytes32) { self.raw = raw }

    public var description: String { Hexadecimal.encode(raw.bytes) }

    public static func < (left: ContentHash, right: ContentHash) -> Bool { left.raw < right.raw }
}

/// A random number drawn at an index database's birth, or when a rollback of it was detected. Sequences and
/// edit counters are only comparable within one epoch (rules 1 and 9).
public struct IndexEpoch: Hashable, Comparable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static func < (left: IndexEpoch, right: IndexEpoch) -> Bool { left.number < right.number }
}

/// A position in a device's index log of one folder; the first record has 1, and 0 means "nothing yet".
public typealias IndexSequence = UInt64
