public import SyncModel
public import WireProtocol

/// A device that this one was paired with, or that a member added to a common folder (rule 19).
public struct KnownDevice: Hashable, Sendable {
    public var device: DeviceID
    public var name: String
    /// Public key info (DER), of which `device` is the SHA-256; empty until it is known.
    public var publicKey: [UInt8]
    /// Text of network addresses, the best first; at most `Limits.deviceAddresses`.
    public var addresses: [String]
    /// Seconds since 1970.
    public var pairedSeconds: Int64
    /// When it was last connected, in seconds since 1970; nil if never.
    public var seenSeconds: Int64?
    /// Removed devices are kept, so that they are refused by name.
    public var isRemoved: Bool

    public init(
        device: DeviceID, name: String, publicKey: [UInt8] = [], addresses: [String] = [], pairedSeconds: Int64,
        seenSeconds: Int64? = nil, isRemoved: Bool = false
    ) {
        self.device = device
        self.name = name
        self.publicKey = publicKey
        self.addresses = addresses
        self.pairedSeconds = pairedSeconds
        self.seenSeconds = seenSeconds
        self.isRemoved = isRemoved
    }
}

/// A folder of this device.
public struct KnownFolder: Hashable, Sendable {
    public var folder: FolderID
    /// Unique on this device.
    public var name: String
    /// Absolute; bytes as the file system has them. Unique on this device.
    public var path: [UInt8]
    /// Our own.
    public var role: Role
    public var isPaused: Bool
    /// Seconds since 1970.
    public var createdSeconds: Int64
    /// Of our own membership (rule 19), from 1.
    public var incarnation: UInt64
    /// No other member was ever added (rule 18).
    public var isNeverShared: Bool
    /// Whether the directory bore a marker once, which is to be there at each further opening.
    public var isMade: Bool
    /// Until it was opened as this folder: the folder of this device whose marker it may bear (rule 18).
    public var replaces: FolderID?

    public init(
        folder: FolderID, name: String, path: [UInt8], role: Role = .readWrite, isPaused: Bool = false,
        createdSeconds: Int64, incarnation: UInt64 = 1, isNeverShared: Bool = true, isMade: Bool = false,
        replaces: FolderID? = nil
    ) {
        self.folder = folder
        self.name = name
        self.path = path
        self.role = role
        self.isPaused = isPaused
        self.createdSeconds = createdSeconds
        self.incarnation = incarnation
        self.isNeverShared = isNeverShared
        self.isMade = isMade
        self.replaces = replaces
    }
}

/// An invite that this device gave out.
public struct KnownInvite: Hashable, Sendable {
    public var id: Bytes16
    /// SHA-256 of its secret: the key of the proof (`JoinProof`). The secret itself is in the link only.
    public var secretHash: Bytes32
    public var folder: FolderID
    public var role: Role
    /// Seconds since 1970.
    public var expiresSeconds: Int64
    /// Who joined by it; nil while it is open.
    public var usedBy: DeviceID?

    public init(
        id: Bytes16, secretHash: Bytes32, folder: FolderID, role: Role, expiresSeconds: Int64, usedBy: DeviceID? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.folder = folder
        self.role = role
        self.expiresSeconds = expiresSeconds
        self.usedBy = usedBy
    }
}

/// A membership record with its identity (`MembershipRecord.identity`).
public struct KnownMembership: Hashable, Sendable {
    public var hash: Bytes32
    public var record: MembershipRecord

    public init(hash: Bytes32, record: MembershipRecord) { (self.hash, self.record) = (hash, record) }
}

/// Who this device is, and what it does with its private key.
public struct PeersIdentity: Sendable {
    public var device: DeviceID
    public var name: String
    /// Public key info (DER), of which `device` is the SHA-256.
    public var publicKey: [UInt8]
    /// The signature of a message by this device's key. An empty one stands for failure and is never used.
    public var sign: @Sendable (_ message: [UInt8]) -> [UInt8]
    /// Whether a key (DER public key info) signed a message.
    public var verify: @Sendable (_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool

    public init(
        device: DeviceID, name: String, publicKey: [UInt8], sign: @escaping @Sendable ([UInt8]) -> [UInt8],
        verify: @escaping @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool
    ) {
        self.device = device
        self.name = name
        self.publicKey = publicKey
        self.sign = sign
        self.verify = verify
    }
}

/// What is read from the store at start.
public struct PeersStore: Hashable, Sendable {
    /// Removed ones too.
    public var devices: [KnownDevice]
    public var folders: [KnownFolder]
    /// As stored, so verified before. Of folders that were removed, too.
    public var memberships: [KnownMembership]
    public var invites: [KnownInvite]

    public init(
        devices: [KnownDevice] = [], folders: [KnownFolder] = [], memberships: [KnownMembership] = [],
        invites: [KnownInvite] = []
    ) {
        self.devices = devices
        self.folders = folders
        self.memberships = memberships
        self.invites = invites
    }
}
