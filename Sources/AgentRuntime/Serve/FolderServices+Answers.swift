internal import Chunking
internal import Cryptography
internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncModel
internal import WireProtocol

extension FolderServices {
    /// The answers to a request for chunk lists, buckets, records or what was ever held.
    func answers(to request: Message, trees: inout TreeCache) throws(RequestFailure) -> [Message] {
        switch request {
        case .chunkListRequest(let request):
            return [.chunkListData(ChunkListData(request: request.request, part: try part(request, &trees)))]
        case .bucketRequest(let request): return [.bucketListing(try listing(request))]
        case .recordsWanted(let wanted): return try records(wanted)
        case .everHeldQuery(let query): return [.everHeldAnswer(try held(query))]
        default: throw .refused
        }
    }

    private func read<Value>(
        _ reader: Monitor<IndexReader>, _ body: (IndexReader) throws(IndexError) -> Value
    ) throws(RequestFailure) -> Value {
        do throws(IndexError) {
            return try reader.withLock { reader throws(IndexError) in try body(reader) }
        } catch {
            throw .unreadable
        }
    }

    // MARK: Chunk lists

    private func part(
        _ request: ChunkListRequest, _ trees: inout TreeCache
    ) throws(RequestFailure) -> ChunkListData.Part {
        switch request.part {
        case .node(let hash):
            let node = try trees.node(hash, of: request.content) { () throws(RequestFailure) in
                try chunkList(request)
            }
            guard let node else { throw .notFound }
            return .node(node.bytes[...])
        case .flat(let first):
            guard let chunks = try chunkList(request) else { throw .notFound }
            let total = UInt64(chunks.count)
            guard first <= total else { throw .refused }
            return .flat(
                first: first, total: total, Array(chunks[Int(first)...].prefix(Limits.chunkReferences)))
        }
    }

    private func chunkList(_ request: ChunkListRequest) throws(RequestFailure) -> [ChunkReference]? {
        let stored = try read(lookups) { reader throws(IndexError) in try reader.chunkList(request.content) }
        if let stored { return stored }
        return try cut(request.content, at: request.path)
    }

    /// The list of a file of ours that none is kept of: from its bytes. Nil if they are another content by now.
    private func cut(_ content: FileContent, at path: RelativePath) throws(RequestFailure) -> [ChunkReference]? {
        let served = try open(content, at: path).get()
        let builder = ChunkListBuilder()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readBytes, alignment: 4_096)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < content.size {
            guard let count = try? served.file.read(into: buffer, at: offset), count > 0 else { throw .unreadable }
            builder.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += UInt64(count)
        }
        let list = builder.finish()
        return list.content == content ? Array(list) : nil
    }

    // MARK: Repair

    private func listing(_ request: BucketRequest) throws(RequestFailure) -> BucketListing {
        var items: [BucketListing.Item] = []
        try forEach(request.domain, bucket: Int(request.bucket)) { entry in
            let item = BucketListing.Item(entry)
            if let after = request.after, item.pathHash <= after { return }
            items.append(item)
        }
        items.sort { $0.pathHash < $1.pathHash }
        let page = items.prefix(Limits.bucketItems)
        return BucketListing(request: request.request, items: Array(page), last: page.count == items.count)
    }

    /// Looks through the whole index: buckets are scattered over its paths.
    private func forEach(
        _ domain: DigestDomain, bucket: Int, _ body: (IndexReader.DigestPage.Entry) -> Void
    ) throws(RequestFailure) {
        var after: RelativePath?
        repeat {
            let page = try read(log) { reader throws(IndexError) in
                try reader.records(domain, ofBucket: bucket, after: after)
            }
            page.entries.forEach(body)
            after = page.next
        } while after != nil
    }

    private func records(_ wanted: RecordsWanted) throws(RequestFailure) -> [Message] {
        var paths = Set(wanted.paths)
        let hashes = Set(wanted.pathHashes)
        for bucket in Set(hashes.map { Int($0.high >> 56) }) {
            for domain in DigestDomain.allCases {
                try forEach(domain, bucket: bucket) { entry in
                    if hashes.contains(Bytes16(ofPath: entry.path)) { paths.insert(entry.path) }
                }
            }
        }
        let sorted = paths.sorted()
        let epoch = status.epoch
        let rows = try read(lookups) { reader throws(IndexError) in try reader.load(sorted).compactMap(\.row) }
        var rest = rows.filter { $0.standing == .agreed }.sorted { $0.sequence < $1.sequence }[...]
        var messages: [Message] = []
        repeat {
            var builder = BatchBuilder(services: self, inlineLimit: 0)
            if !builder.add(rest) { rest = rest.dropFirst(builder.entries.count) } else { rest = [] }
            messages.append(
                .records(Records(request: wanted.request, epoch: epoch, entries: builder.entries, last: rest.isEmpty)))
        } while !rest.isEmpty
        return messages
    }

    // MARK: Rebuild

    /// Whether contents stood at their paths, and what stands there now is newer: by the index, else by the history.
    /// The same content at another path says nothing.
    private func held(_ query: EverHeldQuery) throws(RequestFailure) -> EverHeldAnswer {
        var held: [Bool] = []
        var rest = Limits.historyReadBytes
        for item in query.items {
            let known = try read(lookups) { reader throws(IndexError) in
                try reader.hasHeld(item.content, at: item.path)
            }
            held.append(known ?? history.holds(item.content, of: item.path, within: &rest))
        }
        return EverHeldAnswer(request: query.request, held: held)
    }
}

extension BucketListing.Item {
    init(_ entry: IndexReader.DigestPage.Entry) {
        self.init(pathHash: Bytes16(ofPath: entry.path), recordDigest: Bytes16(first: entry.digest))
    }
}

extension IndexReader {
    /// A part of the records of a bucket beyond a path; it may hold none.
    func records(
        _ domain: DigestDomain, ofBucket bucket: Int, after path: RelativePath?
    ) throws(IndexError) -> DigestPage {
        switch domain {
        case .live: try entries(ofBucket: bucket, after: path)
        case .tombstones: try tombstoneEntries(ofBucket: bucket, after: path)
        }
    }
}

extension Bytes16 {
    init(ofPath path: RelativePath) { self.init(first: SHA256.hash(path.bytes)) }
}
