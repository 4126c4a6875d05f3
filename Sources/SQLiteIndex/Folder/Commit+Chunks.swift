internal import SyncModel

extension Commit {
    /// Stores a chunk list, unless it is there already.
    mutating func put(_ list: ContentChunks) throws {
        let sum = list.chunks.reduce(UInt64(0)) { $0 &+ UInt64($1.length) }
        guard sum == list.content.size, list.chunks.allSatisfy({ $0.length > 0 }), !list.chunks.isEmpty else {
            throw IndexError(
                .refused, "The chunks of \(list.content.hash) make \(sum) bytes, not \(list.content.size).")
        }
        loosened.insert(list.content)
        if try queries.chunkList(list.content) != nil { return }
        let insert = try queries.command("INSERT INTO chunk_list (hash, size, chunks) VALUES (?, ?, ?)") {
            $0.bind(1, list.content.hash.raw)
            $0.bind(2, list.content.size)
            $0.bind(3, list.chunks.count)
        }
        try insert.run()
        let number = insert.lastInsertedRow
        var position: UInt64 = 0
        for start in stride(from: 0, to: list.chunks.count, by: PackedChunks.segmentChunks) {
            let chunks = list.chunks[start..<min(start + PackedChunks.segmentChunks, list.chunks.count)]
            try put(segment: chunks, position: position, of: number)
            position += chunks.reduce(0) { $0 + UInt64($1.length) }
        }
    }

    private func put(segment chunks: ArraySlice<ChunkReference>, position: UInt64, of list: Int64) throws {
        let insert = try queries.command("INSERT INTO chunk_segment (list, position, packed) VALUES (?, ?, ?)") {
            $0.bind(1, list)
            $0.bind(2, position)
            $0.bind(3, PackedChunks.pack(chunks))
        }
        try insert.run()
        let segment = insert.lastInsertedRow
        // In order of the key: neighbours share a page of the table.
        for prefix in Set(chunks.map { Int64(bitPattern: $0.hash.prefix) }).sorted() {
            try queries.command("INSERT INTO chunk (prefix, segment) VALUES (?, ?)") {
                $0.bind(1, prefix)
                $0.bind(2, segment)
            }.run()
        }
    }

    /// Removes the chunk lists that no live row and no need refers to any more.
    mutating func collectChunkLists() throws {
        for content in loosened {
            guard let (list, _) = try queries.chunkList(content), try !isReferred(content) else { continue }
            let segments = try queries.command("SELECT id FROM chunk_segment WHERE list = ?") { $0.bind(1, list) }
                .all { $0.integer(0) }
            for segment in segments { try remove(segment: segment) }
            try queries.command("DELETE FROM chunk_list WHERE id = ?") { $0.bind(1, list) }.run()
        }
        loosened = []
    }

    private func remove(segment: Int64) throws {
        var chunks: [ChunkReference] = []
        let query = try queries.command("SELECT packed FROM chunk_segment WHERE id = ?") { $0.bind(1, segment) }
        _ = try query.first { query in try query.withBlob(0) { try PackedChunks.read($0, into: &chunks) } }
        for chunk in chunks {
            try queries.command("DELETE FROM chunk WHERE prefix = ? AND segment = ?") {
                $0.bind(1, chunk.hash.prefix)
                $0.bind(2, segment)
            }.run()
        }
        try queries.command("DELETE FROM chunk_segment WHERE id = ?") { $0.bind(1, segment) }.run()
    }

    /// By the hash's prefix: another content of the same prefix keeps a list longer, and never loses one.
    private func isReferred(_ content: FileContent) throws -> Bool {
        try queries.command(
            "SELECT EXISTS (SELECT 1 FROM record WHERE content = ?1) OR EXISTS (SELECT 1 FROM need WHERE content = ?1)"
        ) { $0.bind(1, content.hash.raw.prefix) }.first { $0.integer(0) != 0 } ?? false
    }
}
