import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// What version 5 of an index adds: deletions are forgotten (rule 7).
@Suite struct CollectionTests {
    private func vector(_ counters: UInt64...) -> VersionVector {
        VersionVector(
            counters.enumerated().map { index, counter in
                Origin(author: Author(device: device(UInt64(index)), epoch: IndexEpoch(1)), counter: counter)
            })
    }

    @Test func cutsAndAgreementsAreKept() throws {
        let directory = try TemporaryDirectory()
        var index = try makeIndex(directory)
        #expect(index.status.cut.isEmpty && index.status.proposedCut == nil)
        var transaction = IndexTransaction()
        transaction.cut = vector(1, 2)
        transaction.proposedCut = ProposedCut(vector: vector(3, 4), seconds: 77)
        var peer = PeerState(device: device(5))
        peer.agreed = AgreedFrontier(frontier: vector(5), members: Bytes32.zero)
        transaction.peers = [peer, PeerState(device: device(6))]
        try index.commit(transaction)
        try index.commit(IndexTransaction())
        try index.close()
        index = try openIndex(directory)
        #expect(index.status.cut == vector(1, 2))
        #expect(index.status.proposedCut == ProposedCut(vector: vector(3, 4), seconds: 77))
        #expect(try index.reader.peer(device(5))?.agreed == peer.agreed)
        #expect(try index.reader.peer(device(6))?.agreed == nil)
        transaction = IndexTransaction()
        transaction.cut = vector(3, 4)
        try index.commit(transaction)
        #expect(index.status.cut == vector(3, 4) && index.status.proposedCut == nil)
        try index.close()
    }

    /// Rows, log, totals and digest are those of an index that never had what was forgotten.
    @Test(arguments: 0..<4 as Range<UInt64>) func whatIsForgottenLeavesNothing(seed: UInt64) throws {
        let (first, second) = (try TemporaryDirectory(), try TemporaryDirectory())
        let (index, other) = (try makeIndex(first), try makeIndex(second))
        var random = SeededGenerator(seed: seed)
        var rows: [IndexRow] = []
        for (number, path) in try random.paths(40).enumerated() {
            let origin = Origin(author: Author(device: device(1), epoch: IndexEpoch(1)), counter: UInt64(number + 1))
            let content: Content = number.isMultiple(of: 2) ? .deleted(movedTo: nil) : .directory
            let record = FileRecord(
                path: path, content: content, version: VersionVector(origin), origin: origin, edits: 1)
            rows.append(IndexRow(record: record, sequence: UInt64(number + 1), disk: nil, source: nil))
        }
        var transaction = IndexTransaction()
        transaction.rows = rows
        try index.commit(transaction)
        let forgotten = rows.filter { $0.record.isDeleted && !$0.sequence.isMultiple(of: 3) }.map(\.record.path)
        transaction.rows.removeAll { forgotten.contains($0.record.path) }
        try other.commit(transaction)
        var read: [IndexRow] = []
        while true {
            let page = try index.reader.collectable(after: read.last?.record.path, limit: 7)
            read += page
            if page.count < 7 { break }
        }
        #expect(read == rows.filter(\.record.isDeleted).sorted { $0.record.path < $1.record.path })
        transaction = IndexTransaction()
        transaction.droppedRows = forgotten
        try index.commit(transaction)
        #expect(index.rootDigest == other.rootDigest)
        #expect(index.status.tombstones == other.status.tombstones)
        #expect(index.status.mark.sequence == 40)
        let log = try index.reader.log(after: 0, limit: 100)
        #expect(log.rows == (try other.reader.log(after: 0, limit: 100)).rows)
        #expect(log.isLast && log.head == 40 && log.lookedAt == 40)
        try index.checkIntegrity(.content)
        for index in [index, other] { try index.close() }
    }

    /// A local change beside a deletion is found, and one whose path is agreed to be live is not, whatever was made of
    /// it here. What is made here stays when the deletion is forgotten.
    @Test func localRowsAreTakenForWhatIsAgreed() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        func record(_ path: RelativePath, _ content: Content, _ author: UInt64, _ counter: UInt64) -> FileRecord {
            let origin = Origin(author: Author(device: device(author), epoch: IndexEpoch(1)), counter: counter)
            return FileRecord(path: path, content: content, version: VersionVector(origin), origin: origin, edits: 1)
        }
        func row(_ sequence: UInt64, _ record: FileRecord, beside agreed: FileRecord?) -> IndexRow {
            IndexRow(
                record: record, sequence: sequence, disk: nil, source: nil, standing: agreed == nil ? .agreed : .local,
                agreed: agreed)
        }
        let paths = try ["a", "b", "c", "d"].map { try RelativePath($0) }
        let deleted = Content.deleted(movedTo: nil)
        var transaction = IndexTransaction()
        transaction.rows = [
            row(1, record(paths[0], deleted, 2, 1), beside: nil),
            row(2, record(paths[1], .directory, 1, 1), beside: record(paths[1], deleted, 2, 2)),
            row(3, record(paths[2], deleted, 1, 2), beside: record(paths[2], .directory, 2, 3)),
            row(4, record(paths[3], .directory, 2, 4), beside: nil),
        ]
        try index.commit(transaction)
        #expect(try index.reader.collectable(limit: 10) == Array(transaction.rows[0..<2]))
        #expect(try index.reader.collectable(after: paths[0], limit: 10) == [transaction.rows[1]])
        #expect(index.status.tombstones == 2 && index.status.local == 2)
        var kept = transaction.rows[1]
        (kept.sequence, kept.agreed) = (5, nil)
        transaction = IndexTransaction()
        (transaction.rows, transaction.droppedRows) = ([kept], [paths[0]])
        try index.commit(transaction)
        #expect(try index.reader.collectable(limit: 10).isEmpty)
        #expect(index.status.tombstones == 0 && index.status.local == 2)
        #expect(try index.reader.row(paths[1]) == kept)
        try index.checkIntegrity(.content)
        try index.close()
    }
}
