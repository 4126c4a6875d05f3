public import SyncCore
public import SyncModel

/// Everything about who: which devices are known, how we are connected to them, pairing, joining, members of folders.
public struct PeersMachine: Sendable {
    public let identity: PeersIdentity

    /// - Parameter seed: Thirty-two bytes of the system's generator, fresh at each start: nonces and secrets are
    ///   derived from them.
    public init(identity: PeersIdentity, store: PeersStore, seed: Bytes32) { self.identity = identity }

    /// Once, before any event: opens the folders.
    public mutating func start(at moment: Moment) -> [PeersEffect] { [] }

    public mutating func handle(_ event: PeersEvent, at moment: Moment) -> [PeersEffect] { [] }

    // MARK: Questions of the runtime

    /// Whether a connection's session is to begin as paired.
    public func isPaired(_ device: DeviceID) -> Bool { false }
    /// All that a discovery hint is to be matched with: known devices, removed ones too, sorted.
    public var hintCandidates: [DeviceID] { [] }
    /// Known devices, removed ones too, sorted.
    public var devices: [KnownDevice] { [] }
    /// By name.
    public var folders: [KnownFolder] { [] }
    /// Folders that peers offer and that are not ours, sorted by ID.
    public var offers: [OfferedFolder] { [] }
    /// Of one of our folders; empty for others.
    public func members(of folder: FolderID) -> [Member] { [] }
    /// How far the edits of an author count: nil without bound (see `MembershipSet.frontierLimit`).
    public func frontierLimit(of author: Author, in folder: FolderID) -> UInt64? { nil }
    /// The connection in use with a device, and the address at its other end.
    public func connection(with device: DeviceID) -> (connection: ConnectionID, address: String)? { nil }
    /// Devices nearby that are open for pairing and not paired.
    public var pairable: [NearbyDevice] { [] }
}
