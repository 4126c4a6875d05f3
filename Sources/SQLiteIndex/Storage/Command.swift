internal import GRDB
internal import GRDBSQLite
internal import SyncModel

/// One compiled statement of the connection's cache, bound and stepped straight through SQLite: the rows of a batch
/// cost no intermediate values. Only used while the connection is held.
struct Command {
    private let owner: Statement
    private let statement: OpaquePointer
    private let database: OpaquePointer

    /// Takes the statement from the cache, with nothing bound.
    init(_ database: Database, _ sql: String) throws {
        guard let connection = database.sqliteConnection else {
            throw IndexError(.other, "The database is closed.")
        }
        self.database = connection
        owner = try database.cachedStatement(sql: sql)
        statement = owner.sqliteStatement
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    // MARK: Binding, positions from 1

    func bind(_ position: Int32, _ value: Int64) { sqlite3_bind_int64(statement, position, value) }
    func bind(_ position: Int32, _ value: Int) { sqlite3_bind_int64(statement, position, Int64(value)) }
    /// The signed number of the same bits.
    func bind(_ position: Int32, _ value: UInt64) { sqlite3_bind_int64(statement, position, Int64(bitPattern: value)) }
    func bind(_ position: Int32, _ value: Bool) { sqlite3_bind_int64(statement, position, value ? 1 : 0) }
    func bindNull(_ position: Int32) { sqlite3_bind_null(statement, position) }

    func bind(_ position: Int32, optional value: Int64?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    func bind(_ position: Int32, optional value: UInt64?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    /// SQLite copies the bytes; an empty array is an empty blob, not NULL.
    func bind(_ position: Int32, _ value: [UInt8]) {
        if value.isEmpty {
            sqlite3_bind_zeroblob(statement, position, 0)
        } else {
            sqlite3_bind_blob(statement, position, value, Int32(value.count), Self.transient)
        }
    }

    func bind(_ position: Int32, optional value: [UInt8]?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    func bind(_ position: Int32, _ value: Bytes32) { bind(position, value.bytes) }

    func bind(_ position: Int32, _ value: String) {
        sqlite3_bind_text(statement, position, value, -1, Self.transient)
    }

    func bind(_ position: Int32, optional value: String?) {
        if let value { bind(position, value) } else { bindNull(position) }
    }

    /// SQLite's mark for "copy this now".
    nonisolated(unsafe) private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    // MARK: Stepping

    /// Whether a row stands ready. At the end the statement is reset, and can be bound again.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(statement)
            return false
        default:
            let error = DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(database)),
                message: String(cString: sqlite3_errmsg(database)))
            sqlite3_reset(statement)
            throw error
        }
    }

    /// Runs a statement that returns nothing; the number of rows it changed.
    @discardableResult
    func run() throws -> Int {
        while try step() {}
        return Int(sqlite3_changes(database))
    }

    /// Ends a query before its last row.
    func reset() { sqlite3_reset(statement) }

    /// The first row through `read`, nil if there is none.
    func first<T>(_ read: (Command) throws -> T) throws -> T? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Every row through `read`.
    func all<T>(_ read: (Command) throws -> T) throws -> [T] {
        defer { reset() }
        var values: [T] = []
        while try step() { values.append(try read(self)) }
        return values
    }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(database) }

    // MARK: Columns, from 0

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func unsigned(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(statement, column)) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func optional(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    /// Valid until the next step.
    func withBlob<T>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        let start = sqlite3_column_blob(statement, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func blob(_ column: Int32) -> [UInt8] { withBlob(column) { [UInt8]($0) } }

    func text(_ column: Int32) -> String {
        withBlob(column) { String(decoding: $0, as: UTF8.self) }
    }

    func hash(_ column: Int32) throws -> Bytes32 {
        try withBlob(column) { bytes in
            guard bytes.count == 32 else { throw IndexError.damaged("a hash of \(bytes.count) bytes") }
            return Bytes32(bytes)
        }
    }
}

extension Database {
    /// Runs one statement without arguments or result.
    func run(_ sql: String) throws { try Command(self, sql).run() }
}
