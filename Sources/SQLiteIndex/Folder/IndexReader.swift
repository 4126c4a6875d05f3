internal import GRDB
public import SyncModel

/// The queries of a folder's index, through one connection.
///
/// Every call reads one snapshot and returns bounded results; nothing is held between calls, so a reader never keeps
/// the log file from being written back. Calls block, and come from one thread at a time; a reader of its own
/// (`FolderIndex.makeReader`) may be used beside the writer, on another thread.
public final class IndexReader: @unchecked Sendable {
    let connection: Connection
    let names: Names

    init(connection: Connection, names: Names) { (self.connection, self.names) = (connection, names) }

    /// Ends a reader of its own; the writer's ends with the index.
    public func close() throws(IndexError) { try connection.close() }

    /// What stands at each path, in the order asked, at most `Limits.transactionItems`. Sorted paths are fastest.
    public func load(_ paths: [RelativePath]) throws(IndexError) -> [(row: IndexRow?, need: Need?)] {
        try Self.check(paths.count, limit: Limits.transactionItems)
        return try snapshot { queries in
            let needs = try queries.hasNeeds()
            return try paths.map { path in
                let key = path.sortKey
                return (try queries.row(path, key: key), needs ? try queries.need(path, key: key)?.need : nil)
            }
        }
    }

    /// The row of a path, or nil.
    public func row(_ path: RelativePath) throws(IndexError) -> IndexRow? {
        try snapshot { try $0.row(path, key: path.sortKey) }
    }

    // MARK: In path order

    /// Live rows in path order beyond `path` (nil: from the start), below `directory` (nil: the whole folder).
    public func rows(
        after path: RelativePath? = nil, below directory: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            let range = KeyRange(after: path, below: directory)
            return try queries.command(
                "SELECT \(Queries.columns) FROM record WHERE kind > 0 AND key > ? AND key < ? ORDER BY key LIMIT ?"
            ) {
                $0.bind(1, range.lower)
                $0.bind(2, range.upper)
                $0.bind(3, Self.bounded(limit))
            }.all(queries.row)
        }
    }

    /// Live children of a directory (nil: of the folder's root) in path order, beyond the child `path`.
    public func children(
        of directory: RelativePath?, after path: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            let prefix = directory.map { $0.sortKey + [0] } ?? []
            let range = KeyRange(after: nil, below: directory)
            var lower = path.map { $0.sortKey + [1] } ?? (prefix.isEmpty ? [1] : prefix + [1])
            var rows: [IndexRow] = []
            while rows.count < Self.bounded(limit) {
                let query = try queries.command(
                    "SELECT \(Queries.columns) FROM record WHERE kind > 0 AND key >= ? AND key < ? ORDER BY key LIMIT 1"
                ) {
                    $0.bind(1, lower)
                    $0.bind(2, range.upper)
                }
                guard let row = try query.first(queries.row) else { break }
                let key = row.record.path.sortKey
                let name = key[prefix.count...].prefix { $0 != 0 }
                if prefix.count + name.count == key.count { rows.append(row) }
                lower = Array(key[..<(prefix.count + name.count)]) + [1]
            }
            return rows
        }
    }

    /// Whether a live row lies below `directory`, at any depth.
    public func hasLiveBelow(_ directory: RelativePath) throws(IndexError) -> Bool {
        let range = KeyRange(after: nil, below: directory)
        return try snapshot { queries in
            try queries.command("SELECT 1 FROM record WHERE kind > 0 AND key > ? AND key < ? LIMIT 1") {
                $0.bind(1, range.lower)
                $0.bind(2, range.upper)
            }.first { _ in true } ?? false
        }
    }

    // MARK: The log

    /// A part of our log.
    public struct LogPage: Sendable {
        /// In the order of their sequences.
        public let rows: [IndexRow]
        /// Up to here (including rows passed over) the log was looked at: the next call's `after`.
        public let lookedAt: IndexSequence
        /// Nothing was beyond it.
        public let isLast: Bool
        /// The last sequence that the log had then.
        public let head: IndexSequence
    }

    /// Rows beyond a sequence, at most `limit`, without those that `source` announced in the log that it has now; of
    /// these up to 16 × `limit` are passed over before the page ends early. Rows that are not agreed are no part of the
    /// log.
    public func log(
        after sequence: IndexSequence, limit: Int, excluding source: Author? = nil
    ) throws(IndexError) -> LogPage {
        let limit = Int(Self.bounded(limit))
        return try snapshot { queries in
            let excluded = try source.flatMap { try queries.source($0) }
            let last = try Command(queries.database, "SELECT last_sequence FROM identity").first { $0.unsigned(0) } ?? 0
            let query = try queries.command(
                """
                SELECT \(Queries.columns) FROM record
                WHERE sequence > ? AND standing IS NULL AND local IS NULL ORDER BY sequence LIMIT ?
                """
            ) {
                $0.bind(1, sequence)
                $0.bind(2, limit * 17)
            }
            defer { query.reset() }
            var rows: [IndexRow] = []
            var lookedAt = sequence
            var looked = 0
            while rows.count < limit, try query.step() {
                looked += 1
                lookedAt = query.unsigned(0)
                if let excluded, query.optional(4) == excluded { continue }
                rows.append(try queries.row(query))
            }
            let isLast = rows.count < limit && looked < limit * 17
            return LogPage(
                rows: rows, lookedAt: isLast ? max(last, sequence) : lookedAt, isLast: isLast, head: last)
        }
    }

    // MARK: By other keys

    /// Live files of this content.
    public func rows(withContent content: FileContent, limit: Int) throws(IndexError) -> [IndexRow] {
        try snapshot { try $0.rows(withContent: content, limit: Int(Self.bounded(limit))) }
    }

    /// Rows whose entry on disk is this inode: where a moved entry came from.
    public func rows(inode: UInt64, device: UInt64) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            try queries.command("SELECT \(Queries.columns) FROM record WHERE inode = ? LIMIT ?") {
                $0.bind(1, inode)
                $0.bind(2, Limits.queryRows)
            }.all(queries.row).filter { $0.disk?.device == device }
        }
    }

    /// Live conflict copies in path order.
    public func conflicts(after path: RelativePath? = nil, limit: Int) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            try queries.command(
                "SELECT \(Queries.columns) FROM record WHERE conflict = 1 AND key > ? ORDER BY key LIMIT ?"
            ) {
                $0.bind(1, path?.sortKey ?? [])
                $0.bind(2, Self.bounded(limit))
            }.all(queries.row)
        }
    }

    /// Agreed tombstones in path order, also where something else stands here.
    public func tombstones(after path: RelativePath? = nil, limit: Int) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            try queries.command(
                """
                SELECT \(Queries.columns) FROM record
                WHERE \(Queries.isTombstone) AND key > ? ORDER BY key LIMIT ?
                """
            ) {
                $0.bind(1, path?.sortKey ?? [])
                $0.bind(2, Self.bounded(limit))
            }.all(queries.row)
        }
    }

    /// Local rows in path order, with the needs of their paths.
    public func localRows(
        after path: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [(row: IndexRow, need: Need?)] {
        try rows(where: "local IS NOT NULL", after: path, limit: limit)
    }

    /// Rows in path order beyond `path`, with the needs of their paths.
    func rows(
        where condition: String, after path: RelativePath?, limit: Int
    ) throws(IndexError) -> [(row: IndexRow, need: Need?)] {
        try snapshot { queries in
            let rows = try queries.command(
                "SELECT \(Queries.columns) FROM record WHERE \(condition) AND key > ? ORDER BY key LIMIT ?"
            ) {
                $0.bind(1, path?.sortKey ?? [])
                $0.bind(2, Self.bounded(limit))
            }.all(queries.row)
            return try rows.map { row in
                (row, try queries.need(row.record.path, key: row.record.path.sortKey)?.need)
            }
        }
    }

    /// Rows whose agreed record is a tombstone, of paths that nothing is needed at, in path order.
    public func collectable(after path: RelativePath? = nil, limit: Int) throws(IndexError) -> [IndexRow] {
        try snapshot { queries in
            // Each kind has an index of its own; both together would be looked for in all rows.
            var rows: [IndexRow] = []
            for condition in ["kind = 0 AND local IS NULL", "local IS NOT NULL AND substr(local, 1, 1) = x'00'"] {
                rows += try queries.command(
                    """
                    SELECT \(Queries.columns) FROM record WHERE \(condition) AND key > ?
                    AND NOT EXISTS (SELECT 1 FROM need WHERE need.key = record.key) ORDER BY key LIMIT ?
                    """
                ) {
                    $0.bind(1, path?.sortKey ?? [])
                    $0.bind(2, Self.bounded(limit))
                }.all(queries.row)
            }
            return Array(rows.sorted { $0.record.path < $1.record.path }.prefix(Int(Self.bounded(limit))))
        }
    }

    // MARK: Helpers

    func snapshot<T>(_ body: (Queries) throws -> T) throws(IndexError) -> T {
        let names = names
        return try connection.snapshot { try body(Queries(names: names, database: $0)) }
    }

    static func bounded(_ limit: Int) -> Int64 { Int64(min(max(limit, 0), Limits.queryRows)) }

    static func check(_ count: Int, limit: Int) throws(IndexError) {
        if count > limit { throw IndexError(.limit, "\(count) items at once are more than \(limit).") }
    }
}

/// The sort keys between two bounds, both exclusive.
struct KeyRange {
    var lower: [UInt8] = []
    /// Beyond every key: longer than a name may be, all 0xff.
    var upper: [UInt8] = Self.end

    private static let end = [UInt8](repeating: 0xff, count: Limits.nameBytes + 1)

    init(after path: RelativePath?, below directory: RelativePath?) {
        if let directory {
            let key = directory.sortKey
            lower = key + [0]
            upper = key + [1]
        }
        if let key = path?.sortKey, lower.lexicographicallyPrecedes(key) { lower = key }
    }
}
