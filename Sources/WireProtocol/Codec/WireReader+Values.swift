import SyncModel

extension WireReader {
    mutating func flag(_ what: StaticString) throws(WireError) -> Bool {
        switch try byte(what) {
        case 0: false
        case 1: true
        default: throw failure(.invalidValue, "The \(what) is neither 0 nor 1.")
        }
    }

    /// One of an enumeration's values.
    mutating func choice<Choice: RawRepresentable<UInt8>>(
        _: Choice.Type, _ what: StaticString
    ) throws(WireError) -> Choice {
        let raw = try byte(what)
        guard let choice = Choice(rawValue: raw) else {
            throw failure(.invalidValue, "The \(what) \(raw) is not known.")
        }
        return choice
    }

    mutating func bytes32(_ what: StaticString) throws(WireError) -> Bytes32 {
        let start = try advance(32, what)
        return bytes.withUnsafeBytes { Bytes32(UnsafeRawBufferPointer(rebasing: $0[start..<start + 32])) }
    }

    mutating func bytes16(_ what: StaticString) throws(WireError) -> Bytes16 {
        let high = try fixed(UInt64.self, what)
        return Bytes16(high: high, low: try fixed(UInt64.self, what))
    }

    mutating func device() throws(WireError) -> DeviceID { DeviceID(try bytes32("device")) }

    mutating func folder() throws(WireError) -> FolderID {
        let high = try fixed(UInt64.self, "folder")
        return FolderID(high: high, low: try fixed(UInt64.self, "folder"))
    }

    mutating func epoch() throws(WireError) -> IndexEpoch { IndexEpoch(try fixed(UInt64.self, "epoch")) }

    /// 0 and up.
    mutating func sequence(_ what: StaticString) throws(WireError) -> IndexSequence {
        try varint(Limits.counter, what)
    }

    /// 1 and up.
    mutating func counter(_ what: StaticString) throws(WireError) -> UInt64 {
        let counter = try varint(Limits.counter, what)
        guard counter > 0 else { throw failure(.invalidValue, "The \(what) is 0.") }
        return counter
    }

    mutating func request() throws(WireError) -> UInt32 { try fixed(UInt32.self, "request number") }

    /// UTF-8 without control characters.
    mutating func text(_ limit: Int, _ what: StaticString) throws(WireError) -> String {
        let bytes = try slice(limit, what)
        guard let text = WireText.string(bytes) else {
            throw failure(.invalidText, "The \(what) is not UTF-8 or holds control characters.")
        }
        return text
    }

    /// Text that is not empty.
    mutating func name(_ limit: Int, _ what: StaticString) throws(WireError) -> String {
        let name = try text(limit, what)
        guard !name.isEmpty else { throw failure(.invalidValue, "The \(what) is empty.") }
        return name
    }

    mutating func path(_ what: StaticString) throws(WireError) -> RelativePath {
        try checkedPath(Array(slice(Limits.pathBytes, what)), what)
    }

    func checkedPath(_ bytes: [UInt8], _ what: StaticString) throws(WireError) -> RelativePath {
        do {
            return try RelativePath(bytes)
        } catch {
            throw failure(.invalidPath, "The \(what) is no path of a folder: \(error).")
        }
    }

    mutating func fileContent() throws(WireError) -> FileContent {
        let size = try varint(Limits.fileBytes, "file size")
        return FileContent(size: size, hash: ContentHash(try bytes32("content hash")))
    }

    /// A version vector with its authors written out.
    mutating func vector(_ what: StaticString) throws(WireError) -> VersionVector {
        let origins = try ascending(Limits.vectorEntries, least: 41, what, by: \Origin.author) {
            (reader) throws(WireError) in try reader.origin()
        }
        return VersionVector(origins)
    }

    mutating func origin() throws(WireError) -> Origin {
        let device = try device()
        let author = Author(device: device, epoch: try epoch())
        return Origin(author: author, counter: try counter("edit counter"))
    }

    mutating func optional<Value>(
        _ what: StaticString, _ value: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value? {
        try flag(what) ? try value(&self) : nil
    }
}
