internal import GRDB
public import SyncModel

/// A chunk that lies in a file of ours.
public struct ChunkLocation: Hashable, Sendable {
    /// A live row that has it; its `disk` says whether it is here.
    public let row: IndexRow
    /// Position in the file, in bytes.
    public let offset: UInt64
    public let length: UInt32
}

extension IndexReader {
    /// The chunks of a file in order, nil if no list of it is kept. Files of one chunk have none.
    public func chunkList(_ content: FileContent) throws(IndexError) -> [ChunkReference]? {
        try snapshot { queries in
            guard let (list, count) = try queries.chunkList(content) else { return nil }
            var chunks: [ChunkReference] = []
            chunks.reserveCapacity(min(count, Limits.transactionItems))
            let query = try queries.command("SELECT packed FROM chunk_segment WHERE list = ? ORDER BY position") {
                $0.bind(1, list)
            }
            defer { query.reset() }
            while try query.step() { try query.withBlob(0) { try PackedChunks.read($0, into: &chunks) } }
            guard chunks.count == count else { throw IndexError.damaged("an incomplete chunk list") }
            return chunks
        }
    }

    /// The chunks that hold bytes at or beyond `offset`, in order, with the position of the first: at least one segment
    /// of the list, so that a huge file's list need not be in memory. Nil if no list is kept; empty beyond the end.
    public func chunks(
        of content: FileContent, from offset: UInt64
    ) throws(IndexError) -> (position: UInt64, chunks: [ChunkReference])? {
        try snapshot { queries in
            guard let (list, _) = try queries.chunkList(content) else { return nil }
            if offset >= content.size { return (offset, []) }
            return try queries.command(
                """
                SELECT position, packed FROM chunk_segment WHERE list = ? AND position <= ?
                ORDER BY position DESC LIMIT 1
                """
            ) {
                $0.bind(1, list)
                $0.bind(2, offset)
            }.first { query in
                var chunks: [ChunkReference] = []
                try query.withBlob(1) { try PackedChunks.read($0, into: &chunks) }
                return (query.unsigned(0), chunks)
            }
        }
    }

    /// Files of ours that hold a chunk, at most `limit`. The whole hash is compared, the bytes on the disk are not
    /// read.
    public func locateChunk(_ hash: Bytes32, limit: Int = 4) throws(IndexError) -> [ChunkLocation] {
        try snapshot { queries in
            let segments = try queries.command(
                """
                SELECT position, packed, hash, size FROM chunk JOIN chunk_segment ON chunk_segment.id = segment
                JOIN chunk_list ON chunk_list.id = list WHERE prefix = ? LIMIT ?
                """
            ) {
                $0.bind(1, hash.prefix)
                $0.bind(2, Self.bounded(limit))
            }.all { query in
                let found = try query.withBlob(1) { try PackedChunks.find(hash, in: $0) }
                let content = FileContent(size: query.unsigned(3), hash: ContentHash(try query.hash(2)))
                return found.map { (content, query.unsigned(0) + $0.offset, $0.length) }
            }
            var locations: [ChunkLocation] = []
            for case let (content, offset, length)? in segments where locations.count < limit {
                for row in try queries.rows(withContent: content, limit: limit - locations.count) {
                    locations.append(ChunkLocation(row: row, offset: offset, length: length))
                }
            }
            return locations
        }
    }
}

extension Queries {
    /// The list's number and count of chunks.
    func chunkList(_ content: FileContent) throws -> (list: Int64, count: Int)? {
        try command("SELECT id, chunks FROM chunk_list WHERE hash = ? AND size = ?") {
            $0.bind(1, content.hash.raw)
            $0.bind(2, content.size)
        }.first { ($0.integer(0), Int($0.integer(1))) }
    }
}

/// A segment's bytes: 36 a chunk, length (big-endian) and hash.
enum PackedChunks {
    static let chunkBytes = 36
    /// Chunks of one segment.
    static let segmentChunks = 1_024

    static func pack(_ chunks: ArraySlice<ChunkReference>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(chunks.count * chunkBytes)
        for chunk in chunks {
            withUnsafeBytes(of: chunk.length.bigEndian) { bytes.append(contentsOf: $0) }
            chunk.hash.append(to: &bytes)
        }
        return bytes
    }

    static func read(_ bytes: UnsafeRawBufferPointer, into chunks: inout [ChunkReference]) throws {
        try forEach(bytes) { length, hash in chunks.append(ChunkReference(length: length, hash: hash)) }
    }

    static func find(_ hash: Bytes32, in bytes: UnsafeRawBufferPointer) throws -> (offset: UInt64, length: UInt32)? {
        var offset: UInt64 = 0
        var found: (UInt64, UInt32)?
        try forEach(bytes) { length, candidate in
            if found == nil, candidate == hash { found = (offset, length) }
            offset += UInt64(length)
        }
        return found
    }

    private static func forEach(_ bytes: UnsafeRawBufferPointer, _ body: (UInt32, Bytes32) -> Void) throws {
        guard bytes.count.isMultiple(of: chunkBytes) else { throw IndexError.damaged("a torn chunk list") }
        for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
            let length = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            body(length, Bytes32(UnsafeRawBufferPointer(rebasing: bytes[(start + 4)..<(start + 36)])))
        }
    }
}
