import SyncCore
import SyncModel
import WireProtocol

/// The side that uses an invite (rule 28): calls the inviter, proves the secret, and stores what comes of it.
extension PeersMachine {
    mutating func join(_ text: String, _ path: [UInt8], _ command: CommandID) {
        let link: InviteLink
        do { link = try InviteLink(text: text) } catch { return refuse(command, .malformed, error.message) }
        guard PeersMachine.isPath(path) else {
            return refuse(command, .malformed, "The path is not absolute, or too long.")
        }
        guard link.inviter != identity.device else {
            return refuse(command, .malformed, "The invite is this device's own.")
        }
        if let state = own[link.folder], state.set.member(identity.device) != nil, isPaired(link.inviter) {
            return reply(
                command,
                .success(.joined(JoinedView(device: link.inviter, folder: link.folder, path: state.known.path))))
        }
        if let other = folder(at: path), other.folder != link.folder, !other.isNeverShared {
            return refuse(command, .exists, "The folder \(other.name) is at this path and shared already.")
        }
        guard joins.count < Limits.joins else { return refuse(command, .limit, "Too many joins at once.") }
        joins[command] = Join(
            command: command, link: link, path: path,
            expiresNanoseconds: now.monotonicNanoseconds + UInt64(Limits.joinSeconds) * 1_000_000_000)
        emit(.matchHints(hintCandidates))
        pursueJoins()
    }

    /// Sends what can be sent, and dials whom is not connected.
    mutating func pursueJoins() {
        for command in joins.keys.sorted(by: { $0.number < $1.number }) {
            guard let join = joins[command], join.connection == nil, !join.isStoring else { continue }
            let inviter = join.link.inviter
            if let connection = active[inviter], let link = links[connection]?.link {
                if !joins.values.contains(where: { $0.connection == connection }) { request(join, on: link) }
            } else if join.attempt == nil, join.nextDial <= now.monotonicNanoseconds, !isDialling(inviter) {
                let addresses = PeersMachine.distinct(
                    join.link.addresses + addresses(of: inviter), limit: Limits.dialCandidates)
                guard !addresses.isEmpty else { continue }
                let attempt = dial(.device(inviter), addresses, for: .join(command))
                joins[command]?.attempt = attempt
            }
        }
    }

    private func isDialling(_ device: DeviceID) -> Bool {
        peers[device]?.attempt != nil || joins.values.contains { $0.link.inviter == device && $0.attempt != nil }
    }

    private mutating func request(_ join: Join, on link: Link) {
        joins[join.command]?.connection = link.connection
        let proof = JoinProof.compute(
            secretHash: JoinProof.secretHash(of: join.link.secret), exporter: link.joinExporter,
            inviter: link.device, joining: identity.device, invite: join.link.invite, folder: join.link.folder)
        send(
            .joinRequest(
                JoinRequest(
                    invite: join.link.invite, proof: proof, deviceName: identity.name, folder: join.link.folder)),
            on: link.connection)
    }

    mutating func joinAnswered(_ answer: JoinReply, on connection: ConnectionID) {
        guard let join = joins.values.first(where: { $0.connection == connection && !$0.isStoring }) else { return }
        joins[join.command]?.connection = nil
        switch answer {
        case .accepted(let acceptance): accept(acceptance, for: join, on: connection)
        case .refused(.busy): joinFailed(join.command, "The inviter is busy.")
        case .refused(let refusal): end(join, on: connection, PeersMachine.error(refusal))
        }
    }

    private mutating func accept(_ acceptance: JoinAcceptance, for join: Join, on connection: ConnectionID) {
        guard let link = links[connection]?.link, acceptance.folder == join.link.folder,
            let set = trusted(acceptance.records, of: acceptance.folder),
            let member = set.member(identity.device), set.canSign(link.device)
        else {
            return end(join, on: connection, PeersError(.declined, "The inviter's answer does not hold together."))
        }
        guard let change = becoming(acceptance.folder, acceptance.folderName, set, member, at: join.path) else {
            return end(join, on: connection, PeersError(.exists, "A shared folder is at this path already."))
        }
        var device = KnownDevice(
            device: link.device, name: link.hello.deviceName, publicKey: peers[link.device]?.known.publicKey ?? [],
            pairedSeconds: now.unixSeconds)
        device.addresses = PeersMachine.distinct(
            (link.direction == .outgoing ? [link.remoteAddress] : []) + (peers[link.device]?.known.addresses ?? [])
                + join.link.addresses, limit: Limits.deviceAddresses)
        joins[join.command]?.isStoring = true
        store(
            [.putDevice(device)] + changes(for: change),
            then: .joined(join, connection, change, device: device))
    }

    mutating func joinStored(_ join: Join, _ change: FolderChange, _ device: KnownDevice) {
        joins[join.command] = nil
        remember(device)
        adopt(change)
        let path = own[change.known.folder]?.known.path ?? change.known.path
        reply(
            join.command,
            .success(.joined(JoinedView(device: device.device, folder: change.known.folder, path: path))))
        becamePaired(device.device)
        pursueJoins()
    }

    mutating func joinNotStored(_ join: Join, _ connection: ConnectionID, _ message: String) {
        end(join, on: connection, PeersError(.storage, message))
    }

    // MARK: Failure

    /// May be tried again, until it expires.
    mutating func joinFailed(_ command: CommandID, _ message: String) {
        let chance = jitter()
        guard let delay = joins[command]?.backoff.failed(jitter: chance) else { return }
        joins[command]?.failure = message
        joins[command]?.nextDial = now.monotonicNanoseconds + delay
        if let inviter = joins[command]?.link.inviter, let connection = active[inviter], !isPaired(inviter) {
            close(connection, .done, "The invite is tried again later.")
        }
    }

    private mutating func end(_ join: Join, on connection: ConnectionID, _ error: PeersError) {
        joins[join.command] = nil
        reply(join.command, .failure(error))
        if let device = links[connection]?.link.device, !isPaired(device) {
            close(connection, .done, "The join is over.")
        }
        pursueJoins()
    }

    mutating func expireJoins() {
        for join in joins.values where join.expiresNanoseconds <= now.monotonicNanoseconds && !join.isStoring {
            joins[join.command] = nil
            refuse(join.command, .unreachable, "The inviter could not be reached: \(join.failure)")
        }
    }

    private static func error(_ refusal: JoinRefusal) -> PeersError {
        switch refusal {
        case .invalid: PeersError(.invalidInvite, "The invite is unknown, withdrawn or already used: ask for another.")
        case .expired: PeersError(.expired, "The invite has expired: ask for another.")
        case .folder: PeersError(.notFound, "The inviter no longer shares this folder.")
        case .full: PeersError(.limit, "The folder has as many members as it can have.")
        case .busy: PeersError(.unreachable, "The inviter is busy: try again.")
        }
    }
}
