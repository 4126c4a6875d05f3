internal import GRDB
internal import Glibc

/// One SQLite connection with our settings: WAL, flushed at every commit that does not waive that, small cache, no
/// memory map.
///
/// The file is only ever replaced by its owner; several connections of one process and of others may read beside one
/// writer. Calls block; they come from one thread at a time.
final class Connection: @unchecked Sendable {
    let path: String
    private let queue: DatabaseQueue
    /// Whether commits wait for the disk (synchronous=FULL).
    private var flushes = true
    /// The connection while `joined` runs.
    private var open: Database?

    /// The bounds of one connection's memory, in KiB.
    static let writerCacheKibibytes = 8_192
    static let readerCacheKibibytes = 2_048
    /// How long a lock of another process is waited for.
    static let busySeconds = 10.0

    private init(path: String, queue: DatabaseQueue) { (self.path, self.queue) = (path, queue) }

    /// Makes a new database of `schema`. A file of that name must not exist.
    static func create(_ path: String, schema: Schema) throws(IndexError) -> Connection {
        if exists(path) { throw IndexError(.exists, "A database stands at \(path) already.") }
        let connection = try open(path, readOnly: false)
        try connection.hold { database in try schema.migrate(database, path: path) }
        return connection
    }

    /// Opens an existing database and brings it to the present version of `schema`.
    static func open(_ path: String, schema: Schema) throws(IndexError) -> Connection {
        guard exists(path) else { throw IndexError(.missing, "There is no database at \(path).") }
        let connection = try open(path, readOnly: false)
        try connection.hold { database in try schema.migrate(database, path: path) }
        return connection
    }

    /// A second connection for reading beside the writer.
    static func reader(_ path: String) throws(IndexError) -> Connection { try open(path, readOnly: true) }

    private static func open(_ path: String, readOnly: Bool) throws(IndexError) -> Connection {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA mmap_size = 0;
                    PRAGMA cache_size = -\(readOnly ? readerCacheKibibytes : writerCacheKibibytes);
                    PRAGMA journal_size_limit = 67108864;
                    """)
        }
        do {
            return Connection(path: path, queue: try DatabaseQueue(path: path, configuration: configuration))
        } catch {
            throw IndexError(error, path: path)
        }
    }

    /// Also what can't be looked at: opening it tells why.
    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 || errno != ENOENT }

    /// Runs `body` with the connection; outside a transaction unless it opens one.
    func hold<T>(_ body: (Database) throws -> T) throws(IndexError) -> T {
        do {
            if let open { return try body(open) }
            return try queue.inDatabase(body)
        } catch {
            throw IndexError(error, path: path)
        }
    }

    /// Runs `body` on one snapshot of the database.
    func snapshot<T>(_ body: (Database) throws -> T) throws(IndexError) -> T {
        try hold { database in
            try database.run("BEGIN DEFERRED")
            defer { try? database.run("COMMIT") }
            return try body(database)
        }
    }

    /// Runs `body` in one transaction: all of it or nothing. One that is not flushed is durable with the next that is,
    /// or with a checkpoint.
    func transaction<T>(isFlushed: Bool = true, _ body: (Database) throws -> T) throws(IndexError) -> T {
        try hold { database in
            if open != nil { return try body(database) }
            if isFlushed != flushes {
                try database.run("PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
                flushes = isFlushed
            }
            return try database.atomically { try body(database) }
        }
    }

    /// Runs `body` in one transaction, which the transactions in it are parts of: all of them or none.
    func joined<T>(_ body: () throws -> T) throws(IndexError) -> T {
        if open != nil { return try hold { _ in try body() } }
        return try transaction { database in
            open = database
            defer { open = nil }
            return try body()
        }
    }

    /// SQLite's own check of its structure.
    func quickCheck() throws(IndexError) {
        let path = path
        try hold { database in
            let result = try Command(database, "PRAGMA quick_check(1)").first { $0.text(0) }
            if result != "ok" { throw IndexError.damaged("inconsistent pages (\(result ?? "no answer"))", path: path) }
        }
    }

    /// Closes it; nothing may be called afterwards.
    func close() throws(IndexError) {
        do { try queue.close() } catch { throw IndexError(error, path: path) }
    }
}

extension Database {
    /// One transaction, rolled back when `body` throws.
    func atomically<T>(_ body: () throws -> T) throws -> T {
        var result: T?
        try inTransaction(.immediate) {
            result = try body()
            return .commit
        }
        guard let result else { throw IndexError(.other, "A transaction gave no result.") }
        return result
    }
}
