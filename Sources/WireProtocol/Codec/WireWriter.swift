import SyncModel

/// Writes a payload. It refuses what `WireReader` would refuse, so that a fault is found at its sender.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    func failure(_ code: WireError.Code, _ message: String) -> WireError {
        WireError(code, at: bytes.count, message)
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    mutating func fixed(_ value: some FixedWidthInteger & UnsignedInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// LEB128, the shortest form.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func varint(_ value: UInt64, _ limit: UInt64, _ what: StaticString) throws(WireError) {
        guard value <= limit else { throw failure(.overLimit, "The \(what) is \(value), above \(limit).") }
        varint(value)
    }

    mutating func count(_ value: Int, _ limit: Int, _ what: StaticString) throws(WireError) {
        try varint(UInt64(value), UInt64(limit), what)
    }

    mutating func list<Item>(
        _ items: [Item], _ limit: Int, _ what: StaticString,
        _ item: (inout WireWriter, Item) throws(WireError) -> Void
    ) throws(WireError) {
        try count(items.count, limit, what)
        for element in items { try item(&self, element) }
    }

    mutating func ascending<Item, Key: Comparable>(
        _ items: [Item], _ limit: Int, _ what: StaticString, by key: (Item) -> Key,
        _ item: (inout WireWriter, Item) throws(WireError) -> Void
    ) throws(WireError) {
        for index in items.indices.dropFirst() where !(key(items[index - 1]) < key(items[index])) {
            throw failure(.notAscending, "The \(what) do not ascend, or one is there twice.")
        }
        try list(items, limit, what, item)
    }

    mutating func slice(_ value: some Collection<UInt8>, _ limit: Int, _ what: StaticString) throws(WireError) {
        try count(value.count, limit, what)
        bytes.append(contentsOf: value)
    }

    mutating func bytes32(_ value: Bytes32) { value.append(to: &bytes) }

    /// An empty extension area: this version has none to write.
    mutating func extensions() { byte(0) }
}
