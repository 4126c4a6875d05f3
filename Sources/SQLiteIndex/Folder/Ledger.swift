internal import Cryptography
internal import GRDB
internal import SyncModel

/// What an index keeps in memory: its counters, totals and digest, as of the last commit.
struct Ledger {
    var epoch: IndexEpoch
    var nextEdit: UInt64 = 1
    var lastSequence: IndexSequence = 0
    var stampCounter: UInt64 = 0
    var logHash: Bytes32
    var frontier = VersionVector()
    var cut = VersionVector()
    var proposedCut: ProposedCut?
    var isRebuilding = false
    var boot: String?
    /// Nil where the index is older than that is noted.
    var incarnation: UInt64?
    var totals = Totals()
    var digest = DigestState()

    /// Of an empty index.
    init(folder: FolderID, device: DeviceID, epoch: IndexEpoch) {
        self.epoch = epoch
        logHash = Self.firstLogHash(folder: folder, device: device, epoch: epoch)
    }

    /// The running hash of an empty log.
    static func firstLogHash(folder: FolderID, device: DeviceID, epoch: IndexEpoch) -> Bytes32 {
        let number = epoch.number.bigEndianBytes
        return SHA256.hash(Array("lanyard log 1".utf8) + folder.bytes + device.raw.bytes + number)
    }

    func status(folder: FolderID, device: DeviceID) -> IndexStatus {
        var needs: [NeedState: NeedCount] = [:]
        for state in NeedState.allCases {
            needs[state] = NeedCount(
                needs: Int(totals[.count(state)]), bytes: UInt64(clamping: totals[.bytes(state)]))
        }
        return IndexStatus(
            folder: folder, device: device, epoch: epoch, nextEdit: nextEdit,
            mark: LogMark(sequence: lastSequence, hash: logHash), stampCounter: stampCounter, frontier: frontier,
            cut: cut, proposedCut: proposedCut, files: Int(totals[.files]), directories: Int(totals[.directories]),
            symlinks: Int(totals[.symlinks]),
            bytes: UInt64(clamping: totals[.bytes]), tombstones: Int(totals[.tombstones]),
            conflicts: Int(totals[.conflicts]), isRebuilding: isRebuilding, found: Int(totals[.found]),
            old: Int(totals[.old]), local: Int(totals[.local]), needs: needs)
    }

    // MARK: Reading

    init(folder: FolderID, device: DeviceID, path: String, _ queries: Queries) throws {
        let query = try Command(
            queries.database,
            """
            SELECT folder, device, epoch, next_edit, last_sequence, stamp_counter, log_hash, frontier, rebuilding,
                boot, cut, proposed_cut, proposed_seconds, incarnation
            FROM identity
            """)
        defer { query.reset() }
        guard try query.step() else {
            let isEmpty = try Command(queries.database, "SELECT 1 FROM record LIMIT 1").first { _ in true } == nil
            guard isEmpty else { throw IndexError.damaged("no identity", path: path) }
            throw IndexError(.unfinished, "The index \(path) was not made to the end; make it anew.")
        }
        guard query.blob(0) == folder.bytes, try query.hash(1) == device.raw else {
            throw IndexError(.foreign, "The index \(path) is of another folder or device; set it aside.")
        }
        epoch = IndexEpoch(query.unsigned(2))
        nextEdit = query.unsigned(3)
        lastSequence = query.unsigned(4)
        stampCounter = query.unsigned(5)
        logHash = try query.hash(6)
        frontier = try queries.vector(query, 7)
        isRebuilding = query.integer(8) == 1
        boot = query.isNull(9) ? nil : query.text(9)
        if !query.isNull(10) { cut = try queries.vector(query, 10) }
        if !query.isNull(11) {
            proposedCut = ProposedCut(vector: try queries.vector(query, 11), seconds: query.integer(12))
        }
        incarnation = query.isNull(13) ? nil : query.unsigned(13)
        totals = try Self.totals(queries)
        digest = try Self.digest(queries)
    }

    private static func totals(_ queries: Queries) throws -> Totals {
        var totals = Totals()
        let query = try Command(queries.database, "SELECT name, value FROM total")
        while try query.step() {
            guard let total = Total(rawValue: query.text(0)) else { throw IndexError.damaged("an unknown total") }
            totals[total] = query.integer(1)
        }
        return totals
    }

    static func digest(_ queries: Queries) throws -> DigestState {
        var digest = DigestState()
        let query = try Command(queries.database, "SELECT bucket, state FROM digest")
        while try query.step() {
            guard let state = query.withBlob(1, { LtHash16(state: $0) }) else {
                throw IndexError.damaged("a torn digest state")
            }
            digest.restore(state, at: Int(query.integer(0)))
        }
        return digest
    }

    // MARK: Writing

    /// The first row of an index just made.
    func insert(folder: FolderID, device: DeviceID, _ database: Database) throws {
        let insert = try Command(
            database,
            """
            INSERT INTO identity (id, folder, device, epoch, next_edit, last_sequence, stamp_counter, log_hash,
                frontier, rebuilding, boot, incarnation)
            VALUES (1, ?, ?, ?, ?, ?, ?, ?, x'00', ?, ?, ?)
            """)
        insert.bind(1, folder.bytes)
        insert.bind(2, device.raw)
        insert.bind(3, epoch.number)
        insert.bind(4, nextEdit)
        insert.bind(5, lastSequence)
        insert.bind(6, stampCounter)
        insert.bind(7, logHash)
        insert.bind(8, isRebuilding)
        insert.bind(9, optional: boot)
        insert.bind(10, optional: incarnation)
        try insert.run()
    }

    /// Writes what differs from `old`, inside the transaction.
    mutating func store(replacing old: Ledger, _ queries: Queries) throws {
        let vectors = (try queries.blob(frontier), try queries.blob(cut))
        let proposed = try proposedCut.map { try queries.blob($0.vector) }
        try queries.command(
            """
            UPDATE identity SET epoch = ?, next_edit = ?, last_sequence = ?, stamp_counter = ?, log_hash = ?,
                frontier = ?, rebuilding = ?, boot = ?, cut = ?, proposed_cut = ?, proposed_seconds = ?, incarnation = ?
            """
        ) {
            $0.bind(1, epoch.number)
            $0.bind(2, nextEdit)
            $0.bind(3, lastSequence)
            $0.bind(4, stampCounter)
            $0.bind(5, logHash)
            $0.bind(6, vectors.0)
            $0.bind(7, isRebuilding)
            $0.bind(8, optional: boot)
            $0.bind(9, vectors.1)
            $0.bind(10, optional: proposed)
            $0.bind(11, optional: proposedCut?.seconds)
            $0.bind(12, optional: incarnation)
        }.run()
        for total in Total.allCases where totals[total] != old.totals[total] {
            try queries.command("INSERT OR REPLACE INTO total (name, value) VALUES (?, ?)") {
                $0.bind(1, total.rawValue)
                $0.bind(2, totals[total])
            }.run()
        }
        for bucket in digest.touched.sorted() {
            try queries.command("INSERT OR REPLACE INTO digest (bucket, state) VALUES (?, ?)") {
                $0.bind(1, bucket)
                $0.bind(2, digest.states[bucket].state)
            }.run()
        }
        digest.touched = []
    }
}
