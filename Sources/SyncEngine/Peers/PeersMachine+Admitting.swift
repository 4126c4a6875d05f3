import SyncCore
import SyncModel
import WireProtocol

/// The side that invites (rule 28): makes links, checks proofs, and adds who holds one.
extension PeersMachine {
    mutating func invite(_ folder: FolderID?, _ role: Role, _ lifetime: Int64, _ command: CommandID) {
        guard let folder = folder ?? (own.count == 1 ? own.keys.first : nil) else {
            return refuse(
                command, own.isEmpty ? .notFound : .ambiguous, "Say which folder the invite is for.",
                choices: folders.map(\.name))
        }
        guard let state = own[folder] else { return refuse(command, .notFound, "There is no such folder.") }
        guard state.set.canSign(identity.device) else {
            return refuse(command, .notAllowed, "Only a read-write member of \(state.known.name) may invite.")
        }
        guard lifetime > 0, lifetime <= Limits.inviteSeconds else {
            return refuse(command, .malformed, "An invite lives between a second and a year.")
        }
        let oldest = now.unixSeconds - Limits.inviteGraceSeconds
        invites = invites.filter { $0.value.expiresSeconds >= oldest }
        guard invites.count < Limits.invites else { return refuse(command, .limit, "There are too many invites.") }
        let (name, secret) = (Bytes16(secret().bytes.prefix(16)), Bytes16(secret().bytes.prefix(16)))
        guard let name, let secret else { return }
        let invite = KnownInvite(
            id: name, secretHash: JoinProof.secretHash(of: secret), folder: folder, role: role,
            expiresSeconds: now.unixSeconds + lifetime)
        guard let text = linkText(invite, secret: secret, folderName: state.known.name) else {
            return refuse(command, .malformed, "The invite cannot be written as a link.")
        }
        let view = InviteView(link: text, folder: folder, expiresSeconds: invite.expiresSeconds)
        store([.removeInvites(expiredBefore: oldest), .addInvite(invite)], then: .invited(command, view, invite))
    }

    /// With as many of our addresses as fit, the first ones first.
    private func linkText(_ invite: KnownInvite, secret: Bytes16, folderName: String) -> String? {
        var addresses = listening.filter { (try? NetworkAddress(text: $0))?.isLinkLocal != true }
        addresses = Array(addresses.prefix(Limits.addresses))
        while true {
            let link = InviteLink(
                inviter: identity.device, addresses: addresses, invite: invite.id, secret: secret,
                folder: invite.folder, folderName: folderName, expires: UInt64(max(0, invite.expiresSeconds)))
            if let text = try? link.text() { return text }
            guard addresses.popLast() != nil else { return nil }
        }
    }

    mutating func admit(_ request: JoinRequest, on state: LinkState) {
        let link = state.link
        guard !state.isAdmitting else { return }
        if let refusal = refusal(of: request, on: link) { return answer(.refused(refusal), on: link.connection) }
        guard let invite = invites[request.invite], let folder = own[invite.folder] else { return }
        var added: [KnownMembership] = []
        if folder.staged.member(link.device) == nil {
            guard let record = self.added(link.device, name: request.deviceName, role: invite.role, to: invite.folder)
            else { return answer(.refused(.full), on: link.connection) }
            added = [record]
        }
        // Taken at once, so that of two who come together one is refused; given back if it can't be stored.
        invites[invite.id]?.usedBy = link.device
        links[link.connection]?.isAdmitting = true
        var device = KnownDevice(
            device: link.device, name: request.deviceName, publicKey: peers[link.device]?.known.publicKey ?? [],
            addresses: peers[link.device]?.known.addresses ?? [], pairedSeconds: now.unixSeconds)
        if let known = peers[link.device]?.known, !known.isRemoved { device.name = known.name }
        store(
            [.useInvite(invite.id, by: link.device), .putDevice(device)]
                + (added.isEmpty ? [] : [.addMemberships(added)]),
            then: .admitted(link.connection, invite.id, device: device, invite.folder, invite.role, added))
    }

    /// What cannot be proved is `invalid`, so that nothing is learnt of invites without their secret.
    private func refusal(of request: JoinRequest, on link: Link) -> JoinRefusal? {
        guard let invite = invites[request.invite],
            JoinProof.verify(
                request, secretHash: invite.secretHash, exporter: link.joinExporter, inviter: identity.device,
                joining: link.device),
            invite.usedBy == nil || invite.usedBy == link.device
        else { return .invalid }
        guard let folder = own[invite.folder], request.folder == nil || request.folder == invite.folder,
            folder.set.canSign(identity.device)
        else { return .folder }
        if invite.usedBy == link.device {
            // Who has joined is answered alike; who was removed since does not come back by the same link.
            guard peers[link.device]?.known.isRemoved != true else { return .invalid }
            if folder.set.member(link.device) != nil { return nil }
            return folder.staged.member(link.device) != nil ? .busy : .invalid
        }
        return invite.expiresSeconds >= now.unixSeconds ? nil : .expired
    }

    private mutating func answer(_ answer: JoinReply, on connection: ConnectionID) {
        links[connection]?.isAdmitting = false
        send(.joinReply(answer), on: connection)
    }

    mutating func admissionStored(
        _ connection: ConnectionID, _ device: KnownDevice, _ folder: FolderID, _ role: Role, _ added: [KnownMembership]
    ) {
        remember(device)
        membershipsStored(added, of: folder, from: connection)
        if let state = own[folder], let member = state.set.member(device.device) {
            let records = state.set.records.map(\.record)
            let acceptance = JoinAcceptance(
                folder: folder, folderName: state.known.name, role: member.role, records: records)
            if Self.encodedBytes(records) <= Limits.batchBytes, records.count <= Limits.membershipRecords {
                answer(.accepted(acceptance), on: connection)
            } else {
                answer(.refused(.full), on: connection)
            }
        } else {
            answer(.refused(.folder), on: connection)
        }
        becamePaired(device.device)
    }

    mutating func admissionNotStored(
        _ connection: ConnectionID, _ invite: Bytes16, _ folder: FolderID, _ added: [KnownMembership]
    ) {
        if let device = links[connection]?.link.device, own[folder]?.set.member(device) == nil {
            invites[invite]?.usedBy = nil
        }
        unstage(added, of: folder)
        answer(.refused(.busy), on: connection)
    }
}
