/// Takes values off the front of an input, so that one input stands for several: whatever the bytes are.
struct Pieces {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isEmpty: Bool { rest.isEmpty }

    /// 0 at the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// Two bytes of length, big-endian, and so many bytes, or all that are left.
    mutating func piece() -> [UInt8] {
        let count = Int(byte()) << 8 | Int(byte())
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// What `piece` takes off again.
    static func piece(_ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count <= 0xffff, "a piece has at most 65535 bytes")
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
    }
}
