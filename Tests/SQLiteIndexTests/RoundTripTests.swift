import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct RoundTripTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everyFieldOfARowComesBack(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: seed)
        var rows: [IndexRow] = []
        for (index, path) in try random.paths(300).enumerated() {
            rows.append(try random.row(path, sequence: UInt64(index + 1) * 3))
        }
        let index = try makeIndex(directory)
        try index.commit(IndexTransaction(rows: rows))
        #expect(try index.reader.load(rows.map(\.record.path)).map(\.row) == rows)
        try index.close()
        let again = try openIndex(directory)
        #expect(try again.reader.load(rows.map(\.record.path)).map(\.row) == rows)
        let side = try again.makeReader()
        #expect(try side.log(after: 0, limit: 1_000).rows == rows)
        try side.close()
        try again.close()
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everyFieldOfANeedComesBack(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: seed)
        let needs = try random.paths(200).map { try random.need($0) }
        let index = try makeIndex(directory)
        try index.commit(IndexTransaction(needs: needs))
        let loaded = try index.reader.load(needs.map(\.path))
        #expect(loaded.map(\.need) == needs)
        #expect(loaded.allSatisfy { $0.row == nil })
        try index.close()
    }

    @Test func peersAndCountersComeBack() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 9)
        let peers = (2...5).map { number in
            PeerState(
                device: device(number), epoch: number == 2 ? nil : IndexEpoch(.max - number),
                receivedSequence: number * 5,
                mark: LogMark(sequence: number * 4, hash: hash(number)),
                acknowledgedEpoch: number == 3 ? nil : epochA, acknowledgedSequence: number * 3,
                sentSequence: number * 7, frontier: random.vector())
        }
        var transaction = IndexTransaction()
        transaction.peers = peers
        transaction.nextEdit = 77
        transaction.stampCounter = 88
        transaction.frontier = random.vector()
        let index = try makeIndex(directory)
        try index.commit(transaction)
        let status = index.status
        try index.close()
        let again = try openIndex(directory)
        #expect(try again.reader.peers() == peers.sorted { $0.device < $1.device })
        #expect(try again.reader.peer(device(3)) == peers[1])
        #expect(try again.reader.peer(device(99)) == nil)
        #expect(again.status == status)
        #expect(again.status.nextEdit == 77 && again.status.stampCounter == 88)
        #expect(again.status.frontier == transaction.frontier)
        #expect(again.status.epoch == epochA)
        try again.close()
    }

    @Test func countersOnlyRise() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        try index.commit(
            IndexTransaction(rows: [
                IndexRow(
                    record: fileRecord(try path("a"), counter: 40), sequence: 1, disk: nil, source: nil)
            ]))
        #expect(index.status.nextEdit == 41 && index.status.stampCounter == 40)
        var lower = IndexTransaction()
        lower.nextEdit = 3
        lower.stampCounter = 3
        try index.commit(lower)
        #expect(index.status.nextEdit == 41 && index.status.stampCounter == 40)
        try index.close()
    }
}
