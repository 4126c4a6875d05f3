internal import SyncModel

/// Appends numbers and byte strings in the compact form of our detail blobs.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 96) { bytes.reserveCapacity(capacity) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Small magnitudes of either sign in few bytes.
    mutating func signed(_ value: Int64) { number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    mutating func raw(_ value: Bytes32) { value.append(to: &bytes) }

    /// Length, then the bytes.
    mutating func string(_ value: [UInt8]) {
        number(UInt64(value.count))
        raw(value)
    }
}

/// Reads what `ByteWriter` wrote; anything else is damage.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw Self.short }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw IndexError.damaged("a number of more than 64 bits") }
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number that counts or measures something in memory: at most `limit`.
    mutating func count(limit: Int) throws -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw IndexError.damaged("a length of \(value), more than \(limit)") }
        return Int(value)
    }

    mutating func raw(_ count: Int) throws -> [UInt8] {
        guard bytes.count - position >= count else { throw Self.short }
        defer { position += count }
        return [UInt8](bytes[position..<position + count])
    }

    mutating func hash() throws -> Bytes32 {
        guard bytes.count - position >= 32 else { throw Self.short }
        defer { position += 32 }
        return Bytes32(UnsafeRawBufferPointer(rebasing: bytes[position..<position + 32]))
    }

    mutating func string(limit: Int) throws -> [UInt8] { try raw(try count(limit: limit)) }

    private static let short = IndexError.damaged("a value that ends early")
}
