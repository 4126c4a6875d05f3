import SyncCore
import SyncModel
import WireProtocol

/// The wish to pair: whom to look for, how long, and the commands about it (rule 17).
extension PeersMachine {
    mutating func startPairing(_ selection: String?, _ command: CommandID) {
        if let view = pairingView, view.code != nil { return reply(command, .success(.pairing(view))) }
        if wish != nil { endPairing(.declined, PeersError(.cancelled, "Another pairing was asked for.")) }
        let nanoseconds = UInt64(Limits.pairingSeconds) * 1_000_000_000
        wish = PairingWish(
            command: command, selection: selection, expiresNanoseconds: now.monotonicNanoseconds + nanoseconds,
            expiresSeconds: now.unixSeconds + Int64(Limits.pairingSeconds))
        emit(.announce(pairingName: identity.name))
        pursuePairing()
    }

    mutating func cancelPairing(_ session: UInt64?, _ command: CommandID) {
        guard wish != nil, session == nil || session == (pairing?.session ?? 0) else {
            return refuse(command, .notFound, "There is no such pairing.")
        }
        guard pairing?.isStoring != true else {
            return refuse(command, .notAllowed, "Both sides have confirmed; remove the device instead.")
        }
        endPairing(.declined, PeersError(.cancelled, "The pairing was given up."))
        reply(command, .success(.done))
    }

    mutating func confirm(_ session: UInt64, _ answer: PairingAnswer, _ folder: FolderID?, _ command: CommandID) {
        guard let current = pairing, current.session == session, let code = current.exchange.code else {
            return refuse(command, .notFound, "There is no pairing \(session); it may have ended.")
        }
        guard !current.isConfirmed else { return refuse(command, .exists, "This pairing is confirmed already.") }
        switch answer {
        case .no:
            reply(command, .success(.done))
            answerPairing(false, [])
        case .code(let text) where text.filter({ !" -\t".contains($0) }) != code:
            pairing?.confirmation = command
            if let steps = pairing?.exchange.cancel(.mismatch) { run(steps) }
        case .code, .yes:
            let folders = pairFolders.filter { folder == nil || $0.folder == folder }
            guard folder == nil || !folders.isEmpty else {
                return refuse(command, .notFound, "There is no such folder to share.")
            }
            pairing?.confirmation = command
            pairing?.isConfirmed = true
            pairing?.folders = folders
            answerPairing(true, folders)
        }
    }

    private mutating func answerPairing(_ accepted: Bool, _ folders: [PairFolder]) {
        do {
            if let steps = try pairing?.exchange.answer(accepted, folders: folders) { run(steps) }
        } catch {
            endPairing(.declined, PeersError(.malformed, error.message))
        }
    }

    /// What we can share: folders in which we are read-write.
    private var pairFolders: [PairFolder] {
        own.values.filter { $0.set.canSign(identity.device) }.sorted { $0.known.folder < $1.known.folder }.map {
            PairFolder(
                folder: $0.known.folder, name: $0.known.name, neverShared: $0.known.isNeverShared, files: $0.files)
        }
    }

    // MARK: Looking for the device

    mutating func pursuePairing() {
        guard let wish, pairing == nil, wish.attempt == nil, wish.nextDial <= now.monotonicNanoseconds else { return }
        if let engaged = wish.engaged, let link = active[engaged].flatMap({ links[$0] })?.link {
            return beginPairing(on: link)
        }
        if let selection = wish.selection, let address = try? NetworkAddress(text: selection) {
            return dialForPairing(.anyone, [address.description])
        }
        let targets = pairable.filter { isSelected(name: $0.pairingName ?? "", device: $0.device) }
        guard targets.count < 2 else { return choose(among: targets) }
        self.wish?.severalSince = nil
        guard let target = targets.first else { return }
        if let device = target.device, let link = active[device].flatMap({ links[$0] })?.link {
            return beginPairing(on: link)
        }
        if let device = target.device, peers[device]?.attempt != nil { return }
        dialForPairing(target.device.map { .device($0) } ?? .anyone, target.addresses)
    }

    /// A device that has just ended its pairing is still announced for a moment: only several that stay are a question.
    private mutating func choose(among targets: [NearbyDevice]) {
        guard let wish, !wish.isAnswered else { return }
        let since = wish.severalSince ?? now.monotonicNanoseconds
        self.wish?.severalSince = since
        guard now.monotonicNanoseconds &- since >= PeersMachine.severalNanoseconds else { return }
        endPairing(
            .declined,
            PeersError(
                .ambiguous, "Several devices nearby are open for pairing: say which.",
                choices: targets.compactMap(\.pairingName).sorted()))
    }

    private static let severalNanoseconds: UInt64 = 3_000_000_000

    private mutating func dialForPairing(_ target: DialTarget, _ addresses: [String]) {
        let attempt = dial(target, addresses, for: .pairing)
        wish?.attempt = attempt
    }

    /// Whether the person's choice fits: a name, or an ID or its beginning. An address fits whoever calls.
    private func isSelected(name: String, device: DeviceID?) -> Bool {
        guard let selection = wish?.selection else { return true }
        if (try? NetworkAddress(text: selection)) != nil { return true }
        if name.lowercased() == selection.lowercased() { return true }
        let digits = selection.lowercased().filter { $0 != "-" }
        return digits.count >= 4 && device.map { $0.description.hasPrefix(digits) } ?? false
    }

    /// A connection opened while a pairing is wanted: begun on it if it is the one, and if it is ours to begin.
    mutating func engage(on link: Link, dialled: Bool) {
        guard let wish, pairing == nil else { return }
        if isPaired(link.device), link.hello.isPaired || links[link.connection]?.isPaired == true {
            guard dialled, !wish.isAnswered, wish.selection != nil else { return pausePairing() }
            return endPairing(.declined, PeersError(.exists, "\(link.hello.deviceName) is paired already."))
        }
        let isTarget = pairable.contains { $0.device == link.device } || wish.engaged == link.device
        guard dialled || (link.direction == .outgoing && isTarget), accepts(link) else { return }
        beginPairing(on: link)
    }

    private func accepts(_ link: Link) -> Bool { isSelected(name: link.hello.deviceName, device: link.device) }

    private mutating func beginPairing(on link: Link) {
        guard pairing == nil, takePairingAttempt() else { return pausePairing() }
        wish?.engaged = link.device
        var exchange = PairingExchange(
            local: identity.device, peer: link.device, nonce: secret(), exporter: link.pairingExporter)
        guard let steps = try? exchange.start() else { return }
        pairing = Pairing(
            session: nextNumber(), connection: link.connection, device: link.device, name: link.hello.deviceName,
            exchange: exchange)
        run(steps)
    }

    /// Counts an attempt, whoever begins it; false where there were too many in the last minute.
    private mutating func takePairingAttempt() -> Bool {
        pairingTimes.removeAll { now.monotonicNanoseconds &- $0 >= 60_000_000_000 }
        guard pairingTimes.count < Limits.pairingAttemptsPerMinute else { return false }
        pairingTimes.append(now.monotonicNanoseconds)
        return true
    }

    mutating func pausePairing() {
        let chance = jitter()
        guard let delay = wish?.backoff.failed(jitter: chance) else { return }
        wish?.nextDial = now.monotonicNanoseconds + delay
    }

    // MARK: The exchange

    /// A pairing message. Only a person's wish opens a pairing here; whatever else comes is answered by an end.
    mutating func pair(_ message: Message, _ link: Link) {
        if pairing?.connection == link.connection, pairing?.isStoring == false {
            do {
                if let steps = try pairing?.exchange.receive(message) { run(steps) }
            } catch {
                pairingEnded(.mismatch, byPeer: true)
                close(link.connection, .protocolError, error.message)
            }
            return
        }
        if case .pairCancel = message { return }
        guard case .pairRequest = message, wish != nil, accepts(link) else {
            return send(.pairCancel(PairCancel(reason: .notAccepting)), on: link.connection)
        }
        guard pairing == nil, takePairingAttempt() else {
            return send(.pairCancel(PairCancel(reason: .busy)), on: link.connection)
        }
        wish?.engaged = link.device
        var exchange = PairingExchange(
            local: identity.device, peer: link.device, nonce: secret(), exporter: link.pairingExporter)
        guard let steps = try? exchange.receive(message) else { return }
        pairing = Pairing(
            session: nextNumber(), connection: link.connection, device: link.device, name: link.hello.deviceName,
            exchange: exchange)
        run(steps)
    }
}
