public import SyncModel

/// Sixteen bytes held inline: invite identifiers and the short digests of repair.
public struct Bytes16: Hashable, Comparable, Sendable {
    /// The first and the last eight bytes, most significant first.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// The first sixteen of thirty-two bytes.
    public init(first bytes: Bytes32) {
        high = bytes.prefix
        low = bytes.bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Nil unless there are exactly sixteen bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        self.init(high: words.0, low: words.1)
    }

    public var bytes: [UInt8] {
        high.bigEndianBytes + low.bigEndianBytes
    }

    public static func < (left: Bytes16, right: Bytes16) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
