internal import GRDB

/// The versions of one kind of database: a numbered SQL script each, run in order, in one transaction.
///
/// A script that was released is never changed; the next version is a new script.
struct Schema: Sendable {
    /// SQLite's `application_id`: tells our databases from others, and from each other.
    let applicationID: Int64
    /// Script n - 1 leads from version n - 1 to version n.
    let scripts: [[UInt8]]

    var version: Int64 { Int64(scripts.count) }

    static let folder = Schema(
        applicationID: 0x4c4e_5946,
        scripts: [
            PackageResources.folder_0001_sql, PackageResources.folder_0002_sql, PackageResources.folder_0003_sql,
            PackageResources.folder_0004_sql, PackageResources.folder_0005_sql, PackageResources.folder_0006_sql,
        ])
    static let device = Schema(
        applicationID: 0x4c4e_5944,
        scripts: [
            PackageResources.device_0001_sql, PackageResources.device_0002_sql, PackageResources.device_0003_sql,
        ])

    /// Brings an open database to this version; a newer one, or another program's, is refused untouched.
    func migrate(_ database: Database, path: String) throws {
        let present = try pragma(database, "user_version")
        let application = try pragma(database, "application_id")
        if present == 0 {
            let tables = try Command(database, "SELECT count(*) FROM sqlite_schema").first { $0.integer(0) } ?? 0
            guard tables == 0, application == 0 else {
                throw IndexError(.corrupt, "The file \(path) is no database of Lanyard; move it away.")
            }
        } else if application != applicationID {
            throw IndexError(.corrupt, "The file \(path) is another kind of database; move it away.")
        }
        if present > version {
            throw IndexError(
                .newerSchema,
                "The database \(path) has version \(present), and this Lanyard knows \(version): use a newer one.")
        }
        guard present >= 0 else { throw IndexError.damaged("a negative version", path: path) }
        // Remembered by the file. Not GRDB's own setting, which writes to the file before its version is known.
        let mode = try Command(database, "PRAGMA journal_mode = WAL").first { $0.text(0) }
        guard mode == "wal" else {
            throw IndexError(
                .inputOutput, "The file system of \(path) has no shared memory for SQLite's log: use a local one.")
        }
        if present == version { return }
        try database.atomically {
            for script in scripts[Int(present)...] {
                try database.execute(sql: String(decoding: script, as: UTF8.self))
            }
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
    }

    private func pragma(_ database: Database, _ name: String) throws -> Int64 {
        try Command(database, "PRAGMA \(name)").first { $0.integer(0) } ?? 0
    }
}
