import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct ChunkTests {
    private func list(_ content: UInt64, chunks: ClosedRange<UInt64>) -> ContentChunks {
        let chunks = chunks.map { ChunkReference(length: UInt32(20_000 + $0 % 100), hash: hash($0 + 1_000_000)) }
        let size = chunks.reduce(0) { $0 + UInt64($1.length) }
        return ContentChunks(content: FileContent(size: size, hash: ContentHash(hash(content))), chunks: chunks)
    }

    private func record(_ text: String, _ list: ContentChunks, counter: UInt64) throws -> FileRecord {
        var record = fileRecord(try path(text), counter: counter)
        record.content = .file(list.content)
        return record
    }

    private func count(_ index: FolderIndex, _ table: String) throws -> Int64? {
        try index.connection.hold { try Command($0, "SELECT count(*) FROM \(table)").first { $0.integer(0) } }
    }

    @Test func longListsComeBackWholeAndInParts() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let long = list(1, chunks: 1...2_500)
        var transaction = IndexTransaction()
        transaction.rows = [IndexRow(record: try record("a", long, counter: 1), sequence: 1, disk: nil, source: nil)]
        transaction.chunkLists = [long]
        try index.commit(transaction)
        #expect(try index.reader.chunkList(long.content) == long.chunks)
        var offset: UInt64 = 0
        var parts: [ChunkReference] = []
        while let part = try index.reader.chunks(of: long.content, from: offset), !part.chunks.isEmpty {
            #expect(part.position == offset)
            parts += part.chunks
            offset += part.chunks.reduce(0) { $0 + UInt64($1.length) }
        }
        #expect(parts == long.chunks && offset == long.content.size)
        let middle = try index.reader.chunks(of: long.content, from: 30_000_000)
        #expect(middle.map { $0.position <= 30_000_000 } == true)
        let unknown = FileContent(size: long.content.size + 1, hash: long.content.hash)
        #expect(try index.reader.chunkList(unknown) == nil)
        #expect(try index.reader.chunks(of: unknown, from: 0) == nil)
        try index.close()
    }

    @Test func aChunkIsFoundByItsWholeHash() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let first = list(1, chunks: 1...40)
        let second = list(2, chunks: 30...1_500)
        var transaction = IndexTransaction()
        transaction.rows = [
            IndexRow(record: try record("a", first, counter: 1), sequence: 1, disk: nil, source: nil),
            IndexRow(record: try record("b", second, counter: 2), sequence: 2, disk: nil, source: nil),
            IndexRow(record: try record("c", second, counter: 3), sequence: 3, disk: nil, source: nil),
        ]
        transaction.chunkLists = [first, second]
        try index.commit(transaction)
        let shared = first.chunks[34]
        let found = try index.reader.locateChunk(shared.hash, limit: 9)
        #expect(Set(found.map(\.row.record.path.description)) == ["a", "b", "c"])
        for location in found {
            let list = location.row.record.path.description == "a" ? first : second
            var offset: UInt64 = 0
            for chunk in list.chunks {
                if chunk == shared { break }
                offset += UInt64(chunk.length)
            }
            #expect(location.offset == offset && location.length == shared.length)
        }
        #expect(try index.reader.locateChunk(shared.hash, limit: 2).count == 2)
        var bytes = shared.hash.bytes
        bytes[20] ^= 1
        let samePrefix = try #require(Bytes32(bytes))
        #expect(try index.reader.locateChunk(samePrefix, limit: 9).isEmpty)
        #expect(try index.reader.rows(withContent: second.content, limit: 9).count == 2)
        #expect(try index.reader.rows(withContent: second.content, limit: 1).count == 1)
        try index.close()
    }

    @Test func listsGoWithTheirLastReference() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let list = list(1, chunks: 1...1_100)
        let file = try record("a", list, counter: 1)
        var transaction = IndexTransaction()
        transaction.chunkLists = [list]
        transaction.needs = [Need(target: file, sources: [], state: .wanted)]
        try index.commit(transaction)
        #expect(try index.reader.chunkList(list.content) != nil)

        var applied = IndexTransaction(rows: [IndexRow(record: file, sequence: 1, disk: nil, source: nil)])
        applied.droppedNeeds = [file.path]
        applied.chunkLists = [list]
        try index.commit(applied)
        #expect(try index.reader.chunkList(list.content) == list.chunks)
        #expect(try count(index, "chunk") == 1_100)

        let dead = tombstone(of: file, counter: 2)
        try index.commit(IndexTransaction(rows: [IndexRow(record: dead, sequence: 2, disk: nil, source: nil)]))
        #expect(try index.reader.chunkList(list.content) == nil)
        for table in ["chunk", "chunk_segment", "chunk_list"] { #expect(try count(index, table) == 0) }

        var orphan = IndexTransaction()
        orphan.chunkLists = [list]
        try index.commit(orphan)
        #expect(try count(index, "chunk_list") == 0)
        try index.close()
    }

    @Test func listsThatDoNotAddUpAreRefused() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let right = list(1, chunks: 1...3)
        let wrong = ContentChunks(content: right.content, chunks: Array(right.chunks.dropLast()))
        var transaction = IndexTransaction()
        transaction.chunkLists = [wrong]
        #expect(throws: IndexError(.refused, "")) { try index.commit(transaction) }
        try index.close()
    }
}
