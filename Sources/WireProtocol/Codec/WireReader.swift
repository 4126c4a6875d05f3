import SyncModel

/// Reads a payload from front to back. No read goes past the end, and nothing is allocated that the remaining bytes
/// could not fill.
struct WireReader {
    let bytes: [UInt8]
    private(set) var offset: Int
    let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    var remaining: Int { end - offset }

    func failure(_ code: WireError.Code, _ message: String) -> WireError { WireError(code, at: offset, message) }

    /// Moves over `count` bytes and gives the offset at which they begin.
    mutating func advance(_ count: Int, _ what: StaticString) throws(WireError) -> Int {
        guard count <= end - offset else { throw failure(.truncated, "The message ends inside the \(what).") }
        defer { offset += count }
        return offset
    }

    mutating func byte(_ what: StaticString) throws(WireError) -> UInt8 {
        guard offset < end else { throw failure(.truncated, "The message ends before the \(what).") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A fixed-width number, most significant byte first.
    mutating func fixed<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type, _ what: StaticString
    ) throws(WireError) -> Number {
        let start = try advance(Number.bitWidth / 8, what)
        var number: Number = 0
        for index in start..<offset { number = number << 8 | Number(truncatingIfNeeded: bytes[index]) }
        return number
    }

    /// LEB128, at most ten bytes, the shortest form only, and at most `limit`.
    mutating func varint(_ limit: UInt64, _ what: StaticString) throws(WireError) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte(what)
            guard shift < 63 || next <= 1 else { throw failure(.notCanonical, "The \(what) has more than 64 bits.") }
            number |= UInt64(next & 0x7f) << shift
            if next & 0x80 == 0 {
                guard next != 0 || shift == 0 else {
                    throw failure(.notCanonical, "The \(what) is written longer than needed.")
                }
                break
            }
            shift += 7
        }
        guard number <= limit else { throw failure(.overLimit, "The \(what) is \(number), above \(limit).") }
        return number
    }

    /// A number of bytes or items: bounded by `limit` and by what the remaining bytes can hold.
    mutating func count(_ limit: Int, least: Int = 1, _ what: StaticString) throws(WireError) -> Int {
        let count = Int(try varint(UInt64(limit), what))
        guard count <= remaining / least else {
            throw failure(.truncated, "The message is too short for \(count) of \(what).")
        }
        return count
    }

    /// So many items, each of at least `least` bytes.
    mutating func list<Item>(
        _ limit: Int, least: Int, _ what: StaticString,
        _ item: (inout WireReader) throws(WireError) -> Item
    ) throws(WireError) -> [Item] {
        let count = try count(limit, least: least, what)
        var items: [Item] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try item(&self)) }
        return items
    }

    /// Like `list`, ascending by `key`, each once.
    mutating func ascending<Item, Key: Comparable>(
        _ limit: Int, least: Int, _ what: StaticString, by key: (Item) -> Key,
        _ item: (inout WireReader) throws(WireError) -> Item
    ) throws(WireError) -> [Item] {
        let items = try list(limit, least: least, what, item)
        for index in items.indices.dropFirst() where !(key(items[index - 1]) < key(items[index])) {
            throw failure(.notAscending, "The \(what) do not ascend, or one is there twice.")
        }
        return items
    }

    /// A part of the payload, not copied.
    mutating func slice(_ limit: Int, _ what: StaticString) throws(WireError) -> ArraySlice<UInt8> {
        let count = try count(limit, what)
        let start = try advance(count, what)
        return bytes[start..<offset]
    }

    /// The extension area: a length in bytes, then tag, length and bytes of each, tags ascending. None is known to this
    /// version: even tags are passed over, odd ones refuse the message.
    mutating func extensions() throws(WireError) {
        let length = try count(Limits.extensionBytes, "extension area")
        let areaEnd = offset + length
        var last: UInt64 = 0
        while offset < areaEnd {
            let tag = try varint(.max, "extension tag")
            guard tag > last else { throw failure(.notAscending, "The extension tags do not ascend from 1.") }
            last = tag
            guard tag.isMultiple(of: 2) else {
                throw failure(.unknownExtension, "The extension \(tag) is not known and must not be passed over.")
            }
            let bytes = try count(Limits.extensionBytes, "extension")
            _ = try advance(bytes, "extension")
        }
        guard offset == areaEnd else { throw failure(.inconsistent, "An extension goes past the extension area.") }
    }

    /// The end of a message: its extension area, and nothing after it.
    mutating func finish() throws(WireError) {
        try extensions()
        try finishBytes()
    }

    func finishBytes() throws(WireError) {
        guard offset == end else { throw failure(.trailingBytes, "\(remaining) bytes follow the last field.") }
    }
}
