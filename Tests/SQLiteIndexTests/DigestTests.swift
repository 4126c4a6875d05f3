import Cryptography
import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct DigestTests {
    @Test func orderPlaysNoPartAndRemovalUndoes() throws {
        var random = SeededGenerator(seed: 1)
        let records = try random.paths(60).map { try random.record($0) }
        var forward = DigestState()
        for record in records { forward.insert(record) }
        var backward = DigestState()
        for record in records.reversed() { backward.insert(record) }
        #expect(forward == backward && forward.root == backward.root)
        #expect(forward.root != DigestState().root)
        for record in records.shuffled(using: &random) { forward.remove(record) }
        #expect(forward == DigestState())
    }

    @Test func everyAgreedFieldCounts() throws {
        let author = Author(device: device(2), epoch: IndexEpoch(3))
        let base = fileRecord(try path("dir/file"), counter: 5)
        var variants: [FileRecord] = []
        func vary(_ change: (inout FileRecord) throws -> Void) rethrows {
            var record = base
            try change(&record)
            variants.append(record)
        }
        try vary { $0.path = try path("dir/other") }
        vary { $0.content = .file(FileContent(size: 101, hash: ContentHash(hash(5)))) }
        vary { $0.content = .file(FileContent(size: 100, hash: ContentHash(hash(6)))) }
        vary { $0.content = .directory }
        vary { $0.content = .symlink(target: [1]) }
        vary { $0.content = .symlink(target: [2]) }
        vary { $0.content = .deleted(movedTo: nil) }
        try vary { $0.content = .deleted(movedTo: try path("x")) }
        vary { $0.version.insert(Origin(author: author, counter: 1)) }
        vary { $0.version.insert(Origin(author: author, counter: 2)) }
        vary { $0.origin = Origin(author: author, counter: 1) }
        vary { $0.edits = 2 }
        vary { $0.modified = nil }
        vary { $0.modified?.value = Timestamp(seconds: -1, nanoseconds: 0) }
        vary { $0.modified?.stamp = Stamp(counter: 6, device: deviceA) }
        vary { $0.mode = nil }
        vary { $0.mode?.value = FileMode(0o600) }
        vary { $0.mode?.stamp = Stamp(counter: 5, device: device(2)) }
        let stamp = Stamp(counter: 1, device: deviceA)
        vary { $0.attributes = [ExtendedAttribute(name: [1], value: Stamped([], at: stamp))] }
        vary { $0.attributes = [ExtendedAttribute(name: [1], value: Stamped(nil, at: stamp))] }
        vary { $0.attributes = [ExtendedAttribute(name: [2], value: Stamped([], at: stamp))] }
        try vary { $0.conflictOf = try path("y") }
        let encodings = Set((variants + [base]).map { RecordDigest.encode($0) })
        #expect(encodings.count == variants.count + 1)
        let roots = Set(
            (variants + [base]).map { record in
                var state = DigestState()
                state.insert(record)
                return state.root
            })
        #expect(roots.count == variants.count + 1)
    }

    @Test func hintsAndLocalStateDoNotCount() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var record = fileRecord(try path("a"), counter: 1)
        try index.commit(IndexTransaction(rows: [IndexRow(record: record, sequence: 1, disk: nil, source: nil)]))
        let root = index.rootDigest
        record.movedFrom = MoveSource(path: try path("b"), origin: record.origin)
        record.lineage = [
            Place(path: try path("b"), arrival: record.origin, edit: record.origin),
            Place(path: record.path, arrival: record.origin),
        ]
        let disk = stat(of: record, inode: 4)
        try index.commit(
            IndexTransaction(rows: [IndexRow(record: record, sequence: 9, disk: disk, source: device(2))]))
        #expect(index.rootDigest == root)
        #expect(try index.reader.row(record.path)?.record == record)
        try index.close()
    }

    @Test func theBytesAreThoseOfTheDocument() throws {
        let record = fileRecord(try path("a/b"), counter: 5)
        var bytes: [UInt8] = [1, 0, 0, 0, 3, 0x61, 0x2f, 0x62, 1, 0, 0, 0, 0, 0, 0, 0, 100]
        bytes += hash(5).bytes
        let origin = deviceA.raw.bytes + [0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0, 0, 0, 0, 0, 0, 0, 5]
        bytes += [0, 0, 0, 1] + origin + origin + [0, 0, 0, 0, 0, 0, 0, 1]
        let stamp = [0, 0, 0, 0, 0, 0, 0, 5] + deviceA.raw.bytes
        bytes += [1, 0, 0, 0, 0, 0x65, 0x53, 0xf1, 0x05, 0x07, 0x5b, 0xcd, 0x15] + stamp
        bytes += [1, 0, 0, 0x01, 0xa4] + stamp + [0, 0, 0, 0, 0]
        #expect(RecordDigest.encode(record) == bytes)
        #expect(RecordDigest.digest(record) == SHA256.hash(bytes))

        var state = LtHash16()
        state.insert(bytes)
        var expansion = [UInt8](repeating: 0, count: 2_048)
        expansion.withUnsafeMutableBytes { output in bytes.withUnsafeBytes { SHAKE128.expand($0, into: output) } }
        #expect(state.state == expansion)
        #expect(state.digest == SHA256.hash(expansion))
        state.insert(bytes)
        let low = UInt16(expansion[0]) | UInt16(expansion[1]) << 8
        let doubled = low &* 2
        #expect(state.state[0] == UInt8(truncatingIfNeeded: doubled) && state.state[1] == UInt8(doubled >> 8))
        #expect(expansion.withUnsafeBytes { LtHash16(state: $0) }?.state == expansion)
        #expect([UInt8](repeating: 0, count: 2_047).withUnsafeBytes { LtHash16(state: $0) } == nil)
    }

    @Test func bucketsListExactlyTheirRecords() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: 4)
        let records = try random.paths(400).map { try random.record($0) }
        try index.commit(
            IndexTransaction(
                rows: records.enumerated().map {
                    IndexRow(record: $1, sequence: UInt64($0 + 1), disk: nil, source: nil)
                }))
        let live = records.filter { !$0.isDeleted }
        var seen = 0
        let digests = index.bucketDigests
        for bucket in 0..<256 {
            let page = try index.reader.entries(ofBucket: bucket)
            let expected = live.filter { RecordDigest.bucket(of: $0.path) == bucket }.sorted { $0.path < $1.path }
            #expect(page.entries.map(\.path) == expected.map(\.path))
            #expect(page.entries.map(\.digest) == expected.map { RecordDigest.digest($0) })
            #expect(page.next == nil)
            var state = LtHash16()
            for record in expected { state.insert(RecordDigest.encode(record)) }
            #expect(digests[bucket] == state.digest)
            seen += expected.count
        }
        #expect(seen == live.count)
        let tombstoneDigests = try index.reader.tombstoneBuckets()
        for bucket in 0..<256 {
            let page = try index.reader.tombstoneEntries(ofBucket: bucket)
            let expected = records.filter { $0.isDeleted && RecordDigest.bucket(of: $0.path) == bucket }
            #expect(page.entries.map(\.path) == expected.map(\.path).sorted() && page.next == nil)
            var state = LtHash16()
            for record in expected { state.insert(RecordDigest.encode(record)) }
            #expect(tombstoneDigests[bucket] == state.digest)
            seen += expected.count
        }
        #expect(seen == records.count)
        try index.close()
    }
}
