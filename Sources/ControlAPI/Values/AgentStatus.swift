public import SyncModel

/// One consistent snapshot of the agent: `status`.
public struct AgentStatus: Hashable, Sendable, Codable {
    public var device: OwnDevice
    /// Grows whenever anything in here other than the rates changes.
    public var generation: UInt64
    public var folders: [FolderStatus]
    public var rates: TransferRates
    /// Problems of the whole agent; those of a folder are in the folder.
    public var problems: [FolderProblem]

    public init(
        device: OwnDevice, generation: UInt64, folders: [FolderStatus], rates: TransferRates,
        problems: [FolderProblem] = []
    ) {
        self.device = device
        self.generation = generation
        self.folders = folders
        self.rates = rates
        self.problems = problems
    }
}

/// The device that is asked.
public struct OwnDevice: Hashable, Sendable, Codable {
    /// The DeviceID in hexadecimal.
    public var id: String
    public var name: String
    /// The addresses that it really listens on, `HOST:PORT`.
    public var listen: [String]

    public init(id: String, name: String, listen: [String]) {
        self.id = id
        self.name = name
        self.listen = listen
    }
}

/// Bytes a second, of all folders and members together.
public struct TransferRates: Hashable, Sendable, Codable {
    public var receivedBytesPerSecond: UInt64
    public var sentBytesPerSecond: UInt64

    public init(receivedBytesPerSecond: UInt64 = 0, sentBytesPerSecond: UInt64 = 0) {
        self.receivedBytesPerSecond = receivedBytesPerSecond
        self.sentBytesPerSecond = sentBytesPerSecond
    }
}

/// What a folder is doing. Idle: no unread event, deferred path, unflushed or unannounced item (rule 27).
public enum FolderState: String, Hashable, Sendable, Codable, CaseIterable {
    case idle
    case scanning
    case syncing
    case paused
    /// Deletions or files wait for a person's decision.
    case held
    case error
}

/// A folder as this device holds it.
public struct FolderStatus: Hashable, Sendable, Codable {
    /// The FolderID in hexadecimal.
    public var id: String
    public var name: String
    public var path: LocalPath
    public var state: FolderState
    /// In hexadecimal; null before the first scan.
    @NullWhenAbsent public var rootDigest: String?
    /// Live files of the index, and their bytes.
    public var files: UInt64
    public var bytes: UInt64
    /// The end of the last full scan since the agent's start; null until then.
    @NullWhenAbsent public var scannedAt: Timestamp?
    /// Records not yet applied, deletions and metadata too, and the bytes of content that they need.
    public var needFiles: UInt64
    public var needBytes: UInt64
    /// Files not yet handed to an endpoint, 0 without one.
    public var relayPending: UInt64
    /// Deletions that wait for `folder release` or `folder discard`.
    public var heldDeletions: UInt64
    /// Deletions that are remembered until all members have them and a while has passed, and the names of the members
    /// that are waited for.
    public var rememberedDeletions: UInt64
    public var rememberedFor: [String]
    /// What was changed here and is told to nobody, because this device may only read the folder: `folder changes`.
    public var localChanges: UInt64
    /// Conflict copies that lie in the folder.
    public var conflicts: UInt64
    /// The other members: never this device.
    public var members: [MemberStatus]
    public var problems: [FolderProblem]

    public init(
        id: String, name: String, path: LocalPath, state: FolderState, rootDigest: String? = nil, files: UInt64 = 0,
        bytes: UInt64 = 0, scannedAt: Timestamp? = nil, needFiles: UInt64 = 0, needBytes: UInt64 = 0,
        relayPending: UInt64 = 0, heldDeletions: UInt64 = 0, rememberedDeletions: UInt64 = 0,
        rememberedFor: [String] = [], localChanges: UInt64 = 0, conflicts: UInt64 = 0, members: [MemberStatus] = [],
        problems: [FolderProblem] = []
    ) {
        self.id = id
        self.name = name
        self.path = path
        self.state = state
        self.rootDigest = rootDigest
        self.files = files
        self.bytes = bytes
        self.scannedAt = scannedAt
        self.needFiles = needFiles
        self.needBytes = needBytes
        self.relayPending = relayPending
        self.heldDeletions = heldDeletions
        self.rememberedDeletions = rememberedDeletions
        self.rememberedFor = rememberedFor
        self.localChanges = localChanges
        self.conflicts = conflicts
        self.members = members
        self.problems = problems
    }
}

/// Another member of a folder, as far as it is known here.
public struct MemberStatus: Hashable, Sendable, Codable {
    /// The DeviceID in hexadecimal.
    public var id: String
    public var name: String
    public var role: Role
    public var connected: Bool
    /// Where it is connected, or was last; null if it never was.
    @NullWhenAbsent public var address: String?
    /// As last heard from it; null if never.
    @NullWhenAbsent public var rootDigest: String?
    /// What it said it still lacks.
    public var needFiles: UInt64
    public var needBytes: UInt64

    public init(
        id: String, name: String, role: Role, connected: Bool, address: String? = nil, rootDigest: String? = nil,
        needFiles: UInt64 = 0, needBytes: UInt64 = 0
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.connected = connected
        self.address = address
        self.rootDigest = rootDigest
        self.needFiles = needFiles
        self.needBytes = needBytes
    }
}

/// Why something of a folder (or, in `AgentStatus.problems`, of the agent) can't be synced now.
public struct FolderProblem: Hashable, Sendable, Codable {
    /// In the folder; null when it concerns the whole of it.
    @NullWhenAbsent public var path: LocalPath?
    public var message: String
    public var since: Timestamp

    public init(path: LocalPath?, message: String, since: Timestamp) {
        self.path = path
        self.message = message
        self.since = since
    }
}

/// A problem with the folder that it belongs to: `problems`.
public struct AgentProblem: Hashable, Sendable, Codable {
    /// The folder's name; null when it concerns the whole agent.
    @NullWhenAbsent public var folder: String?
    @NullWhenAbsent public var path: LocalPath?
    public var message: String
    public var since: Timestamp

    public init(folder: String?, path: LocalPath?, message: String, since: Timestamp) {
        self.folder = folder
        self.path = path
        self.message = message
        self.since = since
    }
}
