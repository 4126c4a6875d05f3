import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

/// One device of a `PeersWorld`: its machine and what the runtime would keep.
struct PeersNode {
    struct Beginning {
        var time: UInt64
        var attempt: DialAttempt?
        var isOpen = false
        var link: Link
    }

    let index: Int
    let identity: PeersIdentity
    let generation: UInt64
    var machine: PeersMachine
    var store: PeersStore
    var sessions: [ConnectionID: PeerSession] = [:]
    var beginnings: [ConnectionID: Beginning] = [:]
    var ends: [ConnectionID: (node: Int, connection: ConnectionID)] = [:]
    var pairingName: String?
    var commands = 0
    var replies: [CommandID: Result<PeersReply, PeersError>] = [:]
    /// Connections on which a folder is open on both sides.
    var connected: [FolderID: [DeviceID: ConnectionID]] = [:]
    var opened: [FolderID: KnownFolder] = [:]
    var told: [FolderID: [Member]] = [:]
    var rekeyed: [FolderID: FolderID] = [:]
    /// How often a folder was opened anew because this device is a member again.
    var renewals = 0
    var failsToStore = false
    var dials = 0
    var refusals = 0
    var failures: [WireError] = []
    /// What must never happen.
    var faults: [String] = []

    var address: String { "10.0.0.\(index + 1):22077" }
    var key: NearbyKey { NearbyKey("hint \(index)") }
    var device: DeviceID { identity.device }

    init(_ index: Int, generation: UInt64, store: PeersStore, key number: Int? = nil) {
        self.index = index
        self.generation = generation
        self.store = store
        identity = PeersNode.identity(number ?? index)
        machine = PeersMachine(
            identity: identity, store: store,
            seed: SHA256.hash([UInt8(truncatingIfNeeded: index), UInt8(generation % 250)]))
    }

    /// The same key for the same number.
    static func identity(_ number: Int) -> PeersIdentity {
        let seed = [UInt8](repeating: UInt8(truncatingIfNeeded: number + 1), count: SigningKey.seedBytes)
        guard let key = try? SigningKey(seed: seed) else { preconditionFailure("no key") }
        return PeersIdentity(
            device: PublicKey.deviceID(publicKeyInfo: key.publicKeyInfo), name: "device \(number)",
            publicKey: key.publicKeyInfo, sign: { (try? key.sign($0)) ?? [] },
            verify: { PublicKey.verify(signature: $2, message: $1, publicKeyInfo: $0) })
    }

    /// Of the pairing that was last shown.
    var session: UInt64? {
        replies.values.compactMap { reply in
            if case .success(.pairing(let view)) = reply { view.session } else { nil }
        }.max()
    }

    var hello: Hello {
        Hello(
            agentVersion: "test", deviceName: identity.name, capabilities: [], listen: [address],
            generation: generation)
    }

    mutating func begin(
        _ connection: ConnectionID, with other: PeersNode, exporter: Bytes32, attempt: DialAttempt?, now: UInt64
    ) {
        let isPaired = machine.isPaired(other.device)
        sessions[connection] = PeerSession(hello: hello, isPaired: isPaired, now: now)
        let link = Link(
            connection: connection, device: other.device, direction: attempt == nil ? .incoming : .outgoing,
            remoteAddress: attempt == nil ? "10.0.0.\(other.index + 1):5000" : other.address, hello: other.hello,
            saidPaired: isPaired, attempt: attempt, pairingExporter: exporter, joinExporter: exporter)
        beginnings[connection] = Beginning(time: now * PeersWorld.millisecond, attempt: attempt, link: link)
    }

    mutating func opened(_ connection: ConnectionID, _ hello: Hello) -> Link? {
        beginnings[connection]?.isOpen = true
        beginnings[connection]?.link.hello = hello
        return beginnings[connection]?.link
    }

    mutating func forget(_ connection: ConnectionID) -> Beginning? {
        sessions[connection] = nil
        ends[connection] = nil
        return beginnings.removeValue(forKey: connection)
    }
}

/// What a store does with the changes of one effect, all or none.
extension PeersStore {
    /// As paired, or by a record that makes it a member.
    func knows(_ device: DeviceID) -> Bool {
        devices.contains { $0.device == device && !$0.isRemoved } || memberships.contains { $0.record.device == device }
    }

    /// Why it is refused; nil where it is done.
    mutating func apply(_ changes: [StoreChange]) -> String? {
        var copy = self
        for change in changes {
            if let failure = copy.apply(change) { return failure }
        }
        self = copy
        return nil
    }

    private mutating func apply(_ change: StoreChange) -> String? {
        switch change {
        case .putDevice(let device):
            devices.removeAll { $0.device == device.device }
            devices.append(device)
        case .addFolder(let folder): return put(folder)
        case .changeFolder(let folder):
            return folders.contains { $0.folder == folder.folder } ? put(folder) : nil
        case .rekeyFolder(let old, let folder):
            folders.removeAll { $0.folder == old }
            memberships.removeAll { $0.record.folder == old }
            for index in invites.indices where invites[index].folder == old { invites[index].folder = folder.folder }
            return put(folder)
        case .removeFolder(let folder):
            folders.removeAll { $0.folder == folder }
            invites.removeAll { $0.folder == folder }
        case .addMemberships(let added):
            for record in added where !memberships.contains(where: { $0.hash == record.hash }) {
                memberships.append(record)
            }
        case .addInvite(let invite): invites.append(invite)
        case .useInvite(let id, let device):
            guard let index = invites.firstIndex(where: { $0.id == id && ($0.usedBy ?? device) == device }) else {
                return "The invite is used."
            }
            invites[index].usedBy = device
        case .removeInvites(let seconds): invites.removeAll { $0.expiresSeconds < seconds }
        }
        return nil
    }

    private mutating func put(_ folder: KnownFolder) -> String? {
        folders.removeAll { $0.folder == folder.folder }
        guard !folders.contains(where: { $0.name == folder.name || $0.path == folder.path }) else {
            return "The name or path is taken."
        }
        folders.append(folder)
        return nil
    }
}
