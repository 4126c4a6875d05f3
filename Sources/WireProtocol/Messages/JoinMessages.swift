public import SyncModel

/// Uses an invite (`InviteLink`). The sender knows the inviter's DeviceID from the link and has pinned it.
public struct JoinRequest: Hashable, Sendable {
    public var invite: Bytes16
    /// Proves the secret without telling it: see `JoinProof`.
    public var proof: Bytes32
    /// At most `Limits.deviceNameBytes`.
    public var deviceName: String
    /// The folder that the sender wants, or nil for the invite's.
    public var folder: FolderID?

    public init(invite: Bytes16, proof: Bytes32, deviceName: String, folder: FolderID?) {
        self.invite = invite
        self.proof = proof
        self.deviceName = deviceName
        self.folder = folder
    }
}

/// Why a join is refused. None of them consumes the invite (rule 28).
public enum JoinRefusal: UInt8, Hashable, Sendable, CaseIterable {
    /// The invite is unknown, withdrawn, already used by another device, or the proof is wrong: not told apart.
    case invalid = 1
    case expired = 2
    /// The folder is not the invite's, or no longer shared.
    case folder = 3
    /// The folder has as many members as it can have.
    case full = 4
    /// Try again later.
    case busy = 5
}

/// A membership that came of an invite.
public struct JoinAcceptance: Hashable, Sendable {
    public var folder: FolderID
    /// At most `Limits.folderNameBytes`.
    public var folderName: String
    /// What the joining device may do.
    public var role: Role
    /// All membership records of the folder, the new one among them.
    public var records: [MembershipRecord]

    public init(folder: FolderID, folderName: String, role: Role, records: [MembershipRecord]) {
        self.folder = folder
        self.folderName = folderName
        self.role = role
        self.records = records
    }
}

/// The answer to a `JoinRequest`. A repeated request of the same device gets the same answer.
public enum JoinReply: Hashable, Sendable {
    case accepted(JoinAcceptance)
    case refused(JoinRefusal)
}
