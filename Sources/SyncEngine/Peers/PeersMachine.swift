import SyncCore
public import SyncModel
import WireProtocol

/// Everything about who: which devices are known, how we are connected to them, pairing, joining, members of folders.
///
/// A value machine: events in, effects out, in order. What must be durable before it is used is stored first (`store`)
/// and takes effect with `stored`. Split by family: `+Links` and `+Dialling` (connections), `+Pairing`, `+Joining` and
/// `+Admitting` (invites), `+Members`, `+Offers`, `+Folders`.
public struct PeersMachine: Sendable {
    public let identity: PeersIdentity

    // MARK: Stored
    var peers: [DeviceID: PeerState] = [:]
    var own: [FolderID: FolderState] = [:]
    var invites: [Bytes16: KnownInvite] = [:]
    /// Stored without their records: they can't be opened.
    private var unreadable: [KnownFolder] = []
    /// Of folders that are no longer ours: a later offer must be of the same folder.
    var formerFoundings: [FolderID: Bytes32] = [:]

    // MARK: Of this run
    var listening: [String] = []
    var nearby: [NearbyKey: NearbyDevice] = [:]
    var links: [ConnectionID: LinkState] = [:]
    /// The connection in use with each device.
    var active: [DeviceID: ConnectionID] = [:]
    var dials: [DialAttempt: DialPurpose] = [:]
    var wish: PairingWish?
    var pairing: Pairing?
    /// When pairings were begun in the last minute.
    var pairingTimes: [UInt64] = []
    /// Folders that become ours under another ID once their records are here: the new ID, and ours.
    var merges: [FolderID: FolderID] = [:]
    var joins: [CommandID: Join] = [:]
    var offered: [FolderID: OfferState] = [:]
    var pending: [Ticket: PendingStore] = [:]

    // MARK: Of this event
    var now = Moment(monotonicNanoseconds: 0, unixSeconds: 0, random: 0)
    var effects: [PeersEffect] = []

    private var secrets: SecretStream
    private var number: UInt64 = 0

    /// - Parameter seed: Thirty-two bytes of the system's generator, fresh at each start: nonces and secrets are
    ///   derived from them.
    public init(identity: PeersIdentity, store: PeersStore, seed: Bytes32) {
        self.identity = identity
        secrets = SecretStream(seed: seed)
        for device in store.devices where device.device != identity.device {
            peers[device.device] = PeerState(known: device)
        }
        let records = Dictionary(grouping: store.memberships, by: \.record.folder)
        for (folder, records) in records {
            guard let founding = records.first(where: { MembershipSet.isFounding($0.record) }) else { continue }
            formerFoundings[folder] = founding.hash
        }
        for known in store.folders {
            guard let founding = formerFoundings.removeValue(forKey: known.folder) else {
                unreadable.append(known)
                continue
            }
            let set = MembershipSet(
                folder: known.folder, founding: founding,
                verified: (records[known.folder] ?? []).map { ($0.hash, $0.record) })
            own[known.folder] = FolderState(known: known, set: set, staged: set)
        }
        for invite in store.invites { invites[invite.id] = invite }
    }

    /// Once, before any event: opens the folders.
    public mutating func start(at moment: Moment) -> [PeersEffect] {
        begin(moment)
        emit(.announce(pairingName: nil))
        for known in unreadable {
            emit(.notice("The folder \(known.name) is not opened: its membership records are missing."))
        }
        for state in own.values.sorted(by: { $0.known.folder < $1.known.folder }) {
            open(state.known)
            emit(.membersChanged(state.known.folder, state.set.members))
            followOwnMembership(of: state.known.folder)
            for member in state.set.members { learn(member) }
        }
        emit(.matchHints(hintCandidates))
        return finish()
    }

    /// Takes an event and says what is to be done, in this order.
    public mutating func handle(_ event: PeersEvent, at moment: Moment) -> [PeersEffect] {
        begin(moment)
        switch event {
        case .listening(let addresses): listening = addresses
        case .discovered(let device): discovered(device)
        case .lost(let key): nearby[key] = nil
        case .networkChanged, .resumed: callEveryone()
        case .tick: tick()
        case .linkOpened(let link): opened(link)
        case .linkPaired(let connection): bothPaired(connection)
        case .message(let connection, let message): received(message, on: connection)
        case .linkClosed(let connection, let code, let lived): closed(connection, code, lived)
        case .dialFailed(let attempt, let message): dialFailed(attempt, message)
        case .stored(let ticket): stored(ticket)
        case .storeFailed(let ticket, let message): storeFailed(ticket, message)
        case .counted(let folder, let files): own[folder]?.files = files
        case .folderOpened(let folder): folderOpened(folder)
        case .command(let command, let request): carryOut(request, for: command)
        case .commandAbandoned(let command): abandoned(command)
        }
        return finish()
    }

    private mutating func begin(_ moment: Moment) {
        now = moment
        effects = []
    }

    private mutating func finish() -> [PeersEffect] {
        defer { effects = [] }
        return effects
    }

    // MARK: For the families

    mutating func emit(_ effect: PeersEffect) { effects.append(effect) }

    mutating func reply(_ command: CommandID?, _ result: Result<PeersReply, PeersError>) {
        if let command { emit(.reply(command, result)) }
    }

    mutating func refuse(_ command: CommandID?, _ code: PeersError.Code, _ message: String, choices: [String] = []) {
        reply(command, .failure(PeersError(code, message, choices: choices)))
    }

    mutating func store(_ changes: [StoreChange], then pending: PendingStore) {
        let ticket = Ticket(nextNumber())
        self.pending[ticket] = pending
        emit(.store(ticket, changes))
    }

    /// Numbers that are never used again, from 1.
    mutating func nextNumber() -> UInt64 {
        number += 1
        return number
    }

    /// Thirty-two unpredictable bytes.
    mutating func secret() -> Bytes32 { secrets.next(mixing: now.random) }

    mutating func jitter() -> UInt64 { secret().prefix }
}
