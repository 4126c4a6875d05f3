internal import Cryptography
internal import SyncModel

/// One transaction under way: the ledger as it will be, and what to look at before the end.
struct Commit {
    var ledger: Ledger
    let device: DeviceID
    let queries: Queries
    /// Contents that may have lost their last reference.
    var loosened: Set<FileContent> = []
    /// Seconds since 1970.
    var seconds: Int64 = 0

    // MARK: Rows

    /// Puts rows, advances the log and its running hash.
    mutating func put(_ rows: [IndexRow]) throws {
        let log = SHA256()
        log.update(ledger.logHash.bytes)
        var grew = false
        for row in rows {
            let key = row.record.path.sortKey
            let old = try queries.row(row.record.path, key: key)
            if let old, old.sequence == row.sequence {
                guard old.record == row.record, old.agreed == row.agreed else {
                    throw IndexError(
                        .refused, "A changed record of \(row.record.path) came with its old sequence \(row.sequence).")
                }
                try write(row, key: key, replacing: old)
                ledger.totals.count(old.standing, sign: -1)
                ledger.totals.count(row.standing, sign: 1)
                continue
            }
            guard row.sequence > ledger.lastSequence, row.sequence <= Limits.counter else {
                throw IndexError(
                    .refused, "Sequence \(row.sequence) of \(row.record.path) is not beyond \(ledger.lastSequence).")
            }
            ledger.lastSequence = row.sequence
            let encoded = RecordDigest.encode(row.record)
            withUnsafeBytes(of: row.sequence.bigEndian) { log.update($0) }
            log.update(encoded)
            grew = true
            try write(row, key: key, replacing: old)
            if let old = old?.counted { try remember(old, replacedBy: row.counted) }
            account(row, encoded: encoded, replacing: old)
        }
        guard grew else { return }
        ledger.logHash = log.finish()
        try queries.command("INSERT INTO mark (sequence, hash) VALUES (?, ?)") {
            $0.bind(1, ledger.lastSequence)
            $0.bind(2, ledger.logHash)
        }.run()
    }

    private func write(_ row: IndexRow, key: [UInt8], replacing old: IndexRow?) throws {
        if let old { try delete(sequence: old.sequence) }
        let detail = try queries.codec.encode(row.record, disk: row.disk)
        let local = row.standing == .local ? try queries.codec.encode(agreed: row.agreed) : nil
        let source = try row.source.map { try queries.names.number(of: $0, queries.database) }
        var content: UInt64?
        if case .file(let file) = row.record.content { content = file.hash.raw.prefix }
        try queries.command(
            """
            INSERT INTO record (sequence, key, kind, content, inode, source, conflict, detail, standing, local)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) {
            $0.bind(1, row.sequence)
            $0.bind(2, key)
            $0.bind(3, RecordCodec.kind(of: row.record.content))
            $0.bind(4, optional: content)
            $0.bind(5, optional: row.disk?.inode)
            $0.bind(6, optional: source)
            $0.bind(7, optional: row.record.conflictOf != nil && !row.record.isDeleted ? Int64(1) : nil)
            $0.bind(8, detail)
            $0.bind(9, optional: row.isInDoubt ? Int64(row.standing.rawValue) : nil)
            $0.bind(10, optional: local)
        }.run()
    }

    private func delete(sequence: IndexSequence) throws {
        try queries.command("DELETE FROM record WHERE sequence = ?") { $0.bind(1, sequence) }.run()
    }

    mutating func drop(row path: RelativePath) throws {
        guard let old = try queries.row(path, key: path.sortKey) else { return }
        try delete(sequence: old.sequence)
        discount(old)
        if let record = old.counted { ledger.digest.remove(record) }
    }

    private mutating func account(_ row: IndexRow, encoded: [UInt8], replacing oldRow: IndexRow?) {
        if let oldRow { discount(oldRow) }
        let record = row.record
        ledger.totals.count(row, sign: 1)
        for stamp in [record.modified?.stamp, record.mode?.stamp] + record.attributes.map(\.value.stamp) {
            ledger.stampCounter = max(ledger.stampCounter, stamp?.counter ?? 0)
        }
        let author = Author(device: device, epoch: ledger.epoch)
        ledger.nextEdit = max(ledger.nextEdit, record.version[author] &+ 1)
        let (counted, old) = (row.counted, oldRow?.counted)
        var comparable = old
        comparable?.movedFrom = counted?.movedFrom
        comparable?.lineage = counted?.lineage ?? []
        if comparable == counted { return }
        if let old { ledger.digest.remove(old) }
        guard let counted else { return }
        ledger.digest.insert(counted, encoded: counted == record ? encoded : RecordDigest.encode(counted))
    }

    private mutating func discount(_ row: IndexRow) {
        ledger.totals.count(row, sign: -1)
        loosen(row.record.content)
    }

    mutating func loosen(_ content: Content) {
        if case .file(let file) = content, file.mayHaveChunkList { loosened.insert(file) }
    }

    /// Keeps the last `Limits.logMarks` marks.
    func pruneMarks() throws {
        try queries.command(
            """
            DELETE FROM mark WHERE sequence <= (SELECT sequence FROM mark ORDER BY sequence DESC LIMIT 1 OFFSET ?)
            """
        ) { $0.bind(1, Limits.logMarks) }.run()
    }
}

extension IndexRow {
    /// Whether it was found after the loss of an index, and not agreed since.
    fileprivate var isInDoubt: Bool { standing == .found || standing == .old }
}

extension FileContent {
    /// Files of more than one chunk are longer than the least chunk.
    var mayHaveChunkList: Bool { size > UInt64(Limits.chunkLeast) }
}
