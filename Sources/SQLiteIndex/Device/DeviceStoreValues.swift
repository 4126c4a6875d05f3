public import SyncModel

/// A device that this one was paired with.
public struct PairedDevice: Hashable, Sendable {
    public var device: DeviceID
    public var name: String
    /// Public key info (DER); `device` is its SHA-256.
    public var publicKey: [UInt8]
    /// Last known, `host:port`, the best first; at most `Limits.deviceAddresses`, without line breaks.
    public var addresses: [String]
    /// Seconds since 1970.
    public var pairedSeconds: Int64
    /// When it was last connected, in seconds since 1970; nil if never.
    public var seenSeconds: Int64?
    /// Removed devices are kept, so that they are refused by name.
    public var isRemoved: Bool

    public init(
        device: DeviceID, name: String, publicKey: [UInt8], addresses: [String], pairedSeconds: Int64,
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
public struct StoredFolder: Hashable, Sendable {
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
        folder: FolderID, name: String, path: [UInt8], role: Role, isPaused: Bool = false, createdSeconds: Int64,
        incarnation: UInt64 = 1, isNeverShared: Bool = true, isMade: Bool, replaces: FolderID? = nil
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

/// A membership record in the canonical bytes that were signed.
public struct StoredMembership: Hashable, Sendable {
    public var folder: FolderID
    /// SHA-256 of `record`.
    public var hash: Bytes32
    public var record: [UInt8]

    public init(folder: FolderID, hash: Bytes32, record: [UInt8]) {
        self.folder = folder
        self.hash = hash
        self.record = record
    }
}

/// An invite that this device gave out.
public struct StoredInvite: Hashable, Sendable {
    /// Sixteen bytes that the link names it by.
    public var id: [UInt8]
    /// SHA-256 of its secret; the secret itself is not kept.
    public var secretHash: Bytes32
    public var folder: FolderID
    public var role: Role
    /// Seconds since 1970.
    public var expiresSeconds: Int64
    /// Who joined by it; nil while it is open.
    public var usedBy: DeviceID?

    public init(
        id: [UInt8], secretHash: Bytes32, folder: FolderID, role: Role, expiresSeconds: Int64, usedBy: DeviceID? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.folder = folder
        self.role = role
        self.expiresSeconds = expiresSeconds
        self.usedBy = usedBy
    }
}

/// What tells a cloned or moved state directory from the original (rule 9).
public struct MachineBinding: Hashable, Sendable {
    /// The machine's ID, as in `/etc/machine-id`.
    public var machine: String
    /// Device number and inode of the state directory.
    public var device: UInt64
    public var inode: UInt64

    public init(machine: String, device: UInt64, inode: UInt64) {
        self.machine = machine
        self.device = device
        self.inode = inode
    }
}
