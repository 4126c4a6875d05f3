public import SyncModel
public import WireProtocol

/// Everything that can happen to a device.
public enum DeviceEvent: Sendable {
    case peers(PeersEvent)
    case folder(FolderID, FolderEvent)
    /// Nothing more comes of a folder's runner that was ended to be renewed (`PeersEffect.renewFolder`).
    case folderStopped(FolderID)
    /// A message of a connection whose session let it through.
    case message(ConnectionID, DeviceID, Message)
    /// A part of a peer's log, its inline contents taken out.
    case indexBatch(ConnectionID, DeviceID, IndexBatch, inline: [HeldContent], bytes: Int)
    /// `wait`: answered by one `waited`.
    case wait(CommandID, WaitOrder)
    case abandonWait(CommandID)
    /// At `DeviceMachine.nextDeadline`, or later.
    case tick
}

/// Everything that a device wants done, in this order.
public enum DeviceEffect: Sendable {
    case peers(PeersEffect)
    case folder(FolderID, FolderEffect)
    case waited(CommandID, WaitOutcome)
}

/// What a `wait` waits for (rule 26).
public struct WaitOrder: Hashable, Sendable {
    /// Nil for all.
    public var folders: [FolderID]?
    /// Members that must be connected; empty: at least one, if the folder has any.
    public var devices: [DeviceID]
    /// Monotonic nanoseconds at which it fails.
    public var deadline: UInt64

    public init(folders: [FolderID]? = nil, devices: [DeviceID] = [], deadline: UInt64) {
        self.folders = folders
        self.devices = devices
        self.deadline = deadline
    }
}

/// What came of a `wait`.
public struct WaitOutcome: Hashable, Sendable {
    /// Why it is not so, a sentence each, with its folder; empty if everything is equal.
    public var reasons: [Reason]

    /// One obstacle in one folder.
    public struct Reason: Hashable, Sendable {
        public var folder: FolderID
        public var message: String
    }

    public var isEqual: Bool { reasons.isEmpty }
}
