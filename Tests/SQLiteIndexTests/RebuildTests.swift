import Cryptography
import SyncModel
import Testing

@testable import SQLiteIndex

/// What an index knows for the rebuild of another one, and of its own (rule 8).
@Suite struct RebuildTests {
    private static let day: Int64 = 86_400

    private func put(
        _ index: FolderIndex, _ name: String, content: UInt64, at seconds: Int64 = 1_000,
        standing: IndexRow.Standing = .agreed, source: DeviceID? = nil
    ) throws -> FileContent {
        let sequence = index.status.mark.sequence + 1
        let record = fileRecord(try path(name), counter: sequence, content: content)
        var transaction = IndexTransaction()
        transaction.rows = [
            IndexRow(record: record, sequence: sequence, disk: nil, source: source, standing: standing)
        ]
        transaction.seconds = seconds
        try index.commit(transaction)
        guard case .file(let file) = record.content else { throw IndexError(.other, "no file") }
        return file
    }

    // MARK: What was held

    @Test func aReplacedContentWasHeldAtItsPathOnly() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let (a, b) = (try path("a"), try path("b"))
        let old = try put(index, "a", content: 1)
        let new = try put(index, "a", content: 2)
        #expect(try index.reader.hasHeld(old, at: a) == true)
        #expect(try index.reader.hasHeld(new, at: a) == true)
        #expect(try index.reader.hasHeld(old, at: b) == nil)
        #expect(try index.reader.hasHeld(FileContent(size: 1, hash: new.hash), at: a) == nil)
        let tombstone = FileRecord(
            path: a, content: .deleted(movedTo: nil), version: VersionVector(),
            origin: fileRecord(a, counter: 3).origin, edits: 3)
        try index.commit(
            IndexTransaction(rows: [IndexRow(record: tombstone, sequence: 3, disk: nil, source: nil)]))
        #expect(try index.reader.hasHeld(new, at: a) == true)
    }

    /// What is needed is newer than what stands there: nobody may take it for old.
    @Test func aNeededContentWasNotHeld() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let path = try path("a")
        let old = try put(index, "a", content: 1)
        _ = try put(index, "a", content: 2)
        var transaction = IndexTransaction()
        transaction.needs = [
            Need(target: fileRecord(path, counter: 9, content: 1), sources: [], state: .wanted)
        ]
        try index.commit(transaction)
        #expect(try index.reader.hasHeld(old, at: path) == false)
    }

    /// A link is known by its target, and is not taken for a file that holds the same bytes.
    @Test func aReplacedLinkWasHeldAtItsPathOnly() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let (a, b) = (try path("a"), try path("b"))
        var link = fileRecord(a, counter: 1)
        link.content = .symlink(target: Array("there".utf8))
        link.mode = nil
        try index.commit(IndexTransaction(rows: [IndexRow(record: link, sequence: 1, disk: nil, source: nil)]))
        let trace = try #require(link.content.trace)
        #expect(try index.reader.hasHeld(trace, at: a) == true)
        _ = try put(index, "a", content: 1)
        #expect(try index.reader.hasHeld(trace, at: a) == true)
        #expect(try index.reader.hasHeld(trace, at: b) == nil)
        let file = FileContent(size: 5, hash: ContentHash(SHA256.hash(Array("there".utf8))))
        #expect(try index.reader.hasHeld(file, at: a) == nil)
    }

    @Test func anEntryInDoubtIsNoWitness() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let content = try put(index, "a", content: 1, standing: .found)
        #expect(try index.reader.hasHeld(content, at: path("a")) == nil)
    }

    @Test func whatWasHeldIsForgottenAfterAYear() throws {
        let directory = try TemporaryDirectory()
        var index = try makeIndex(directory)
        let old = try put(index, "a", content: 1)
        _ = try put(index, "a", content: 2, at: 10 * Self.day)
        let later = try put(index, "a", content: 3, at: 20 * Self.day)
        _ = try put(index, "a", content: 4, at: 20 * Self.day)
        for (days, isKnown) in [(10 + Limits.pastDays, true), (11 + Limits.pastDays, false)] {
            // The first commit after an opening looks for what is to be forgotten.
            try index.close()
            index = try openIndex(directory)
            _ = try put(index, "b", content: 9, at: days * Self.day)
            #expect(try index.reader.hasHeld(old, at: path("a")) == (isKnown ? true : nil))
            #expect(try index.reader.hasHeld(later, at: path("a")) == true)
        }
    }

    // MARK: What was found

    @Test func entriesInDoubtAreCountedAndListedAndNotTold() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        _ = try put(index, "c", content: 1, standing: .found)
        _ = try put(index, "b", content: 2)
        _ = try put(index, "a", content: 3, standing: .old)
        #expect(index.status.found == 1 && index.status.old == 1)
        #expect(try index.reader.unsettled(limit: 9).map(\.row.standing) == [.old, .found])
        #expect(try index.reader.unsettled(after: path("a"), limit: 9).map(\.row.record.path) == [path("c")])
        #expect(try index.reader.log(after: 0, limit: 9).rows.map(\.record.path) == [path("b")])
        #expect(try index.reader.log(after: 0, limit: 9).lookedAt == 3)
        // Another standing is no other record.
        var row = try #require(try index.reader.row(path("c")))
        row.standing = .old
        try index.commit(IndexTransaction(rows: [row]))
        #expect(index.status.found == 0 && index.status.old == 2 && index.status.mark.sequence == 3)
        _ = try put(index, "c", content: 4)
        #expect(index.status.old == 1)
        try index.checkIntegrity(.content)
        try index.close()
        #expect(try openIndex(directory).status.old == 1)
    }

    @Test func whoReadsTheLogAnewIsToldItsOwn() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        for (name, source) in [("a", device(7)), ("b", device(8)), ("c", device(7))] {
            _ = try put(index, name, content: 1, source: source)
        }
        let reader = index.reader
        func told(_ epoch: UInt64) throws -> [IndexSequence] {
            let source = Author(device: device(7), epoch: IndexEpoch(epoch))
            return try reader.log(after: 0, limit: 9, excluding: source).rows.map(\.sequence)
        }
        #expect(try told(1) == [1, 2, 3])
        _ = try follow(index, device(7), IndexEpoch(1))
        #expect(try told(1) == [2])
        // Its log is another, and that is not known here yet; then it is, and it has announced one of them again.
        #expect(try told(2) == [1, 2, 3])
        _ = try follow(index, device(7), IndexEpoch(2))
        #expect(try told(2) == [1, 2, 3] && index.reader.row(path("a"))?.source == nil)
        _ = try put(index, "d", content: 1, source: device(7))
        #expect(try told(2) == [1, 2, 3])
    }

    /// Sequences of a log that is no more would bound what is acknowledged of the new one.
    @Test func whatAnEarlierLogAnnouncedIsForgotten() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        func sources(_ numbers: [UInt64]) -> [NeedSource] {
            numbers.map { NeedSource(device: device($0), sequence: 20, match: .record) }.sorted {
                $0.device < $1.device
            }
        }
        var transaction = IndexTransaction()
        transaction.needs = [
            Need(target: fileRecord(try path("a"), counter: 1, content: 1), sources: sources([7, 8]), state: .wanted),
            Need(target: fileRecord(try path("b"), counter: 2, content: 1), sources: sources([7]), state: .staged),
        ]
        transaction.peers = [PeerState(device: device(7), epoch: IndexEpoch(1), receivedSequence: 20)]
        try index.commit(transaction)
        transaction = IndexTransaction()
        transaction.peers = [PeerState(device: device(7), epoch: IndexEpoch(1), receivedSequence: 21)]
        try index.commit(transaction)
        #expect(try index.reader.leastNeedSequence(of: device(7)) == 20)
        transaction.peers = [PeerState(device: device(7), epoch: IndexEpoch(2), receivedSequence: 5)]
        transaction.needs = [
            Need(
                target: fileRecord(try path("b"), counter: 2, content: 1),
                sources: [NeedSource(device: device(7), sequence: 5, match: .record)], state: .staged)
        ]
        try index.commit(transaction)
        #expect(try index.reader.leastNeedSequence(of: device(7)) == 5)
        #expect(try index.reader.load([path("a")]).first?.need?.sources == sources([8]))
        #expect(index.status.needs[.wanted]?.needs == 1 && index.status.needs[.staged]?.needs == 1)
        try index.checkIntegrity(.content)
    }

    @Test func aRebuildLastsUntilItsScanIsComplete() throws {
        let directory = try TemporaryDirectory()
        var index = try FolderIndex.create(
            path: directory.index, folder: folderA, device: deviceA, newEpoch: epochA, rebuilding: true)
        #expect(index.status.isRebuilding)
        // No stamp of the lost index is given out again.
        #expect(index.status.stampCounter == epochA.number & 0xffff_ffff)
        _ = try put(index, "a", content: 1, standing: .found)
        try index.close()
        index = try openIndex(directory)
        #expect(index.status.isRebuilding)
        var transaction = IndexTransaction()
        transaction.endsRebuild = true
        try index.commit(transaction)
        try index.close()
        #expect(try !openIndex(directory).status.isRebuilding)
    }

    /// Rule 12: an index keeps since which start of the machine all is mended, and a new one has nothing to mend.
    @Test func theMendedStartIsKept() throws {
        let directory = try TemporaryDirectory()
        var index = try FolderIndex.create(
            path: directory.index, folder: folderA, device: deviceA, newEpoch: epochA, boot: "one")
        for (mended, kept) in [(nil, "one"), ("two", "two"), (nil, "two")] as [(String?, String)] {
            var transaction = IndexTransaction()
            transaction.mendedBoot = mended
            try index.commit(transaction)
            try index.close()
            index = try openIndex(directory)
            #expect(index.boot == kept)
        }
    }

    @Test func anIndexOfVersionOneIsNotInDoubt() throws {
        let directory = try TemporaryDirectory()
        let first = Schema(applicationID: Schema.folder.applicationID, scripts: [Schema.folder.scripts[0]])
        let connection = try Connection.create(directory.index, schema: first)
        try connection.hold { database in
            let insert = try Command(
                database, "INSERT INTO identity VALUES (1, ?, ?, 5, 1, 0, 0, ?, x'00')")
            insert.bind(1, folderA.bytes)
            insert.bind(2, deviceA.raw)
            insert.bind(3, Bytes32.zero)
            try insert.run()
        }
        try connection.close()
        let index = try openIndex(directory)
        #expect(!index.status.isRebuilding && index.status.found == 0 && index.boot == nil)
        _ = try put(index, "a", content: 1)
        #expect(try index.reader.row(path("a"))?.standing == .agreed)
    }
}
