import ModelFolder
import SyncCore
import SyncModel
import Testing

/// What a member that may not announce keeps beside what is agreed.
@Suite struct LocalRowTests {
    private let path = samplePath("a/b")
    private let author = Author(device: sampleDevice(1), epoch: IndexEpoch(1))

    private func record(_ content: UInt64?, mode: UInt16 = 0o644, counter: UInt64 = 1, edits: UInt64 = 1) -> FileRecord
    {
        let origin = Origin(author: author, counter: counter)
        var record = FileRecord(
            path: path, content: content.map { sampleFile($0) } ?? .deleted(movedTo: nil),
            version: VersionVector(origin), origin: origin, edits: edits)
        if content != nil {
            record.mode = Stamped(FileMode(mode), at: Stamp(counter: counter, device: author.device))
            record.modified = Stamped(
                Timestamp(seconds: 1, nanoseconds: 0), at: Stamp(counter: counter, device: author.device))
        }
        return record
    }

    private func made(_ record: FileRecord, beside agreed: FileRecord?) -> IndexRow? {
        LocalRow.row(LocalPut(record: record, disk: nil), beside: agreed, sequence: 9)
    }

    /// What is made here stays beside what is agreed, and that alone counts.
    @Test func whatDiffersIsLocal() throws {
        let cases: [(here: FileRecord, agreed: FileRecord?, difference: LocalDifference)] = [
            (record(2, counter: 2), record(1), .edited),
            (record(1), nil, .added),
            (record(2, counter: 2), record(nil), .added),
            (record(nil, counter: 2), record(1), .deleted),
            (record(1, mode: 0o600, counter: 2), record(1), .metadata),
        ]
        for (here, agreed, difference) in cases {
            let row = try #require(made(here, beside: agreed))
            #expect(row.standing == .local && row.record == here && row.sequence == 9)
            #expect(row.agreedRecord == agreed && row.counted == agreed)
            #expect(LocalRow.difference(row) == difference)
        }
    }

    /// What was undone is agreed again, whatever edits it took.
    @Test func whatIsTheSameIsAgreed() throws {
        for (here, agreed) in [(record(1, counter: 5), record(1)), (record(nil, counter: 5), record(nil))] {
            let row = try #require(made(here, beside: agreed))
            #expect(row.standing == .agreed && row.record == agreed && row.agreedRecord == agreed)
            #expect(LocalRow.difference(row) == nil)
        }
        #expect(made(record(nil), beside: nil) == nil)
    }

    @Test func whatHasNoPlaceHasSeenNothing() {
        let row = LocalRow.missing(record(1), author: author, sequence: 3)
        #expect(row.record.isNothing && row.disk == nil && row.counted == record(1))
        #expect(LocalRow.difference(row) == .missing)
        // Whatever is agreed wins over it.
        #expect(merge(row.record, record(1)).record == record(1))
        #expect(merge(record(nil), row.record).record == record(nil))
        #expect(!record(nil).isNothing && !record(1).isNothing)
    }

    @Test func aRevertLeadsToWhatIsAgreed() throws {
        let edited = try #require(made(record(2, counter: 2), beside: record(1)))
        #expect(LocalRow.reverted(edited, author: author) == record(1))
        let added = try #require(made(record(2), beside: nil))
        #expect(LocalRow.reverted(added, author: author).isNothing)
    }

    /// A content that comes to be agreed takes the agreed metadata; a change of metadata alone stays.
    @Test func onlyContentsThatCameToBeAgreedGiveWay() throws {
        let disk = DiskState(
            kind: .file, device: 1, inode: 1, size: 1, modified: Timestamp(seconds: 1, nanoseconds: 0),
            changed: Timestamp(seconds: 1, nanoseconds: 0), mode: 0o600, links: 1)
        func local(_ here: FileRecord, _ agreed: FileRecord?) throws -> IndexRow {
            try #require(LocalRow.row(LocalPut(record: here, disk: disk), beside: agreed, sequence: 1))
        }
        let target = record(2, mode: 0o640, counter: 7, edits: 3)
        #expect(LocalRow.givesWay(try local(record(2, counter: 2), record(1)), to: target))
        #expect(LocalRow.givesWay(try local(record(2), nil), to: target))
        #expect(!LocalRow.givesWay(try local(record(2, mode: 0o600, counter: 2), record(2)), to: target))
        #expect(!LocalRow.givesWay(try local(record(3), nil), to: target))
        #expect(!LocalRow.givesWay(try local(record(3), nil), to: record(nil)))
    }
}
