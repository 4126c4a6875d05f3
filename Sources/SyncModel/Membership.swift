/// What a member may do in a folder.
public enum Role: String, Hashable, Sendable, CaseIterable {
    case readWrite = "read-write"
    case readOnly = "read-only"
    /// Receives and never deletes.
    case archive
    /// Holds ciphertext only.
    case keeper
}

/// One signed statement about a member of a folder (rule 19). The members of a folder follow from the set of them.
public struct MembershipRecord: Hashable, Sendable {
    /// What the statement says of its member.
    public enum Action: UInt8, Hashable, Sendable {
        case add = 1
        case remove = 2
    }

    public var folder: FolderID
    public var action: Action
    public var device: DeviceID
    /// 1 for a device's first membership; re-adding after a removal makes a new one.
    public var incarnation: UInt64
    public var role: Role
    /// The device's name as conflict copies will show it: frozen here (rule 5).
    public var deviceName: String
    /// SHA-256 of the records that this one was made in knowledge of, sorted.
    public var predecessors: [Bytes32]
    /// For a removal: what of the target's edits is known; anything beyond is void.
    public var knownFrontier: VersionVector
    public var signer: DeviceID
    /// The signer's public key info (DER), of which `signer` is the SHA-256.
    public var signerKey: [UInt8]
    /// Over the canonical encoding of everything above (see the wire specification).
    public var signature: [UInt8]

    public init(
        folder: FolderID, action: Action, device: DeviceID, incarnation: UInt64, role: Role, deviceName: String,
        predecessors: [Bytes32], knownFrontier: VersionVector, signer: DeviceID, signerKey: [UInt8], signature: [UInt8]
    ) {
        self.folder = folder
        self.action = action
        self.device = device
        self.incarnation = incarnation
        self.role = role
        self.deviceName = deviceName
        self.predecessors = predecessors
        self.knownFrontier = knownFrontier
        self.signer = signer
        self.signerKey = signerKey
        self.signature = signature
    }
}
