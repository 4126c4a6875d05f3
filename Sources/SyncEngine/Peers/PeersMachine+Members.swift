import SyncCore
import SyncModel
import WireProtocol

/// Membership records: made, checked, stored, passed on, and what follows when members change (rules 19 and 20).
extension PeersMachine {
    /// A signed record by which a device is added to a folder of ours, already in `staged`; nil where it can't be.
    mutating func added(_ device: DeviceID, name: String, role: Role, to folder: FolderID) -> KnownMembership? {
        let record = own[folder]?.staged.adding(
            device, role: role, name: name, signer: identity.device, signerKey: identity.publicKey)
        return record.flatMap { stage($0) }
    }

    mutating func removed(_ device: DeviceID, _ frontier: VersionVector, from folder: FolderID) -> KnownMembership? {
        let record = own[folder]?.staged.removing(
            device, knownFrontier: frontier, signer: identity.device, signerKey: identity.publicKey)
        return record.flatMap { stage($0) }
    }

    private mutating func stage(_ record: MembershipRecord) -> KnownMembership? {
        guard let signed = signed(record),
            own[record.folder]?.staged.insert(signed.record, hash: signed.hash, isVerified: true) == .added
        else { return nil }
        own[record.folder]?.storing.insert(signed.hash)
        return signed
    }

    func signed(_ record: MembershipRecord) -> KnownMembership? {
        var record = record
        guard let message = try? record.signedBytes(), let hash = try? record.identity() else { return nil }
        record.signature = identity.sign(message)
        return record.signature.isEmpty ? nil : KnownMembership(hash: hash, record: record)
    }

    /// Records of ours could not be stored: it is as if they had not been made.
    mutating func unstage(_ records: [KnownMembership], of folder: FolderID) {
        guard let state = own[folder] else { return }
        let failed = Set(records.map(\.hash))
        var staged = state.set
        for (hash, record) in state.staged.records where !failed.contains(hash) {
            _ = staged.insert(record, hash: hash, isVerified: true)
        }
        own[folder]?.staged = staged
        own[folder]?.storing.subtract(failed)
    }

    // MARK: Received

    /// Records of a folder of ours that came over a connection: those that are new and stand are stored.
    mutating func take(_ records: [MembershipRecord], of folder: FolderID, from connection: ConnectionID) {
        guard var staged = own[folder]?.staged else { return }
        insert(records, into: &staged)
        own[folder]?.staged = staged
        storeStaged(of: folder, from: connection)
    }

    /// Stores what is staged and not yet being stored.
    private mutating func storeStaged(of folder: FolderID, from source: ConnectionID?) {
        guard let state = own[folder], state.staged.count > state.set.count else { return }
        let fresh = state.staged.records
            .filter { !state.set.contains($0.hash) && !state.storing.contains($0.hash) }
            .map { KnownMembership(hash: $0.hash, record: $0.record) }
        guard !fresh.isEmpty else { return }
        own[folder]?.storing.formUnion(fresh.map(\.hash))
        store([.addMemberships(fresh)], then: .memberships(folder, fresh, source: source, reply: nil))
    }

    /// What others signed is not lost to a full disk: it is tried again.
    mutating func receivedNotStored(_ records: [KnownMembership], of folder: FolderID) {
        own[folder]?.storing.subtract(records.map(\.hash))
        let retry = nextStoreTime
        own[folder]?.nextStore = retry
    }

    /// When what could not be stored is tried again.
    var nextStoreTime: UInt64 { now.monotonicNanoseconds + UInt64(Limits.storeRetrySeconds) * 1_000_000_000 }

    mutating func retryStores() {
        for folder in own.keys.sorted() {
            guard let state = own[folder] else { continue }
            if state.nextStore <= now.monotonicNanoseconds { storeStaged(of: folder, from: nil) }
            guard state.nextMade <= now.monotonicNanoseconds else { continue }
            own[folder]?.nextMade = .max
            folderOpened(folder)
        }
    }

    /// Puts records in that are not there yet; only for those the signature is computed.
    func insert(_ records: [MembershipRecord], into set: inout MembershipSet) {
        for record in records where record.folder == set.folder {
            guard let hash = try? record.identity(), !set.contains(hash) else { continue }
            let isVerified = (try? record.verify(identity.verify)) != nil
            _ = set.insert(record, hash: hash, isVerified: isVerified)
        }
    }

    /// A set from the records of somebody whom we trust in this: by pairing, invite or membership. Nil where they have
    /// no or several foundings, or another one than we knew.
    func trusted(_ records: [MembershipRecord], of folder: FolderID) -> MembershipSet? {
        var foundings = Set<Bytes32>()
        for record in records where MembershipSet.isFounding(record) {
            if let hash = try? record.identity() { foundings.insert(hash) }
        }
        guard foundings.count == 1, let founding = foundings.first,
            (own[folder]?.set.founding ?? formerFoundings[folder] ?? founding) == founding
        else { return nil }
        var set = own[folder]?.staged ?? MembershipSet(folder: folder, founding: founding)
        insert(records, into: &set)
        return set
    }

    // MARK: Stored

    mutating func membershipsStored(_ records: [KnownMembership], of folder: FolderID, from source: ConnectionID?) {
        guard let before = own[folder]?.set.members else { return }
        for stored in records {
            _ = own[folder]?.set.insert(stored.record, hash: stored.hash, isVerified: true)
            _ = own[folder]?.staged.insert(stored.record, hash: stored.hash, isVerified: true)
        }
        own[folder]?.storing.subtract(records.map(\.hash))
        passOn(records, of: folder, except: source)
        membersChanged(of: folder, before: before)
        storeStaged(of: folder, from: nil)
    }

    /// To every other connection on which the folder was offered; to those that are about to lose it, too.
    private mutating func passOn(_ records: [KnownMembership], of folder: FolderID, except source: ConnectionID?) {
        guard !records.isEmpty, let name = own[folder]?.known.name else { return }
        for connection in links.keys.sorted() where connection != source {
            guard let state = links[connection], state.isPaired, state.offeredHere.contains(folder) else { continue }
            for part in Self.parts(records.map(\.record), bytes: Limits.batchBytes) {
                if state.open.contains(folder) {
                    send(.membership(MembershipUpdate(folder: folder, records: part)), on: connection)
                } else {
                    send(.folderOffer([FolderOffer(folder: folder, name: name, records: part)]), on: connection)
                }
            }
        }
    }

    mutating func membersChanged(of folder: FolderID, before: [Member]) {
        guard let state = own[folder], state.set.members != before else { return }
        emit(.membersChanged(folder, state.set.members))
        followOwnMembership(of: folder)
        let present = Set(state.set.members.map(\.device))
        let gone =
            present.contains(identity.device)
            ? before.map(\.device).filter { !present.contains($0) }
            : before.map(\.device)
        for device in gone where device != identity.device { drop(folder, at: device) }
        for member in state.set.members { learn(member) }
        for member in state.set.members {
            if let connection = active[member.device] { offerFolders(on: connection) }
        }
    }

    /// Role, incarnation and "never shared" of our stored folder follow the records.
    mutating func followOwnMembership(of folder: FolderID) {
        guard let state = own[folder] else { return }
        var known = state.known
        if let member = state.set.member(identity.device) {
            (known.role, known.incarnation) = (member.role, member.incarnation)
        } else {
            emit(.notice("This device is no longer a member of \(known.name); its files stay."))
        }
        if state.set.records.contains(where: { $0.record.device != identity.device }) { known.isNeverShared = false }
        guard known != state.known else { return }
        own[folder]?.known = known
        if known.incarnation > state.known.incarnation {
            for device in active.keys.sorted() { drop(folder, at: device) }
            emit(.renewFolder(folder))
        }
        emit(.folderChanged(known))
        store([.changeFolder(known)], then: .nothing)
    }

    /// A folder is no longer shared with a device: there is no withdrawal on a connection, so it ends and a new one
    /// begins without the folder.
    mutating func drop(_ folder: FolderID, at device: DeviceID) {
        guard let connection = active[device], links[connection]?.offeredHere.contains(folder) == true else { return }
        guard isPaired(device) else { return close(connection, .notPaired, "This device was removed here.") }
        close(connection, .done, "A folder is no longer shared; call again for the others.", redials: true)
    }

    // MARK: Devices

    /// A member of a folder of ours is a known device: added once, known to all (rule 19). Whom a person removed here
    /// stays removed.
    mutating func learn(_ member: Member) {
        guard member.device != identity.device, peers[member.device] == nil else { return }
        guard peers.count < Limits.pairedDevices else { return emit(.notice("Too many devices to know another.")) }
        let device = KnownDevice(device: member.device, name: member.name, pairedSeconds: now.unixSeconds)
        remember(device)
        store([.putDevice(device)], then: .nothing)
        becamePaired(member.device)
    }

    mutating func remember(_ device: KnownDevice) {
        if peers[device.device] == nil {
            peers[device.device] = PeerState(known: device)
            emit(.matchHints(hintCandidates))
        } else {
            peers[device.device]?.known = device
        }
    }

    /// Stores what was learned of a device. It is behind a removal that is on its way to the store, and not to undo it.
    mutating func storeKnown(_ device: DeviceID) {
        guard let known = peers[device]?.known, !isBeingRemoved(device) else { return }
        store([.putDevice(known)], then: .nothing)
    }

    func isBeingRemoved(_ device: DeviceID) -> Bool {
        pending.values.contains { if case .removedDevice(_, device, _) = $0 { true } else { false } }
    }

    // MARK: Parts of messages

    static func encodedBytes(_ records: [MembershipRecord]) -> Int {
        records.reduce(0) { $0 + ((try? $1.encoded().count) ?? Limits.frameBytes) }
    }

    /// Cut so that each part is at most so many bytes and `Limits.membershipRecords` records; at least one part.
    static func parts(_ records: [MembershipRecord], bytes limit: Int) -> [[MembershipRecord]] {
        var parts: [[MembershipRecord]] = [[]]
        var bytes = 0
        for record in records {
            let size = encodedBytes([record])
            if bytes + size > limit || parts[parts.count - 1].count == Limits.membershipRecords,
                !parts[parts.count - 1].isEmpty
            {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(record)
            bytes += size
        }
        return parts
    }
}
