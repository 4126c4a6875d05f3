/// Cutting of names by bytes.
enum UTF8Cut {
    /// The longest prefix of at most `limit` bytes that splits no character, where `bytes` is valid UTF-8; of any other
    /// bytes the first `limit`.
    static func prefix(_ bytes: ArraySlice<UInt8>, bytes limit: Int) -> ArraySlice<UInt8> {
        guard bytes.count > limit else { return bytes }
        guard limit > 0 else { return bytes.prefix(0) }
        let cut = bytes.startIndex + limit
        guard String(validating: bytes, as: UTF8.self) != nil else { return bytes[..<cut] }
        var end = cut
        while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return bytes[..<end]
    }
}
