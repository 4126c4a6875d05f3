import SyncModel

extension BucketDigests {
    static let count = 256

    func write(to writer: inout WireWriter) throws(WireError) {
        guard digests.count == BucketDigests.count else {
            throw writer.failure(.inconsistent, "There are not exactly 256 bucket digests.")
        }
        writer.folder(folder)
        writer.choice(domain)
        for digest in digests { writer.bytes32(digest) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        domain = try reader.choice(DigestDomain.self, "digest domain")
        guard reader.remaining >= BucketDigests.count * 32 else {
            throw reader.failure(.truncated, "The message is too short for 256 bucket digests.")
        }
        digests = []
        digests.reserveCapacity(BucketDigests.count)
        for _ in 0..<BucketDigests.count { digests.append(try reader.bytes32("bucket digest")) }
    }
}

extension BucketRequest {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.folder(folder)
        writer.choice(domain)
        writer.byte(bucket)
        try writer.optional(after) { (writer, hash) throws(WireError) in writer.bytes16(hash) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        folder = try reader.folder()
        domain = try reader.choice(DigestDomain.self, "digest domain")
        bucket = try reader.byte("bucket")
        after = try reader.optional("page flag") { (reader) throws(WireError) in try reader.bytes16("path hash") }
    }
}

extension BucketListing {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.flag(last)
        try writer.ascending(items, Limits.bucketItems, "bucket items", by: \.pathHash) {
            (writer, item) throws(WireError) in
            writer.bytes16(item.pathHash)
            writer.bytes16(item.recordDigest)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        last = try reader.flag("last flag")
        items = try reader.ascending(Limits.bucketItems, least: 32, "bucket items", by: \Item.pathHash) {
            (reader) throws(WireError) in
            let pathHash = try reader.bytes16("path hash")
            return Item(pathHash: pathHash, recordDigest: try reader.bytes16("record digest"))
        }
    }
}

extension RecordsWanted {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.folder(folder)
        try writer.ascending(paths, Limits.batchRecords, "paths", by: { $0 }) { (writer, path) throws(WireError) in
            try writer.path(path)
        }
        try writer.ascending(pathHashes, Limits.batchRecords - paths.count, "path hashes", by: { $0 }) {
            (writer, hash) throws(WireError) in writer.bytes16(hash)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        folder = try reader.folder()
        paths = try reader.ascending(Limits.batchRecords, least: 2, "paths", by: { (path: RelativePath) in path }) {
            (reader) throws(WireError) in try reader.path("path")
        }
        pathHashes = try reader.ascending(
            Limits.batchRecords - paths.count, least: 16, "path hashes", by: { (hash: Bytes16) in hash }
        ) { (reader) throws(WireError) in try reader.bytes16("path hash") }
    }
}

extension EverHeldQuery {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.folder(folder)
        try writer.list(items, Limits.batchRecords, "items") { (writer, item) throws(WireError) in
            try writer.path(item.path)
            try writer.fileContent(item.content)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        folder = try reader.folder()
        items = try reader.list(Limits.batchRecords, least: 35, "items") { (reader) throws(WireError) in
            let path = try reader.path("path")
            return Item(path: path, content: try reader.fileContent())
        }
    }
}

extension EverHeldAnswer {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        try writer.list(held, Limits.batchRecords, "answers") { (writer, held) throws(WireError) in writer.flag(held) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        held = try reader.list(Limits.batchRecords, least: 1, "answers") { (reader) throws(WireError) in
            try reader.flag("answer")
        }
    }
}
