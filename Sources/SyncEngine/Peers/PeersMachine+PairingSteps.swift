import SyncCore
import SyncModel
import WireProtocol

/// What the steps of a pairing lead to, and how it ends.
extension PeersMachine {
    mutating func run(_ steps: [PairingExchange.Step]) {
        for step in steps {
            switch step {
            case .send(let message): if let connection = pairing?.connection { send(message, on: connection) }
            case .showCode: showCode()
            case .paired(let folders): commitPairing(with: folders)
            case .ended(let reason, let byPeer): pairingEnded(reason, byPeer: byPeer)
            }
        }
    }

    /// The pairing as a person sees it; nil where none is wanted.
    var pairingView: PairingView? {
        guard let wish else { return nil }
        return PairingView(
            session: pairing?.session ?? 0, code: pairing?.exchange.code, peer: pairing?.device,
            peerName: pairing?.name, expiresSeconds: wish.expiresSeconds, isConfirmed: pairing?.isConfirmed ?? false)
    }

    var pairingViews: [PairingView] { pairingView.map { [$0] } ?? [] }

    private mutating func showCode() {
        guard let wish, let view = pairingView else { return }
        if !wish.isAnswered { reply(wish.command, .success(.pairing(view))) }
        self.wish?.isAnswered = true
    }

    // MARK: The end

    /// The other side, or the comparison here, ended the exchange.
    mutating func pairingEnded(_ reason: PairCancelReason, byPeer: Bool) {
        guard let ended = pairing else { return }
        pairing = nil
        if wish?.isAnswered == false, byPeer, reason == .notAccepting || reason == .busy {
            pausePairing()
        } else {
            finishWish(confirmation: ended.confirmation, error: PeersMachine.error(reason, byPeer, ended.name))
        }
        leave(ended)
    }

    /// This side gives up: wish, exchange and all.
    mutating func endPairing(_ reason: PairCancelReason, _ error: PeersError) {
        guard pairing?.isStoring != true else { return }
        let ended = pairing
        if let steps = pairing?.exchange.cancel(reason), let connection = ended?.connection {
            for case .send(let message) in steps { send(message, on: connection) }
        }
        pairing = nil
        finishWish(confirmation: ended?.confirmation, error: error)
        if let ended { leave(ended) }
    }

    mutating func expirePairing() {
        guard let wish, wish.expiresNanoseconds <= now.monotonicNanoseconds else { return }
        endPairing(.expired, PeersError(.expired, "No pairing came about within five minutes."))
    }

    /// The pairing's connection is gone. What is being stored goes on.
    mutating func pairingLost(with connection: ConnectionID) {
        guard let lost = pairing, lost.connection == connection, !lost.isStoring else { return }
        pairing = nil
        guard wish?.isAnswered == true else { return pausePairing() }
        finishWish(
            confirmation: lost.confirmation,
            error: PeersError(.unreachable, "The connection with \(lost.name) was lost: pair again."))
    }

    /// Ends the wish; whoever waits for it is told.
    private mutating func finishWish(confirmation: CommandID?, error: PeersError) {
        reply(confirmation, .failure(error))
        if let wish, !wish.isAnswered { reply(wish.command, .failure(error)) }
        if wish != nil { emit(.announce(pairingName: nil)) }
        wish = nil
    }

    private mutating func leave(_ ended: Pairing) {
        if !isPaired(ended.device) { close(ended.connection, .done, "The pairing is over.") }
    }

    private static func error(_ reason: PairCancelReason, _ byPeer: Bool, _ name: String) -> PeersError {
        switch reason {
        case .declined: PeersError(.declined, byPeer ? "\(name) declined." : "The pairing was declined.")
        case .expired: PeersError(.expired, "The pairing with \(name) was not confirmed in time.")
        case .busy: PeersError(.declined, "\(name) is busy with another pairing.")
        case .notAccepting: PeersError(.declined, "\(name) does not accept pairing now: run `lanyard pair` there.")
        case .mismatch:
            PeersError(
                .mismatch, "The codes differ: somebody may be between this device and \(name). Nothing was paired.")
        }
    }

    // MARK: The pair

    /// Both people said yes: the device is stored, with the folder that it is added to; then both sides are told.
    private mutating func commitPairing(with remote: [PairFolder]) {
        guard let current = pairing, let link = links[current.connection]?.link else { return }
        pairing?.isStoring = true
        let plan = FolderPlan(local: current.folders, remote: remote)
        var device = KnownDevice(
            device: current.device, name: current.name, publicKey: peers[current.device]?.known.publicKey ?? [],
            pairedSeconds: now.unixSeconds)
        device.addresses = PeersMachine.distinct(
            (link.direction == .outgoing ? [link.remoteAddress] : []) + (peers[current.device]?.known.addresses ?? []),
            limit: Limits.deviceAddresses)
        var changes: [StoreChange] = [.putDevice(device)]
        var records: [KnownMembership] = []
        // A folder that both have, and in which the other is a member no longer, is shared again.
        let shared =
            plan.adds
            ?? current.folders.map(\.folder).first { folder in
                own[folder].map { $0.set.member(current.device) == nil } ?? false
                    && remote.contains { $0.folder == folder }
            }
        if let shared, let record = added(current.device, name: current.name, role: .readWrite, to: shared) {
            records = [record]
            changes.append(.addMemberships(records))
        }
        if case .becomeTheirs(let theirs, let ours) = plan { merges[theirs] = ours }
        let view = PairedView(device: current.device, name: current.name, outcome: plan.outcome)
        store(changes, then: .paired(current, view, device: device, offered: shared, records))
    }

    mutating func pairingStored(
        _ stored: Pairing, _ view: PairedView, _ device: KnownDevice, _ folder: FolderID?, _ added: [KnownMembership]
    ) {
        if pairing?.session == stored.session { pairing = nil }
        if wish != nil { emit(.announce(pairingName: nil)) }
        wish = nil
        remember(device)
        if let folder { membershipsStored(added, of: folder, from: nil) }
        reply(stored.confirmation, .success(.paired(view)))
        becamePaired(device.device)
    }

    mutating func pairingNotStored(_ stored: Pairing, _ message: String) {
        if pairing?.session == stored.session { pairing = nil }
        finishWish(confirmation: stored.confirmation, error: PeersError(.storage, message))
        leave(stored)
    }
}
