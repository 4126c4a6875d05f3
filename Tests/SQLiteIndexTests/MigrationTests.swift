import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// An index that an earlier version wrote says afterwards what it said before, and goes on like one that is new.
@Suite struct MigrationTests {
    /// What versions 1 and 2 have of each table, by name. Version 2 adds columns and a table.
    private static let tables = [
        "total": "name, value", "member": "id, device", "author": "id, member, epoch",
        "chunk_list": "id, hash, size, chunks", "chunk_segment": "id, list, position, packed",
        "chunk": "prefix, segment", "need": "id, key, state, size, content, reason, detail",
        "need_source": "member, sequence, need", "mark": "sequence, hash", "digest": "bucket, state",
        "peer": """
        member, epoch, received_sequence, mark_sequence, mark_hash, acknowledged_epoch, acknowledged_sequence,
        sent_sequence, frontier
        """,
        "identity": "id, folder, device, epoch, next_edit, last_sequence, stamp_counter, log_hash, frontier",
        "record": "sequence, key, kind, content, inode, source, conflict, detail",
    ]

    /// Everything that can be asked of an index.
    private struct Picture: Equatable {
        var status: IndexStatus
        var root: RootDigest
        var buckets: [Bytes32]
        var rows: [IndexRow]
        var tombstones: [IndexRow]
        var log: [IndexRow]
        var needs: [[Need]]
        var peers: [PeerState]
        var least: [IndexSequence?]
        var chunks: [[ChunkReference]?]
        var held: [Bool?]

        init(_ index: FolderIndex, _ lists: [ContentChunks], _ past: [(FileContent, RelativePath)]) throws {
            let reader = index.reader
            (status, root, buckets) = (index.status, index.rootDigest, index.bucketDigests)
            rows = try reader.rows(limit: 10_000)
            tombstones = try reader.tombstones(limit: 10_000)
            log = try reader.log(after: 0, limit: 10_000).rows
            needs = try NeedState.allCases.map { try reader.needs($0, limit: 10_000) }
            peers = try reader.peers()
            least = try (1...6).map { try reader.leastNeedSequence(of: device($0)) }
            chunks = try lists.map { try reader.chunkList($0.content) }
            held = try past.map { try reader.hasHeld($0, at: $1) }
        }
    }

    @Test(arguments: [1, 2], 0..<8 as Range<UInt64>)
    func whatItSaidItSays(version: Int, seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: seed)
        let paths = try random.paths(120)
        let lists = (0..<4 as Range<UInt64>).map { list($0, &random) }
        let present = try FolderIndex.create(
            path: directory.device, folder: folderA, device: deviceA, newEpoch: epochA, rebuilding: version > 1)
        var past: [(FileContent, RelativePath)] = []
        var sequence: IndexSequence = 0
        for _ in 0..<6 {
            var transaction = try transaction(&random, paths, lists, &sequence, standing: version > 1)
            // Version 1 remembers nothing of what was replaced.
            if version > 1 { try note(transaction, present, &past) }
            transaction.seconds = 1_700_000_000
            try present.commit(transaction)
        }
        let before = try Picture(present, lists, past)
        try present.close()
        try makeEarlier(version, directory)
        let migrated = try openIndex(directory)
        #expect(try Picture(migrated, lists, past) == before, "version \(version), seed \(seed)")
        try migrated.checkIntegrity(.content)
        // Both go on alike, with what only the present version knows, too.
        let again = try FolderIndex.open(path: directory.device, folder: folderA, device: deviceA)
        var next = try transaction(&random, paths, lists, &sequence, standing: true)
        next.needs += try paths.prefix(3).map { path in
            var need = try random.need(path)
            (need.state, need.reason) = (.held, nil)
            return need
        }
        next.releases = [release()]
        next.endsRebuild = true
        for index in [migrated, again] { try index.commit(next) }
        #expect(try Picture(migrated, lists, past) == Picture(again, lists, past), "version \(version), seed \(seed)")
        #expect(try migrated.reader.releases() == again.reader.releases())
        try migrated.checkIntegrity(.content)
        try migrated.close()
        try again.close()
        try openIndex(directory).close()
    }

    private func list(_ number: UInt64, _ random: inout SeededGenerator) -> ContentChunks {
        let chunks = (0..<UInt64.random(in: 2...700, using: &random)).map { place in
            ChunkReference(length: UInt32(9_000 + place), hash: hash(number << 32 | place))
        }
        let size = chunks.reduce(0) { $0 + UInt64($1.length) }
        return ContentChunks(content: FileContent(size: size, hash: ContentHash(hash(number))), chunks: chunks)
    }

    private func release() -> ReleaseRow {
        ReleaseRow(
            author: Author(device: deviceA, epoch: epochA), upTo: 5, signer: device(2), signerKey: [1], signature: [2])
    }

    private func transaction(
        _ random: inout SeededGenerator, _ paths: [RelativePath], _ lists: [ContentChunks],
        _ sequence: inout IndexSequence, standing: Bool
    ) throws -> IndexTransaction {
        var transaction = IndexTransaction()
        for path in paths where random.chance(30) {
            sequence += UInt64.random(in: 1...3, using: &random)
            var row = try random.row(path, sequence: sequence)
            if random.chance(20), let list = lists.randomElement(using: &random) {
                row.record.content = .file(list.content)
                transaction.chunkLists.append(list)
            }
            if standing, random.chance(20) { row.standing = random.chance(50) ? .found : .old }
            transaction.rows.append(row)
        }
        for path in paths where random.chance(25) {
            var need = try random.need(path)
            if need.state == .held { need.state = .wanted }
            transaction.needs.append(need)
        }
        for path in paths where random.chance(10) { transaction.droppedNeeds.append(path) }
        transaction.peers = (2...4).map { number in
            PeerState(
                device: device(number), epoch: IndexEpoch(number), receivedSequence: random.number(1_000),
                mark: LogMark(sequence: number, hash: hash(number)), acknowledgedEpoch: number == 3 ? nil : epochA,
                acknowledgedSequence: random.number(1_000), sentSequence: random.number(1_000),
                frontier: random.vector())
        }
        transaction.frontier = random.vector()
        return transaction
    }

    /// The files that a transaction replaces by something else.
    private func note(
        _ transaction: IndexTransaction, _ index: FolderIndex, _ past: inout [(FileContent, RelativePath)]
    ) throws {
        for row in transaction.rows {
            if case .file(let content) = try index.reader.row(row.record.path)?.record.content {
                past.append((content, row.record.path))
            }
        }
    }

    /// Copies the present index into one of an earlier version.
    private func makeEarlier(_ version: Int, _ directory: TemporaryDirectory) throws {
        let scripts = Array(Schema.folder.scripts.prefix(version))
        let schema = Schema(applicationID: Schema.folder.applicationID, scripts: scripts)
        let connection = try Connection.create(directory.index, schema: schema)
        try connection.hold { database in
            try database.run("ATTACH '\(directory.device)' AS present")
            for (table, columns) in MigrationTests.tables {
                var all = columns
                if version > 1, table == "record" { all += ", standing" }
                if version > 1, table == "identity" { all += ", rebuilding" }
                try database.run("INSERT INTO \(table) (\(all)) SELECT \(all) FROM present.\(table)")
            }
            if version > 1 { try database.run("INSERT INTO past SELECT trace, seconds FROM present.past") }
            try database.run("DETACH present")
        }
        try connection.close()
    }
}
