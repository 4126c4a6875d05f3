import SyncCore
import SyncModel
import WireProtocol

/// Our folders: added, accepted, renamed, paused, shared, removed.
extension PeersMachine {
    static func isName(_ name: String, limit: Int) -> Bool {
        !name.isEmpty && name.utf8.count <= limit && WireText.cleaned(name, limit: limit) == name
    }

    static func isPath(_ path: [UInt8]) -> Bool {
        path.first == UInt8(ascii: "/") && path.count <= Limits.pathBytes && !path.contains(0)
    }

    func folder(at path: [UInt8]) -> KnownFolder? { own.values.first { $0.known.path == path }?.known }

    // MARK: Becoming ours

    mutating func addFolder(_ name: String, _ path: [UInt8], _ isPaused: Bool, _ command: CommandID) {
        guard PeersMachine.isName(name, limit: Limits.folderNameBytes), PeersMachine.isPath(path) else {
            return refuse(
                command, .malformed,
                """
                A folder has an absolute path, and a name of 1 to \(Limits.folderNameBytes) bytes without control \
                characters. Give it another name with --name.
                """)
        }
        guard own.count < Limits.folders else {
            return refuse(command, .limit, "There are \(own.count) folders already.")
        }
        guard folder(at: path) == nil, !own.values.contains(where: { $0.known.name == name }),
            !isBecoming(path: path)
        else { return refuse(command, .exists, "There is a folder of this name or at this path already.") }
        guard let folder = FolderID(secret().bytes.prefix(16)) else { return }
        let founding = MembershipSet.founding(
            folder: folder, founder: identity.device, name: identity.name, signerKey: identity.publicKey)
        guard let record = signed(founding) else {
            return refuse(command, .malformed, "The folder's first record could not be signed.")
        }
        var set = MembershipSet(folder: folder, founding: record.hash)
        _ = set.insert(record.record, hash: record.hash, isVerified: true)
        let known = KnownFolder(
            folder: folder, name: name, path: path, isPaused: isPaused, createdSeconds: now.unixSeconds)
        let change = FolderChange(known: known, set: set, isKnown: false)
        store(changes(for: change), then: .folder(command, change))
    }

    mutating func acceptFolder(_ folder: FolderID, _ path: [UInt8], _ command: CommandID) {
        guard PeersMachine.isPath(path) else {
            return refuse(command, .malformed, "The path is not absolute, or too long.")
        }
        if let known = own[folder]?.known { return reply(command, .success(.folder(known))) }
        guard let state = offered[folder], let member = state.set.member(identity.device) else {
            return refuse(command, .notFound, "No device offers this folder.")
        }
        guard own.count < Limits.folders else {
            return refuse(command, .limit, "There are \(own.count) folders already.")
        }
        guard let change = becoming(folder, state.name, state.set, member, at: path) else {
            return refuse(command, .exists, "A shared folder is at this path already.")
        }
        store(changes(for: change), then: .folder(command, change))
    }

    /// How a folder of others becomes ours at a path. Nil where a shared one is there, or another is just coming.
    func becoming(
        _ folder: FolderID, _ name: String, _ set: MembershipSet, _ member: Member, at path: [UInt8]
    ) -> FolderChange? {
        if let known = own[folder]?.known { return FolderChange(known: known, set: set, isKnown: true) }
        guard !isBecoming(path: path), !isBecoming(folder: folder) else { return nil }
        let present = self.folder(at: path)
        guard present?.isNeverShared ?? true else { return nil }
        var known = KnownFolder(
            folder: folder, name: present?.name ?? freeName(name), path: path,
            isPaused: present?.isPaused ?? false, createdSeconds: present?.createdSeconds ?? now.unixSeconds)
        (known.role, known.incarnation, known.isNeverShared) = (member.role, member.incarnation, false)
        // A marker that was there is to be there still, or the disk is not.
        (known.replaces, known.isMade) = (present?.folder, present?.isMade ?? false)
        return FolderChange(known: known, set: set, isKnown: false)
    }

    private var comingFolders: [KnownFolder] {
        pending.values.compactMap { pending in
            switch pending {
            case .folder(_, let change), .joined(_, _, let change, _): change.isKnown ? nil : change.known
            default: nil
            }
        }
    }

    private func isBecoming(path: [UInt8]) -> Bool { comingFolders.contains { $0.path == path } }
    private func isBecoming(folder: FolderID) -> Bool { comingFolders.contains { $0.folder == folder } }

    private func freeName(_ name: String) -> String {
        let taken = Set(own.values.map(\.known.name) + comingFolders.map(\.name))
        guard taken.contains(name) else { return name }
        let number = (2...(Limits.folders + 2)).first { !taken.contains("\(short(name)) \($0)") } ?? 2
        return "\(short(name)) \(number)"
    }

    private func short(_ name: String) -> String { WireText.cleaned(name, limit: Limits.folderNameBytes - 8) }

    func changes(for change: FolderChange) -> [StoreChange] {
        let records = change.set.records.map { KnownMembership(hash: $0.hash, record: $0.record) }
        if change.isKnown { return [.addMemberships(records)] }
        if let old = change.known.replaces { return [.rekeyFolder(old: old, change.known), .addMemberships(records)] }
        return [.addFolder(change.known), .addMemberships(records)]
    }

    /// The folder is stored: it is ours from now on.
    mutating func adopt(_ change: FolderChange) {
        let folder = change.known.folder
        let records = change.set.records.map { KnownMembership(hash: $0.hash, record: $0.record) }
        if change.isKnown { return membershipsStored(records, of: folder, from: nil) }
        var state = FolderState(known: change.known, set: change.set, staged: change.set)
        if let old = change.known.replaces, let before = own.removeValue(forKey: old) {
            state.files = before.files
            for (id, invite) in invites where invite.folder == old { invites[id]?.folder = folder }
        }
        own[folder] = state
        open(change.known)
        offered[folder] = nil
        formerFoundings[folder] = nil
        emit(.membersChanged(folder, change.set.members))
        for member in change.set.members { learn(member) }
        for connection in active.values.sorted() { offerFolders(on: connection) }
    }

    mutating func open(_ known: KnownFolder) {
        if let old = known.replaces { emit(.rekeyFolder(old: old, known)) } else { emit(.openFolder(known)) }
    }

    /// From now on its marker is to be there: what has none is another directory, or an empty mount point.
    mutating func folderOpened(_ folder: FolderID) {
        guard let before = own[folder]?.known, !before.isMade || before.replaces != nil else { return }
        var known = before
        (known.isMade, known.replaces) = (true, nil)
        own[folder]?.known = known
        store([.changeFolder(known)], then: .madeFolder(before: before))
    }

    // MARK: Changes

    mutating func renameFolder(_ folder: FolderID, _ name: String, _ command: CommandID) {
        guard let known = own[folder]?.known else { return refuse(command, .notFound, "There is no such folder.") }
        guard PeersMachine.isName(name, limit: Limits.folderNameBytes) else {
            return refuse(
                command, .malformed, "A name has 1 to \(Limits.folderNameBytes) bytes and no control characters.")
        }
        guard !own.values.contains(where: { $0.known.name == name && $0.known.folder != folder }) else {
            return refuse(command, .exists, "There is a folder \(name) already.")
        }
        var changed = known
        changed.name = name
        change(changed, from: known, command)
    }

    mutating func setPaused(_ folder: FolderID, _ isPaused: Bool, _ command: CommandID) {
        guard let known = own[folder]?.known else { return refuse(command, .notFound, "There is no such folder.") }
        var changed = known
        changed.isPaused = isPaused
        change(changed, from: known, command)
    }

    private mutating func change(_ known: KnownFolder, from before: KnownFolder, _ command: CommandID) {
        own[known.folder]?.known = known
        store([.changeFolder(known)], then: .changedFolder(command, before: before))
    }

    // MARK: Sharing and removing

    mutating func shareFolder(_ folder: FolderID, _ device: DeviceID, _ role: Role, _ command: CommandID) {
        guard let state = own[folder] else { return refuse(command, .notFound, "There is no such folder.") }
        guard isPaired(device), let name = peers[device]?.known.name else {
            return refuse(command, .notFound, "The device \(device.short) is not paired.")
        }
        if let member = state.staged.member(device) {
            guard member.role != role else { return reply(command, .success(.done)) }
            return refuse(command, .exists, "\(name) is a member as \(member.role.rawValue): remove it first.")
        }
        guard state.staged.canSign(identity.device) else {
            return refuse(command, .notAllowed, "Only a read-write member of \(state.known.name) may share it.")
        }
        guard let record = added(device, name: name, role: role, to: folder) else {
            return refuse(command, .limit, "\(state.known.name) has as many members as it can have.")
        }
        store([.addMemberships([record])], then: .memberships(folder, [record], source: nil, reply: command))
    }

    mutating func removeMember(
        _ folder: FolderID, _ device: DeviceID, _ frontier: VersionVector, _ command: CommandID
    ) {
        guard let state = own[folder] else { return refuse(command, .notFound, "There is no such folder.") }
        guard state.staged.member(device) != nil else {
            return refuse(command, .notFound, "The device \(device.short) is no member of \(state.known.name).")
        }
        guard let record = removed(device, frontier, from: folder) else {
            return refuse(command, .notAllowed, "Only a read-write member of \(state.known.name) may remove others.")
        }
        store([.addMemberships([record])], then: .memberships(folder, [record], source: nil, reply: command))
    }

    mutating func removeDevice(_ device: DeviceID, _ frontiers: [FolderID: VersionVector], _ command: CommandID) {
        guard var known = peers[device]?.known, !known.isRemoved else {
            return refuse(command, .notFound, "The device \(device.short) is not paired.")
        }
        known.isRemoved = true
        var records: [FolderID: [KnownMembership]] = [:]
        for folder in own.keys.sorted() {
            guard let record = removed(device, frontiers[folder] ?? VersionVector(), from: folder) else { continue }
            records[folder] = [record]
        }
        let all = records.sorted { $0.key < $1.key }.flatMap(\.value)
        store(
            [.putDevice(known)] + (all.isEmpty ? [] : [.addMemberships(all)]),
            then: .removedDevice(command, device, records))
    }

    mutating func deviceRemoved(_ device: DeviceID, _ records: [FolderID: [KnownMembership]], _ command: CommandID) {
        peers[device]?.known.isRemoved = true
        for (folder, records) in records.sorted(by: { $0.key < $1.key }) {
            membershipsStored(records, of: folder, from: nil)
        }
        for folder in offered.keys {
            offered[folder]?.devices.remove(device)
            if offered[folder]?.devices.isEmpty == true { offered[folder] = nil }
        }
        if let connection = active[device] { close(connection, .notPaired, "This device was removed here.") }
        reply(command, .success(.done))
    }

    mutating func removeFolder(_ folder: FolderID, _ command: CommandID) {
        guard own[folder] != nil else { return refuse(command, .notFound, "There is no such folder.") }
        store([.removeFolder(folder)], then: .removedFolder(command, folder))
    }

    mutating func folderRemoved(_ folder: FolderID, _ command: CommandID) {
        guard let state = own[folder] else { return reply(command, .success(.done)) }
        for device in active.keys.sorted() { drop(folder, at: device) }
        own[folder] = nil
        formerFoundings[folder] = state.set.founding
        invites = invites.filter { $0.value.folder != folder }
        emit(.closeFolder(folder))
        reply(command, .success(.done))
    }
}
