internal import GRDB
internal import SyncModel

/// Reading rows and needs on a connection that is held.
struct Queries {
    let names: Names
    let database: Database

    /// The columns that `row` reads, in this order.
    static let columns = "sequence, key, kind, inode, source, detail, standing, local"

    /// What is agreed of a row: of a local one its blob begins with the kind.
    static let isTombstone = "((kind = 0 AND local IS NULL) OR substr(local, 1, 1) = x'00')"
    static let isLive = "((kind > 0 AND local IS NULL) OR substr(local, 1, 1) > x'00')"

    var codec: RecordCodec { RecordCodec(names: names, database: database) }

    func command(_ sql: String, _ bind: (Command) -> Void) throws -> Command {
        let command = try Command(database, sql)
        bind(command)
        return command
    }

    /// A version vector as it is stored.
    func blob(_ vector: VersionVector) throws -> [UInt8] {
        var writer = ByteWriter()
        try codec.encode(vector, into: &writer)
        return writer.bytes
    }

    func vector(_ query: Command, _ column: Int32) throws -> VersionVector {
        try query.withBlob(column) { bytes in
            var reader = ByteReader(bytes)
            return try codec.vector(&reader)
        }
    }

    // MARK: Rows

    /// The row that the query stands on.
    func row(_ query: Command) throws -> IndexRow {
        try row(query, path: try query.withBlob(1) { try RecordCodec.path(sortKey: $0) })
    }

    private func row(_ query: Command, path: RelativePath) throws -> IndexRow {
        let (record, disk) = try query.withBlob(5) { bytes in
            var reader = ByteReader(bytes)
            let decoded = try codec.decode(&reader, path: path, kind: query.integer(2), inode: query.unsigned(3))
            guard reader.isAtEnd else { throw IndexError.damaged("a row with bytes left over") }
            return decoded
        }
        let source = try query.optional(4).map { try names.device($0, database) }
        guard let standing = IndexRow.Standing(rawValue: UInt8(truncatingIfNeeded: query.optional(6) ?? 0)) else {
            throw IndexError.damaged("an unknown standing")
        }
        var row = IndexRow(
            record: record, sequence: query.unsigned(0), disk: disk, source: source, standing: standing)
        guard !query.isNull(7) else { return row }
        row.standing = .local
        row.agreed = try query.withBlob(7) { try codec.decode(agreed: $0, path: path) }
        return row
    }

    /// The number by which rows name a member that has this log, as far as that is known here.
    func source(_ log: Author) throws -> Int64? {
        guard let member = try names.existingNumber(of: log.device, database) else { return nil }
        return try command("SELECT member FROM peer WHERE member = ? AND epoch = ?") {
            $0.bind(1, member)
            $0.bind(2, log.epoch.number)
        }.first { $0.integer(0) }
    }

    func row(_ path: RelativePath, key: [UInt8]) throws -> IndexRow? {
        try command("SELECT \(Self.columns) FROM record WHERE key = ?") { $0.bind(1, key) }
            .first { try row($0, path: path) }
    }

    func rows(withContent content: FileContent, limit: Int) throws -> [IndexRow] {
        let query = try command("SELECT \(Self.columns) FROM record WHERE content = ?") {
            $0.bind(1, content.hash.raw.prefix)
        }
        defer { query.reset() }
        var rows: [IndexRow] = []
        while rows.count < limit, try query.step() {
            let row = try row(query)
            if row.record.content == .file(content) { rows.append(row) }
        }
        return rows
    }

    // MARK: Needs

    func hasNeeds() throws -> Bool { try Command(database, "SELECT 1 FROM need LIMIT 1").first { _ in true } ?? false }

    func need(_ path: RelativePath, key: [UInt8]) throws -> (number: Int64, need: Need)? {
        try command("SELECT id, state, reason, detail FROM need WHERE key = ?") { $0.bind(1, key) }
            .first { query in
                let reason = query.isNull(2) ? nil : query.text(2)
                let need = try query.withBlob(3) {
                    try codec.decodeNeed($0, path: path, state: query.integer(1), reason: reason)
                }
                return (query.integer(0), need)
            }
    }
}
