internal import GRDB
public import SyncModel

extension DeviceStore {
    /// All folders in the order of their names.
    public func folders() throws(IndexError) -> [StoredFolder] {
        try connection.hold { database in
            try Command(database, "SELECT \(Self.folderColumns) FROM folder ORDER BY name").all(Self.readFolder)
        }
    }

    /// The folder with this identity, or nil.
    public func folder(_ folder: FolderID) throws(IndexError) -> StoredFolder? {
        try connection.hold { database in
            let query = try Command(database, "SELECT \(Self.folderColumns) FROM folder WHERE id = ?")
            query.bind(1, folder.bytes)
            return try query.first(Self.readFolder)
        }
    }

    /// Adds a folder, or replaces what is stored of it. Code `exists` where another has the name or the path.
    public func put(_ folder: StoredFolder) throws(IndexError) {
        try connection.transaction { database in try Self.put(folder, database) }
    }

    /// Replaces what is stored of a folder; does nothing where nothing is. Code `exists` where another has the name or
    /// the path.
    public func change(_ folder: StoredFolder) throws(IndexError) {
        try atomically { if try self.folder(folder.folder) != nil { try put(folder) } }
    }

    /// Gives a folder another ID (rule 18), with its open invites; its memberships of the old ID go. In one
    /// transaction.
    public func rekey(_ old: FolderID, as folder: StoredFolder) throws(IndexError) {
        try connection.transaction { database in
            try Self.remove(old, from: "folder WHERE id = ?", database)
            try Self.remove(old, from: "membership WHERE folder = ?", database)
            let invites = try Command(database, "UPDATE invite SET folder = ? WHERE folder = ?")
            invites.bind(1, folder.folder.bytes)
            invites.bind(2, old.bytes)
            try invites.run()
            try Self.put(folder, database)
        }
    }

    /// Removes a folder and its open invites; its membership records stay, since they say what was agreed.
    public func removeFolder(_ folder: FolderID) throws(IndexError) {
        try connection.transaction { database in
            try Self.remove(folder, from: "folder WHERE id = ?", database)
            try Self.remove(folder, from: "invite WHERE folder = ?", database)
        }
    }

    private static let folderColumns = """
        id, name, path, role, paused, created_seconds, incarnation, never_shared, made, replaces
        """

    private static func put(_ folder: StoredFolder, _ database: Database) throws {
        guard folder.name.utf8.count <= Limits.folderNameBytes, folder.path.count <= Limits.pathBytes else {
            throw IndexError(.limit, "The name or path of folder \(folder.folder) is too long.")
        }
        let other = try Command(database, "SELECT name FROM folder WHERE (name = ? OR path = ?) AND id <> ?")
        other.bind(1, folder.name)
        other.bind(2, folder.path)
        other.bind(3, folder.folder.bytes)
        if let name = try other.first({ $0.text(0) }) {
            throw IndexError(.exists, "The folder \(name) has the name or the path of \(folder.name) already.")
        }
        try remove(folder.folder, from: "folder WHERE id = ?", database)
        try checkRoom(in: "folder", limit: Limits.folders, database)
        let put = try Command(database, "INSERT INTO folder (\(folderColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        put.bind(1, folder.folder.bytes)
        put.bind(2, folder.name)
        put.bind(3, folder.path)
        put.bind(4, folder.role.rawValue)
        put.bind(5, folder.isPaused)
        put.bind(6, folder.createdSeconds)
        put.bind(7, folder.incarnation)
        put.bind(8, folder.isNeverShared)
        put.bind(9, folder.isMade)
        if let replaced = folder.replaces { put.bind(10, replaced.bytes) } else { put.bindNull(10) }
        try put.run()
    }

    private static func remove(_ folder: FolderID, from rows: String, _ database: Database) throws {
        let delete = try Command(database, "DELETE FROM \(rows)")
        delete.bind(1, folder.bytes)
        try delete.run()
    }

    private static func readFolder(_ query: Command) throws -> StoredFolder {
        StoredFolder(
            folder: try folder(query, 0), name: query.text(1), path: query.blob(2), role: try role(query.text(3)),
            isPaused: query.integer(4) != 0, createdSeconds: query.integer(5), incarnation: query.unsigned(6),
            isNeverShared: query.integer(7) != 0, isMade: query.integer(8) != 0,
            replaces: query.isNull(9) ? nil : try Self.folder(query, 9))
    }

    // MARK: Membership

    /// The records of a folder in the order of their hashes.
    public func memberships(of folder: FolderID) throws(IndexError) -> [StoredMembership] {
        try connection.hold { database in
            let query = try Command(database, "SELECT hash, record FROM membership WHERE folder = ? ORDER BY hash")
            query.bind(1, folder.bytes)
            return try query.all { StoredMembership(folder: folder, hash: try $0.hash(0), record: $0.blob(1)) }
        }
    }

    /// Adds records, all or none; those known already are passed over. Codes: `limit`.
    public func add(_ memberships: [StoredMembership]) throws(IndexError) {
        try connection.transaction { database in
            for membership in memberships {
                guard membership.record.count <= Limits.membershipBytes else {
                    throw IndexError(.limit, "A membership record is longer than \(Limits.membershipBytes) bytes.")
                }
                try Self.checkRoom(in: "membership", limit: Limits.storedMembershipRecords, database)
                let put = try Command(
                    database, "INSERT OR IGNORE INTO membership (folder, hash, record) VALUES (?, ?, ?)")
                put.bind(1, membership.folder.bytes)
                put.bind(2, membership.hash)
                put.bind(3, membership.record)
                try put.run()
            }
        }
    }
}
