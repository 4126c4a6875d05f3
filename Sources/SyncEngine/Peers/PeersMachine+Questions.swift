public import SyncCore
public import SyncModel
import WireProtocol

/// What the runtime may ask between events.
extension PeersMachine {
    /// Whether a connection's session is to begin as paired.
    public func isPaired(_ device: DeviceID) -> Bool { peers[device].map { !$0.known.isRemoved } ?? false }

    /// All that a discovery hint is to be matched with, sorted: known devices, removed ones too, and whom we are
    /// joining.
    public var hintCandidates: [DeviceID] { Set(peers.keys).union(joins.values.map(\.link.inviter)).sorted() }

    /// Known devices, removed ones too, sorted.
    public var devices: [KnownDevice] { peers.values.map(\.known).sorted { $0.device < $1.device } }

    /// Our folders by name.
    public var folders: [KnownFolder] { own.values.map(\.known).sorted { $0.name < $1.name } }

    /// Folders that peers offer and that are not ours, sorted by ID.
    public var offers: [OfferedFolder] {
        offered.compactMap { folder, state in
            guard let member = state.set.member(identity.device) else { return nil }
            return OfferedFolder(
                folder: folder, name: state.name, role: member.role, devices: state.devices.sorted())
        }.sorted { $0.folder < $1.folder }
    }

    /// A folder of ours; nil if it is none.
    public func folder(_ folder: FolderID) -> KnownFolder? { own[folder]?.known }

    /// Members of one of our folders, self among them; empty for others.
    public func members(of folder: FolderID) -> [Member] { own[folder]?.set.members ?? [] }

    /// How far the edits of an author count in a folder: nil without bound (`MembershipSet.frontierLimit`).
    public func frontierLimit(of author: Author, in folder: FolderID) -> UInt64? {
        own[folder]?.set.frontierLimit(of: author)
    }

    /// The connection in use with a device that both sides take for paired, and the address at its other end.
    public func connection(with device: DeviceID) -> (connection: ConnectionID, address: String)? {
        guard let connection = active[device], let state = links[connection], state.isPaired else { return nil }
        return (connection, state.link.remoteAddress)
    }

    /// Devices nearby that are open for pairing and not paired on both sides, sorted.
    public var pairable: [NearbyDevice] {
        nearby.values.filter { device in
            device.pairingName != nil && device.device != identity.device
                && device.device.flatMap { connection(with: $0) } == nil
        }.sorted { $0.key < $1.key }
    }
}
