import SyncModel
import Testing

/// Which commits need not wait for the disk (decision 28).
@Suite struct IndexTransactionTests {
    private static let device = DeviceID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)

    private static func record() throws -> FileRecord {
        .nothing(at: try RelativePath("a"), author: Author(device: device, epoch: IndexEpoch(1)))
    }

    private static func merge(_ state: NeedState = .wanted) throws -> IndexTransaction {
        var transaction = IndexTransaction()
        transaction.peers = [PeerState(device: device, receivedSequence: 7)]
        transaction.needs = [Need(target: try record(), sources: [], state: state)]
        transaction.stampCounter = 3
        return transaction
    }

    @Test func whatMembersTellAgainIsNotFlushed() throws {
        #expect(try Self.merge(.wanted).isToldAgain)
        #expect(try Self.merge(.staged).isToldAgain)
    }

    /// An intent, an edit of ours, or anything that others are told.
    @Test func allElseIs() throws {
        for state in NeedState.allCases where ![.wanted, .staged].contains(state) {
            #expect(try !Self.merge(state).isToldAgain, "\(state)")
        }
        let path = try RelativePath("b")
        let row = IndexRow(record: try Self.record(), sequence: 1, disk: nil, source: nil)
        let more: [(inout IndexTransaction) -> Void] = [
            { $0.rows = [row] }, { $0.droppedRows = [path] }, { $0.droppedNeeds = [path] },
            { $0.needChanges = [NeedChange(path: path, state: .applying)] }, { $0.nextEdit = 2 },
            { $0.frontier = VersionVector() }, { $0.cut = VersionVector() }, { $0.endsRebuild = true },
            { $0.peers = [] }, { $0.needs = [] },
        ]
        for (number, change) in more.enumerated() {
            var transaction = try Self.merge()
            change(&transaction)
            #expect(!transaction.isToldAgain, "change \(number)")
        }
    }
}
