import SyncModel

extension WireWriter {
    mutating func flag(_ value: Bool) { byte(value ? 1 : 0) }

    mutating func choice(_ value: some RawRepresentable<UInt8>) { byte(value.rawValue) }

    mutating func bytes16(_ value: Bytes16) {
        fixed(value.high)
        fixed(value.low)
    }

    mutating func device(_ value: DeviceID) { bytes32(value.raw) }

    mutating func folder(_ value: FolderID) { raw(value.bytes) }

    mutating func epoch(_ value: IndexEpoch) { fixed(value.number) }

    mutating func sequence(_ value: IndexSequence, _ what: StaticString) throws(WireError) {
        try varint(value, Limits.counter, what)
    }

    mutating func counter(_ value: UInt64, _ what: StaticString) throws(WireError) {
        guard value > 0 else { throw failure(.invalidValue, "The \(what) is 0.") }
        try varint(value, Limits.counter, what)
    }

    mutating func text(_ value: String, _ limit: Int, _ what: StaticString) throws(WireError) {
        guard WireText.isClean(value) else { throw failure(.invalidText, "The \(what) holds control characters.") }
        try slice(value.utf8, limit, what)
    }

    mutating func name(_ value: String, _ limit: Int, _ what: StaticString) throws(WireError) {
        guard !value.isEmpty else { throw failure(.invalidValue, "The \(what) is empty.") }
        try text(value, limit, what)
    }

    mutating func path(_ value: RelativePath) throws(WireError) { try slice(value.bytes, Limits.pathBytes, "path") }

    mutating func fileContent(_ value: FileContent) throws(WireError) {
        try varint(value.size, Limits.fileBytes, "file size")
        bytes32(value.hash.raw)
    }

    mutating func vector(_ value: VersionVector, _ what: StaticString) throws(WireError) {
        try list(value.entries, Limits.vectorEntries, what) { (writer, origin) throws(WireError) in
            try writer.origin(origin)
        }
    }

    mutating func origin(_ value: Origin) throws(WireError) {
        device(value.author.device)
        epoch(value.author.epoch)
        try counter(value.counter, "edit counter")
    }

    mutating func optional<Value>(
        _ value: Value?, _ write: (inout WireWriter, Value) throws(WireError) -> Void
    ) throws(WireError) {
        flag(value != nil)
        if let value { try write(&self, value) }
    }
}
