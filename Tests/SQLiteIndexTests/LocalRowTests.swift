import SyncModel
import Testing

@testable import SQLiteIndex

/// Rows that hold a local change beside what is agreed: only the latter counts.
@Suite struct LocalRowTests {
    private let author = Author(device: device(1), epoch: epochA)

    private func record(_ path: String, _ content: UInt64?, counter: UInt64) throws -> FileRecord {
        let origin = Origin(author: author, counter: counter)
        return FileRecord(
            path: try RelativePath(path),
            content: content.map { .file(FileContent(size: $0, hash: ContentHash(hash($0)))) }
                ?? .deleted(movedTo: nil),
            version: VersionVector(origin), origin: origin, edits: 1)
    }

    private func put(_ index: FolderIndex, _ rows: [IndexRow]) throws {
        var transaction = IndexTransaction()
        transaction.rows = rows
        try index.commit(transaction)
        try index.checkIntegrity(.content)
    }

    private func local(_ record: FileRecord, _ agreed: FileRecord?, _ sequence: IndexSequence) -> IndexRow {
        IndexRow(record: record, sequence: sequence, disk: nil, source: nil, standing: .local, agreed: agreed)
    }

    @Test func onlyWhatIsAgreedCounts() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let agreed = [try record("a", 1, counter: 1), try record("b", 2, counter: 2), try record("c", nil, counter: 3)]
        try put(
            index,
            agreed.enumerated().map { number, record in
                IndexRow(record: record, sequence: UInt64(number) + 1, disk: nil, source: nil)
            })
        let (digest, status) = (index.rootDigest, index.status)
        let rows = [
            local(try record("a", 7, counter: 4), agreed[0], 4), local(try record("b", nil, counter: 5), agreed[1], 5),
            local(try record("c", 8, counter: 6), agreed[2], 6), local(try record("d", 9, counter: 7), nil, 7),
        ]
        try put(index, rows)
        #expect(index.rootDigest == digest)
        #expect(index.status.files == status.files && index.status.bytes == status.bytes)
        #expect(index.status.tombstones == status.tombstones && index.status.local == 4)
        // They are as they were put, and none of them is in the log.
        for row in rows { #expect(try index.reader.row(row.record.path) == row) }
        #expect(try index.reader.localRows(limit: 9).map(\.row) == rows)
        #expect(try index.reader.localRows(after: rows[1].record.path, limit: 1).map(\.row) == [rows[2]])
        #expect(try index.reader.log(after: 0, limit: 9).rows.isEmpty)
        #expect(try index.reader.unsettled(limit: 9).isEmpty)
        // What is compared with others is what is agreed.
        let live = try (0..<256).flatMap { try index.reader.entries(ofBucket: $0).entries.map(\.path) }
        #expect(live.sorted() == agreed.prefix(2).map(\.path))
        let gone = try (0..<256).flatMap { try index.reader.tombstoneEntries(ofBucket: $0).entries.map(\.path) }
        #expect(gone == [agreed[2].path])
        // A walk sees what is here.
        #expect(try index.reader.entries(limit: 9).map(\.path) == [rows[0], rows[2], rows[3]].map(\.record.path))
        try index.close()
        let again = try openIndex(directory)
        #expect(again.rootDigest == digest && again.status.local == 4)
        #expect(try again.reader.localRows(limit: 9).map(\.row) == rows)
        try again.close()
    }

    /// What is agreed may change under it, with a sequence of its own; and what was agreed was held there once.
    @Test func whatIsAgreedChangesBesideIt() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let (first, second) = (try record("a", 1, counter: 1), try record("a", 2, counter: 2))
        let here = try record("a", 9, counter: 3)
        try put(index, [local(here, first, 1)])
        #expect(throws: IndexError.self) { try put(index, [local(here, second, 1)]) }
        try put(index, [local(here, second, 2)])
        #expect(index.status.files == 1 && index.status.bytes == 2)
        func held(_ record: FileRecord) throws -> Bool? {
            guard case .file(let content) = record.content else { return nil }
            return try index.reader.hasHeld(content, at: record.path)
        }
        #expect(try held(first) == true && held(second) == true)
        // Nobody agreed on what is here.
        #expect(try held(here) != true)
        try put(index, [IndexRow(record: second, sequence: 3, disk: nil, source: nil)])
        #expect(index.status.local == 0 && index.status.files == 1)
        #expect(try held(here) != true)
        try index.close()
    }
}
