import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct CommitTests {
    private func row(_ text: String, _ sequence: IndexSequence, counter: UInt64? = nil) throws -> IndexRow {
        let record = fileRecord(try path(text), counter: counter ?? sequence)
        return IndexRow(record: record, sequence: sequence, disk: stat(of: record, inode: sequence), source: nil)
    }

    @Test func aFailureInTheMiddleLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        try index.commit(IndexTransaction(rows: [try row("a", 1), try row("b", 2)]))
        let (status, root) = (index.status, index.rootDigest)

        var bad = IndexTransaction(rows: [try row("a", 3), try row("c", 4)])
        var stranger = fileRecord(try path("d"), counter: 9)
        stranger.origin = Origin(author: Author(device: device(42), epoch: IndexEpoch(1)), counter: 1)
        bad.rows.append(IndexRow(record: stranger, sequence: 5, disk: nil, source: device(43)))
        bad.droppedRows = [try path("b")]
        bad.peers = [PeerState(device: device(44))]
        bad.nextEdit = 500
        bad.chunkLists = [
            ContentChunks(content: FileContent(size: 9, hash: ContentHash(hash(1))), chunks: [])
        ]
        #expect(throws: IndexError(.refused, "")) { try index.commit(bad) }
        #expect(index.status == status && index.rootDigest == root)
        #expect(try index.reader.rows(limit: 10).map(\.sequence) == [1, 2])
        #expect(try index.reader.peers().isEmpty)

        // What was rolled back can be done right afterwards, names and all.
        bad.chunkLists = []
        bad.droppedRows = []
        try index.commit(bad)
        #expect(try index.reader.row(stranger.path)?.record == stranger)
        #expect(try index.reader.row(stranger.path)?.source == device(43))
        try index.checkIntegrity(.content)
        try index.close()
        let again = try openIndex(directory)
        #expect(again.status.mark.sequence == 5)
        try again.checkIntegrity(.content)
        try again.close()
    }

    @Test func sequencesOnlyRise() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        try index.commit(IndexTransaction(rows: [try row("a", 5)]))
        for sequence in [0, 4, 5] as [UInt64] {
            #expect(throws: IndexError(.refused, "")) {
                try index.commit(IndexTransaction(rows: [try self.row("b", sequence)]))
            }
        }
        #expect(throws: IndexError(.refused, "")) {
            try index.commit(IndexTransaction(rows: [try self.row("b", 8), try self.row("c", 7)]))
        }
        #expect(throws: IndexError(.refused, "")) {
            try index.commit(IndexTransaction(rows: [try self.row("a", 5, counter: 6)]))
        }
        try index.commit(IndexTransaction(rows: [try row("b", 6), try row("b", 7)]))
        #expect(try index.reader.log(after: 0, limit: 10).rows.map(\.sequence) == [5, 7])
        try index.close()
    }

    @Test func aStatAloneKeepsItsPlaceInTheLog() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var row = try row("a", 1)
        try index.commit(IndexTransaction(rows: [row]))
        let status = index.status
        row.disk?.inode = 99
        row.source = device(5)
        try index.commit(IndexTransaction(rows: [row]))
        #expect(index.status == status)
        #expect(try index.reader.row(row.record.path) == row)
        #expect(try index.reader.rows(inode: 1, device: 0x801).isEmpty)
        #expect(try index.reader.rows(inode: 99, device: 0x801) == [row])
        #expect(try index.reader.rows(inode: 99, device: 0x802).isEmpty)
        try index.close()
    }

    @Test func boundsHold() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var many = IndexTransaction()
        many.droppedNeeds = Array(repeating: try path("a"), count: Limits.transactionItems + 1)
        #expect(throws: IndexError(.limit, "")) { try index.commit(many) }
        let paths = many.droppedNeeds
        #expect(throws: IndexError(.limit, "")) { try index.reader.load(paths) }
        let target = fileRecord(try path("a"), counter: 1)
        let reason = String(repeating: "x", count: Limits.reasonBytes + 1)
        let need = Need(target: target, sources: [], state: .blocked, reason: reason)
        #expect(throws: IndexError(.limit, "")) { try index.commit(IndexTransaction(needs: [need])) }
        try index.close()
    }

    @Test func marksTellForksAndRollbacks() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let first = index.status.mark
        try index.commit(IndexTransaction(rows: [try row("a", 1), try row("b", 2)]))
        let second = index.status.mark
        try index.commit(IndexTransaction(rows: [try row("c", 3)]))
        #expect(try index.reader.check(first) == .known)
        #expect(try index.reader.check(second) == .known)
        #expect(try index.reader.check(LogMark(sequence: 2, hash: hash(0))) == .forked)
        #expect(try index.reader.check(LogMark(sequence: 1, hash: hash(0))) == .forgotten)
        #expect(try index.reader.check(LogMark(sequence: 4, hash: hash(0))) == .ahead)
        let hashes = Set([first.hash, second.hash, index.status.mark.hash])
        #expect(hashes.count == 3)
        try index.close()
    }
}
