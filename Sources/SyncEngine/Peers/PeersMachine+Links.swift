import SyncCore
import SyncModel
import WireProtocol

/// One connection with each device: which of several is kept, and what its messages lead to.
extension PeersMachine {
    /// A connection older than this has been up before the other side began to dial: it must have lost it. Longer than
    /// any dial takes (`Limits.handshakeMilliseconds`), so both sides judge alike.
    static let settledNanoseconds: UInt64 = 30_000_000_000

    mutating func opened(_ link: Link) {
        let purpose = link.attempt.flatMap { endDial($0) }
        guard links[link.connection] == nil else { return }
        let isKnown = isPaired(link.device)
        links[link.connection] = LinkState(
            link: link, openedNanoseconds: now.monotonicNanoseconds, isLocalPaired: link.saidPaired && isKnown)
        if let (code, text) = refusal(of: link, isKnown: isKnown) {
            close(link.connection, code, text)
            if purpose == .pairing { pausePairing() }
            return
        }
        if let old = active[link.device].flatMap({ links[$0] }) {
            guard replaces(link, old) else {
                close(link.connection, .duplicate, "Another connection is kept.")
                engage(on: old.link, dialled: purpose == .pairing)
                return pursueJoins()
            }
            close(old.link.connection, .duplicate, "Another connection is kept.")
        }
        activate(link, for: purpose)
    }

    private mutating func refusal(of link: Link, isKnown: Bool) -> (CloseCode, String)? {
        if link.device == identity.device { return (.done, "This is the same device.") }
        if links.count > Limits.connections { return (.overloaded, "Too many connections.") }
        if peers[link.device]?.known.isRemoved == true, !receives(removed: link.device) {
            emit(.notice("The removed device \(link.device.short) called and was refused."))
            return (.notPaired, "This device was removed here.")
        }
        return link.saidPaired && !isKnown ? (.notPaired, "This device was removed here.") : nil
    }

    private mutating func activate(_ link: Link, for purpose: DialPurpose?) {
        active[link.device] = link.connection
        if link.direction == .incoming { peers[link.device]?.backoff.reset() }
        if isPaired(link.device) { tellPaired(link.connection) }
        if !link.hello.isPaired { introduce(on: link.connection) }
        engage(on: link, dialled: purpose == .pairing)
        pursueJoins()
    }

    /// Whether a removed device may talk to us as a stranger: a person here asked for it.
    private func receives(removed device: DeviceID) -> Bool {
        wish != nil || joins.values.contains { $0.link.inviter == device }
            || invites.values.contains { $0.usedBy == nil && $0.expiresSeconds >= now.unixSeconds }
    }

    /// Of two connections both sides keep the same one: that of the later run of either agent, else the one dialled by
    /// the device with the smaller ID. One that was up long before the other was dialled is not kept: it is dead at
    /// the other side. One on which a code may be shown already is kept, lest a person compares an old one; only here
    /// the sides may differ for a moment and lose both, before any code was shown, and begin again.
    private func replaces(_ new: Link, _ old: LinkState) -> Bool {
        if new.hello.generation != old.link.hello.generation { return new.hello.generation > old.link.hello.generation }
        if new.direction == old.link.direction { return new.direction == .incoming }
        if let pairing, pairing.connection == old.link.connection, pairing.exchange.isDisclosed { return false }
        if now.monotonicNanoseconds &- old.openedNanoseconds > PeersMachine.settledNanoseconds { return true }
        return (new.direction == .outgoing) == (identity.device < new.device)
    }

    // MARK: Closing

    /// Takes the connection out of use at once; `linkClosed` follows.
    mutating func close(_ connection: ConnectionID, _ code: CloseCode, _ text: String, redials: Bool = false) {
        guard links[connection]?.isClosing == false else { return }
        emit(.close(connection, code, text: text))
        links[connection]?.redials = redials
        retire(connection)
    }

    mutating func closed(_ connection: ConnectionID, _ code: CloseCode?, _ lived: UInt64) {
        retire(connection)
        guard let state = links.removeValue(forKey: connection) else { return }
        let device = state.link.device
        if state.redials || code == .done { peers[device]?.backoff.reset() }
        let chance = jitter()
        if let delay = peers[device]?.backoff.ended(livedNanoseconds: lived, jitter: chance) {
            peers[device]?.nextDial = now.monotonicNanoseconds + (state.redials ? 0 : delay)
        }
        pursueJoins()
        dialDue()
    }

    private mutating func retire(_ connection: ConnectionID) {
        guard let state = links[connection], !state.isClosing else { return }
        links[connection]?.isClosing = true
        for folder in state.open.sorted() { emit(.memberDisconnected(folder, state.link.device, connection)) }
        links[connection]?.open = []
        links[connection]?.introduced = [:]
        if active[state.link.device] == connection {
            active[state.link.device] = nil
            if state.isPaired { noteSeen(state.link.device) }
        }
        for command in joins.keys where joins[command]?.connection == connection { joins[command]?.connection = nil }
        pairingLost(with: connection)
    }

    // MARK: Pairedness

    /// Says that we take the other side for paired, once.
    mutating func tellPaired(_ connection: ConnectionID) {
        guard let state = links[connection], !state.isClosing, !state.isLocalPaired else { return }
        links[connection]?.isLocalPaired = true
        emit(.markPaired(connection))
    }

    /// The device has become a paired one: so are its connections.
    mutating func becamePaired(_ device: DeviceID) {
        guard let connection = active[device], let state = links[connection] else { return }
        let isNew = !state.isLocalPaired
        tellPaired(connection)
        if isNew, !state.link.hello.isPaired { introduce(on: connection) }
    }

    mutating func bothPaired(_ connection: ConnectionID) {
        guard let state = links[connection], !state.isClosing, !state.isPaired else { return }
        guard isPaired(state.link.device) else { return close(connection, .notPaired, "This device was removed here.") }
        links[connection]?.isPaired = true
        links[connection]?.isLocalPaired = true
        learnAddresses(of: state.link)
        noteSeen(state.link.device)
        offerFolders(on: connection)
    }

    private mutating func noteSeen(_ device: DeviceID) {
        peers[device]?.known.seenSeconds = now.unixSeconds
        storeKnown(device)
    }

    // MARK: Messages

    mutating func received(_ message: Message, on connection: ConnectionID) {
        guard let state = links[connection], !state.isClosing else { return }
        switch message {
        case .pairRequest, .pairCommit, .pairNonce, .pairReveal, .pairConfirm, .pairCancel: pair(message, state.link)
        case .joinRequest(let request): admit(request, on: state)
        case .joinReply(let answer): joinAnswered(answer, on: connection)
        case .introduction(let update): introduced(update, on: state)
        case .folderOffer, .membership:
            guard state.isPaired else {
                return close(connection, .notPaired, "Folders are for paired devices only.")
            }
            if case .folderOffer(let offers) = message { received(offers, on: connection) }
            if case .membership(let update) = message, state.open.contains(update.folder) {
                take(update.records, of: update.folder, from: connection)
            }
        default: break
        }
    }

    mutating func send(_ message: Message, on connection: ConnectionID) {
        guard links[connection]?.isClosing == false else { return }
        emit(.send(connection, message))
    }
}
