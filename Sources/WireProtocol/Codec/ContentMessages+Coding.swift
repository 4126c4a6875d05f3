import SyncModel

extension ContentRequest {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.folder(folder)
        try writer.path(path)
        try writer.fileContent(content)
        try writer.varint(offset, Limits.fileBytes, "offset")
        try writer.varint(UInt64(length), UInt64(Limits.requestBytes), "length")
        writer.choice(priority)
        try check(at: writer.bytes.count)
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        folder = try reader.folder()
        path = try reader.path("path")
        content = try reader.fileContent()
        offset = try reader.varint(Limits.fileBytes, "offset")
        length = UInt32(try reader.varint(UInt64(Limits.requestBytes), "length"))
        priority = try reader.choice(RequestPriority.self, "priority")
        try check(at: reader.offset)
    }

    private func check(at offset: Int) throws(WireError) {
        guard length > 0, self.offset <= content.size, UInt64(length) <= content.size - self.offset else {
            throw WireError(.inconsistent, at: offset, "The range asked for is empty or goes past the file's end.")
        }
    }
}

extension ContentData {
    /// The payload up to the bytes, of which `count` follow as they are: lets a sender write them from where they are.
    public static func header(
        request: UInt32, offset: UInt64, last: Bool, count: Int
    ) throws(WireError) -> [UInt8] {
        var writer = WireWriter(reserving: 32)
        writer.fixed(request)
        try writer.varint(offset, Limits.fileBytes, "offset")
        writer.flag(last)
        writer.extensions()
        guard count > 0 else { throw writer.failure(.inconsistent, "The answer holds no bytes.") }
        try writer.count(count, Limits.requestBytes, "bytes")
        return writer.bytes
    }

    func write(to writer: inout WireWriter) throws(WireError) {
        writer.raw(try ContentData.header(request: request, offset: offset, last: last, count: bytes.count))
        writer.raw(bytes)
    }

    /// The extension area stands before the bytes.
    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        offset = try reader.varint(Limits.fileBytes, "offset")
        last = try reader.flag("last flag")
        try reader.extensions()
        bytes = try reader.slice(Limits.requestBytes, "bytes")
        guard !bytes.isEmpty else { throw reader.failure(.inconsistent, "The answer holds no bytes.") }
    }
}

extension ChunkListRequest {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.folder(folder)
        try writer.path(path)
        try writer.fileContent(content)
        switch part {
        case .node(let hash):
            writer.byte(1)
            writer.bytes32(hash)
        case .flat(let first):
            writer.byte(2)
            try writer.varint(first, Limits.counter, "number of the first reference")
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        folder = try reader.folder()
        path = try reader.path("path")
        content = try reader.fileContent()
        switch try reader.byte("part of the chunk list") {
        case 1: part = .node(try reader.bytes32("node"))
        case 2: part = .flat(first: try reader.varint(Limits.counter, "number of the first reference"))
        default: throw reader.failure(.invalidValue, "The part of the chunk list is not known.")
        }
    }
}

extension ChunkListData {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        switch part {
        case .node(let bytes):
            writer.byte(1)
            try writer.slice(bytes, Limits.requestBytes, "node")
        case .flat(let first, let total, let references):
            writer.byte(2)
            try writer.varint(first, Limits.counter, "number of the first reference")
            try writer.varint(total, Limits.counter, "number of references")
            try ChunkListData.check(first, total, references.count, at: writer.bytes.count)
            try writer.list(references, Limits.chunkReferences, "references") { (writer, chunk) throws(WireError) in
                try writer.varint(UInt64(chunk.length), UInt64(Limits.chunkGreatest), "chunk length")
                writer.bytes32(chunk.hash)
            }
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        switch try reader.byte("part of the chunk list") {
        case 1: part = .node(try reader.slice(Limits.requestBytes, "node"))
        case 2:
            let first = try reader.varint(Limits.counter, "number of the first reference")
            let total = try reader.varint(Limits.counter, "number of references")
            let references = try reader.list(Limits.chunkReferences, least: 33, "references") {
                (reader) throws(WireError) in
                let length = UInt32(try reader.varint(UInt64(Limits.chunkGreatest), "chunk length"))
                return ChunkReference(length: length, hash: try reader.bytes32("chunk hash"))
            }
            try ChunkListData.check(first, total, references.count, at: reader.offset)
            part = .flat(first: first, total: total, references)
        default: throw reader.failure(.invalidValue, "The part of the chunk list is not known.")
        }
    }

    private static func check(_ first: UInt64, _ total: UInt64, _ count: Int, at offset: Int) throws(WireError) {
        guard first <= total, UInt64(count) <= total - first, count > 0 || first == total else {
            throw WireError(.inconsistent, at: offset, "The references do not fit their total number.")
        }
    }
}

extension RequestFailed {
    func write(to writer: inout WireWriter) {
        writer.fixed(request)
        writer.choice(code)
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        code = try reader.choice(RequestFailure.self, "failure code")
    }
}
