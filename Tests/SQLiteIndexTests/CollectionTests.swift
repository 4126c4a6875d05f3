import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// What version 4 of an index adds: deletions are forgotten (rule 7).
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
        var read: [FileRecord] = []
        while true {
            let page = try index.reader.collectable(after: read.last?.path, limit: 7)
            read += page
            if page.count < 7 { break }
        }
        #expect(read == rows.map(\.record).filter(\.isDeleted).sorted { $0.path < $1.path })
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
}
