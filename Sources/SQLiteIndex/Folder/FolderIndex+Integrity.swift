internal import GRDB
internal import SyncModel

/// How much of an index to check.
public enum IntegrityDepth: Hashable, Sendable {
    /// SQLite's structure: reads the file once.
    case structure
    /// Also every row, need, total and digest, recomputed.
    case content
}

extension FolderIndex {
    /// Throws `corrupt` where the database contradicts itself.
    public func checkIntegrity(_ depth: IntegrityDepth) throws(IndexError) {
        try connection.quickCheck()
        guard depth == .content else { return }
        let (ledger, path) = (ledger, connection.path)
        try reader.snapshot { queries in
            var totals = Totals()
            var digest = DigestState()
            let rows = try Command(queries.database, "SELECT \(Queries.columns) FROM record")
            while try rows.step() {
                let row = try queries.row(rows)
                totals.count(row, sign: 1)
                if let record = row.counted { digest.insert(record) }
            }
            let needs = try Command(queries.database, "SELECT key, state, reason, detail FROM need")
            while try needs.step() {
                let path = try needs.withBlob(0) { try RecordCodec.path(sortKey: $0) }
                let need = try needs.withBlob(3) {
                    try queries.codec.decodeNeed($0, path: path, state: needs.integer(1), reason: nil)
                }
                totals.count(need: need.state, size: need.size, sign: 1)
            }
            if totals != ledger.totals { throw IndexError.damaged("totals that are not those of its rows", path: path) }
            if digest != ledger.digest { throw IndexError.damaged("a digest that is not that of its rows", path: path) }
        }
    }
}
