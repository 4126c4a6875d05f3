internal import SyncCore
public import SyncModel
internal import WireProtocol

/// The whole device as one machine: every event goes in here, every effect comes out, and nothing else decides.
///
/// It holds the machine of who is known and connected, and one for each folder, and passes between them what concerns
/// both. Production and simulation are two interpreters of its effects.
public struct DeviceMachine: Sendable {
    public private(set) var peers: PeersMachine
    public private(set) var folders: [FolderID: FolderMachine] = [:]
    /// Of each folder, since its last event: to ask its machine takes a copy of it.
    private var deadlines: [FolderID: UInt64] = [:]
    /// Folders whose machine begins anew, and waits until the runner of the one before has ended: what comes of a
    /// folder's disk and index is the old one's till then.
    private var renewing: Set<FolderID> = []
    /// Grows with every event: two snapshots of one generation are the same.
    public private(set) var generation: UInt64 = 0
    /// For how long it is known that every member has covered a deletion before it is forgotten.
    let collectionSeconds: Int64
    let hashing: @Sendable ([UInt8]) -> Bytes32
    /// The connection over which a member's folder is open.
    var routes: [FolderID: [DeviceID: ConnectionID]] = [:]
    var waits: [CommandID: Wait] = [:]
    var lastToken: UInt64 = 0
    var questions = QuestionBook()
    var now = Moment(monotonicNanoseconds: 0, unixSeconds: 0, random: 0)
    var effects: [DeviceEffect] = []

    /// - Parameters:
    ///   - collectionSeconds: for how long it is known that every member has covered a deletion before it is forgotten.
    ///   - hashing: SHA-256.
    public init(
        peers: PeersMachine, collectionSeconds: Int64 = Limits.collectionSeconds,
        hashing: @escaping @Sendable ([UInt8]) -> Bytes32
    ) {
        self.peers = peers
        self.collectionSeconds = collectionSeconds
        self.hashing = hashing
    }

    /// Once, before any event.
    public mutating func start(at moment: Moment) -> [DeviceEffect] {
        now = moment
        effects = []
        pass(peers.start(at: moment))
        return finish()
    }

    /// Takes an event and says what is to be done, in this order.
    public mutating func handle(_ event: DeviceEvent, at moment: Moment) -> [DeviceEffect] {
        now = moment
        effects = []
        generation += 1
        switch event {
        case .peers(let event): pass(peers.handle(event, at: moment))
        case .folder(let folder, let event): if !renewing.contains(folder) { happened(event, in: folder) }
        case .folderStopped(let folder): openAgain(folder)
        case .message(let connection, let device, let message): take(message, from: device, on: connection)
        case .indexBatch(let connection, let device, let batch, let inline, let bytes):
            if routes[batch.folder]?[device] == connection {
                give(.indexBatch(device, batch, inline: inline, bytes: bytes), to: batch.folder)
            } else if !inline.isEmpty {
                emit(.folder(batch.folder, .releaseInline(inline.map(\.handle))))
            }
        case .wait(let command, let order): begin(order, for: command)
        case .abandonWait(let command): waits[command] = nil
        case .tick: tick()
        }
        evaluateWaits()
        return finish()
    }

    /// When `tick` is to come, in monotonic nanoseconds; at least about once a second all the same.
    public var nextDeadline: UInt64? {
        (Array(deadlines.values) + waits.values.map(\.order.deadline)).min()
    }

    // MARK: Passing on

    mutating func emit(_ effect: DeviceEffect) { effects.append(effect) }

    private mutating func finish() -> [DeviceEffect] {
        defer { effects = [] }
        return effects
    }

    private mutating func tick() {
        pass(peers.handle(.tick, at: now))
        for folder in folders.keys.sorted() { give(.tick, to: folder) }
    }

    private mutating func happened(_ event: FolderEvent, in folder: FolderID) {
        give(event, to: folder)
        if case .opened = event { pass(peers.handle(.folderOpened(folder), at: now)) }
    }

    mutating func give(_ event: FolderEvent, to folder: FolderID) {
        guard let effects = folders[folder]?.handle(event, at: now, deadline: &deadlines[folder]) else { return }
        for effect in effects {
            switch effect {
            case .send(let device, let message) where message.questionNumber != nil:
                if let connection = routes[folder]?[device] { ask(message, of: folder, device, on: connection) }
            case .send(let device, let message):
                if let connection = routes[folder]?[device] { emit(.peers(.send(connection, message))) }
            case .disconnect(let device, let code, let text):
                if let connection = routes[folder]?[device] { emit(.peers(.close(connection, code, text: text))) }
            case .signRelease(let author, let counter): sign(author, upTo: counter, in: folder)
            case .changed: break
            default: emit(.folder(folder, effect))
            }
        }
    }

    private mutating func take(_ message: Message, from device: DeviceID, on connection: ConnectionID) {
        switch message {
        case .folderState, .acknowledge, .barrier, .barrierReached, .deletionRelease, .bucketDigests:
            guard let folder = message.folder, routes[folder]?[device] == connection else { return }
            if case .barrierReached(let reached) = message { noteBarrier(reached, of: device) }
            if case .deletionRelease(let release) = message, !isSound(release, on: connection) { return }
            give(.message(device, message), to: folder)
        case .everHeldAnswer, .bucketListing, .records, .requestFailed:
            takeAnswer(message, from: device, on: connection)
        default:
            pass(peers.handle(.message(connection, message), at: now))
        }
    }

    /// Whether a release is new and its signature holds. The costly half is only computed for what is of use; who sends
    /// what nobody signed breaks a rule.
    private mutating func isSound(_ release: DeletionRelease, on connection: ConnectionID) -> Bool {
        guard folders[release.folder]?.isOfUse(release) == true else { return false }
        if (try? release.verify(peers.identity.verify)) != nil { return true }
        emit(.peers(.close(connection, .protocolError, text: "A deletion release is not signed by its signer.")))
        return false
    }

    private mutating func sign(_ author: Author, upTo counter: UInt64, in folder: FolderID) {
        var release = DeletionRelease(
            folder: folder, author: author, upTo: counter, signer: peers.identity.device,
            signerKey: peers.identity.publicKey, signature: [])
        guard let message = try? release.signedBytes() else { return }
        release.signature = peers.identity.sign(message)
        if !release.signature.isEmpty { give(.released(release), to: folder) }
    }

    private mutating func pass(_ peersEffects: [PeersEffect]) {
        for effect in peersEffects {
            switch effect {
            case .openFolder(let known):
                folders[known.folder] = machine(of: known)
                emit(.peers(effect))
            case .folderChanged(let known):
                give(.setPaused(known.isPaused), to: known.folder)
                emit(.peers(effect))
            case .closeFolder(let folder):
                close(folder)
                emit(.peers(effect))
            case .renewFolder(let folder): renew(folder)
            case .rekeyFolder(let old, let known):
                close(old)
                folders[known.folder] = machine(of: known)
                emit(.peers(effect))
            case .membersChanged(let folder, let members):
                give(.membersChanged(members.map(FolderMember.init)), to: folder)
            case .memberConnected(let folder, let device, let connection):
                routes[folder, default: [:]][device] = connection
                emit(.peers(effect))
                give(.memberConnected(device), to: folder)
                waitFor(device, in: folder)
            case .memberDisconnected(let folder, let device, let connection):
                guard routes[folder]?[device] == connection else { continue }
                give(.memberDisconnected(device), to: folder)
                routes[folder]?[device] = nil
                questions.forget(folder, on: connection)
                emit(.peers(effect))
            default:
                emit(.peers(effect))
            }
        }
    }

    private func machine(of known: KnownFolder) -> FolderMachine {
        FolderMachine(
            folder: known.folder, device: peers.identity.device, isPaused: known.isPaused,
            collectionSeconds: collectionSeconds, hashing: hashing)
    }

    /// A folder's machine begins anew, as at a start, and hears of members at once; of its runner only when the one
    /// before has ended.
    private mutating func renew(_ folder: FolderID) {
        guard let known = peers.folder(folder) else { return }
        let threshold = folders[folder]?.budget.threshold
        close(folder)
        folders[folder] = machine(of: known)
        if let threshold { give(.setBudget(threshold), to: folder) }
        renewing.insert(folder)
        emit(.peers(.renewFolder(folder)))
        give(.membersChanged(peers.members(of: folder).map(FolderMember.init)), to: folder)
    }

    private mutating func openAgain(_ folder: FolderID) {
        guard renewing.remove(folder) != nil, folders[folder] != nil, let known = peers.folder(folder) else { return }
        emit(.peers(.openFolder(known)))
    }

    private mutating func close(_ folder: FolderID) {
        renewing.remove(folder)
        (folders[folder], deadlines[folder]) = (nil, nil)
        routes[folder] = nil
        questions.forget(folder)
    }
}

extension FolderMember {
    fileprivate init(_ member: Member) {
        self.init(device: member.device, role: member.role, name: member.name, incarnation: member.incarnation)
    }
}
