import AgentProcesses
import GRDBSQLite
import Glibc

/// The databases of a home whose agent isn't running.
enum Databases {
    /// What SQLite has against any of them, read from copies: reading mends.
    static func unsound(below home: String, copiedTo place: String) -> [String] {
        var found: [String] = []
        for path in files(below: home) where path.hasSuffix(".sqlite") || path.hasSuffix(".db") {
            for suffix in ["", "-wal"] {
                unlink(place + suffix)
                if let bytes = Files.content(path + suffix) { try? Files.write(place + suffix, bytes) }
            }
            let answer = check(place)
            if answer != "ok" { found.append("\(path): \(answer)") }
            for suffix in ["", "-wal", "-shm"] { unlink(place + suffix) }
        }
        return found
    }

    private static func files(below directory: String) -> [String] {
        Files.names(directory).flatMap { name in
            let path = "\(directory)/\(name)"
            let inner = files(below: path)
            return inner.isEmpty ? [path] : inner
        }
    }

    private static func check(_ path: String) -> String {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK else { return "it can't be opened" }
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
        else { return String(cString: sqlite3_errmsg(database)) }
        return String(cString: text)
    }
}
