internal import GRDB
internal import SyncModel

/// The device's own database: whom it is paired with, its folders, memberships, invites and settings.
///
/// Small, and read whole: bounded by `Limits`. Calls block, come from one thread at a time, and what they have returned
/// is durable (synchronous=FULL).
public final class DeviceStore: @unchecked Sendable {
    let connection: Connection

    private init(connection: Connection) { self.connection = connection }

    /// Makes an empty store at `path`, where nothing may be (code `exists`).
    public static func create(path: String) throws(IndexError) -> DeviceStore {
        DeviceStore(connection: try Connection.create(path, schema: .device))
    }

    /// Opens a store. Codes: `missing`, `corrupt`, `newerSchema`, `busy`, `inputOutput`.
    public static func open(path: String) throws(IndexError) -> DeviceStore {
        let store = DeviceStore(connection: try Connection.open(path, schema: .device))
        try store.connection.quickCheck()
        return store
    }

    /// Closes the file. Nothing may be called afterwards.
    public func close() throws(IndexError) { try connection.close() }

    /// Makes what `body` changes durable all or none. What a call in it throws is to be thrown on.
    public func atomically(_ body: () throws -> Void) throws(IndexError) { try connection.joined(body) }

    // MARK: Settings

    /// Sets a value, or removes it when nil.
    public func set(_ key: String, to value: String?) throws(IndexError) {
        try connection.transaction { database in
            guard let value else {
                let delete = try Command(database, "DELETE FROM setting WHERE key = ?")
                delete.bind(1, key)
                try delete.run()
                return
            }
            let put = try Command(database, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)")
            put.bind(1, key)
            put.bind(2, value)
            try put.run()
        }
    }

    /// The value of a setting, or nil if it was never set.
    public func setting(_ key: String) throws(IndexError) -> String? {
        try connection.hold { database in
            let query = try Command(database, "SELECT value FROM setting WHERE key = ?")
            query.bind(1, key)
            return try query.first { $0.text(0) }
        }
    }

    /// All settings by key.
    public func settings() throws(IndexError) -> [String: String] {
        try connection.hold { database in
            let pairs = try Command(database, "SELECT key, value FROM setting").all { ($0.text(0), $0.text(1)) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    // MARK: Machine

    /// The machine that this identity belongs to; nil before the first start (rule 9).
    public func machineBinding() throws(IndexError) -> MachineBinding? {
        try connection.hold { database in
            try Command(database, "SELECT machine, device, inode FROM binding").first {
                MachineBinding(machine: $0.text(0), device: $0.unsigned(1), inode: $0.unsigned(2))
            }
        }
    }

    /// Remembers the machine and directory that the state belongs to, in place of what was remembered (rule 9).
    public func bind(to binding: MachineBinding) throws(IndexError) {
        try connection.transaction { database in
            let put = try Command(
                database, "INSERT OR REPLACE INTO binding (id, machine, device, inode) VALUES (1, ?, ?, ?)")
            put.bind(1, binding.machine)
            put.bind(2, binding.device)
            put.bind(3, binding.inode)
            try put.run()
        }
    }

    // MARK: Helpers

    /// Refuses a row that would be one too many.
    static func checkRoom(in table: String, limit: Int, _ database: Database) throws {
        let count = try Command(database, "SELECT count(*) FROM \(table)").first { $0.integer(0) } ?? 0
        if count >= Int64(limit) {
            throw IndexError(.limit, "There are \(count) entries of kind \(table) already; remove some.")
        }
    }

    static func role(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text) else { throw IndexError.damaged("the unknown role \(text)") }
        return role
    }

    static func folder(_ query: Command, _ column: Int32) throws -> FolderID {
        guard let folder = FolderID(query.blob(column)) else { throw IndexError.damaged("a torn folder ID") }
        return folder
    }
}
