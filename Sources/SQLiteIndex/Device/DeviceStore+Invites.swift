internal import GRDB
public import SyncModel

extension DeviceStore {
    /// All invites, used and expired ones too, in the order of their IDs.
    public func invites() throws(IndexError) -> [StoredInvite] {
        try connection.hold { database in
            try Command(database, "SELECT \(Self.inviteColumns) FROM invite ORDER BY id").all(Self.invite)
        }
    }

    /// The invite with this identifier, or nil.
    public func invite(_ id: [UInt8]) throws(IndexError) -> StoredInvite? {
        try connection.hold { database in
            let query = try Command(database, "SELECT \(Self.inviteColumns) FROM invite WHERE id = ?")
            query.bind(1, id)
            return try query.first(Self.invite)
        }
    }

    /// Adds an invite. Codes: `limit`; `refused` where one has its ID.
    public func add(_ invite: StoredInvite) throws(IndexError) {
        try connection.transaction { database in
            try Self.checkRoom(in: "invite", limit: Limits.invites, database)
            let put = try Command(database, "INSERT INTO invite (\(Self.inviteColumns)) VALUES (?, ?, ?, ?, ?, ?)")
            put.bind(1, invite.id)
            put.bind(2, invite.secretHash)
            put.bind(3, invite.folder.bytes)
            put.bind(4, invite.role.rawValue)
            put.bind(5, invite.expiresSeconds)
            if let device = invite.usedBy { put.bind(6, device.raw) } else { put.bindNull(6) }
            try put.run()
        }
    }

    /// Marks an invite as used by `device`, once: true if it was open or used by the same device (rule 28), false if
    /// another device has used it or there is none.
    public func useInvite(_ id: [UInt8], by device: DeviceID) throws(IndexError) -> Bool {
        try connection.transaction { database in
            let use = try Command(
                database, "UPDATE invite SET used_by = ?1 WHERE id = ?2 AND (used_by IS NULL OR used_by = ?1)")
            use.bind(1, device.raw)
            use.bind(2, id)
            return try use.run() == 1
        }
    }

    /// Removes the invites that expired before `seconds` (since 1970).
    public func removeInvites(expiredBefore seconds: Int64) throws(IndexError) {
        try connection.transaction { database in
            let delete = try Command(database, "DELETE FROM invite WHERE expires_seconds < ?")
            delete.bind(1, seconds)
            try delete.run()
        }
    }

    /// Forgets an invite; one that isn't there is no error.
    public func removeInvite(_ id: [UInt8]) throws(IndexError) {
        try connection.transaction { database in
            let delete = try Command(database, "DELETE FROM invite WHERE id = ?")
            delete.bind(1, id)
            try delete.run()
        }
    }

    private static let inviteColumns = "id, secret_hash, folder, role, expires_seconds, used_by"

    private static func invite(_ query: Command) throws -> StoredInvite {
        StoredInvite(
            id: query.blob(0), secretHash: try query.hash(1), folder: try folder(query, 2),
            role: try role(query.text(3)),
            expiresSeconds: query.integer(4), usedBy: query.isNull(5) ? nil : DeviceID(try query.hash(5)))
    }
}
