internal import ControlAPI
internal import LocalFileSystem
internal import SyncCore
internal import SyncEngine
internal import SyncModel

extension AgentService {
    func addFolder(_ request: FolderAddition) async throws(ControlError) -> ControlAPI.FolderStatus {
        let existing = try await read { $0.peers.folders.first { $0.path == request.path.bytes } }
        if let existing { return try await report(existing.folder) }
        try await refuseUnfit(request.path)
        let name = try await freeName(request.name, for: request.path)
        let reply = try await command(.addFolder(name: name, path: request.path.bytes, isPaused: request.paused))
        guard case .folder(let folder) = reply else { throw Self.unexpected }
        return try await report(folder.folder)
    }

    /// The wanted name, or the path's last component, with a number if another folder has it.
    private func freeName(_ wanted: String?, for path: LocalPath) async throws(ControlError) -> String {
        if let wanted { return wanted }
        let base = FolderName.from(path.bytes)
        let taken = Set(try await read { $0.peers.folders.map(\.name) })
        if !taken.contains(base) { return base }
        return (2...).lazy.map { "\(base) \($0)" }.first { !taken.contains($0) } ?? base
    }

    func removeFolder(_ selector: FolderSelector) async throws(ControlError) {
        _ = try await command(.removeFolder(try await folder(selector).folder))
    }

    func pauseFolder(_ selector: FolderSelector) async throws(ControlError) -> ControlAPI.FolderStatus {
        try await setPaused(selector, true)
    }

    func resumeFolder(_ selector: FolderSelector) async throws(ControlError) -> ControlAPI.FolderStatus {
        try await setPaused(selector, false)
    }

    private func setPaused(_ selector: FolderSelector, _ paused: Bool) async throws(ControlError)
        -> ControlAPI.FolderStatus
    {
        let folder = try await folder(selector).folder
        _ = try await command(.setPaused(folder, paused))
        return try await report(folder)
    }

    func shareFolder(_ request: FolderShare) async throws(ControlError) {
        try Self.refuseUnkept(request.role)
        let folder = try await folder(request.folder).folder
        let device = try await device(request.device).device
        _ = try await command(.shareFolder(folder, device: device, role: request.role))
    }

    func acceptFolder(_ request: FolderAcceptance) async throws(ControlError) -> ControlAPI.FolderStatus {
        let offers = try await read { $0.peers.offers }
        var found = offers.filter { $0.name == request.offer || $0.folder.description == request.offer }
        if let name = request.device {
            let device = try await device(name).device
            found = found.filter { $0.devices.contains(device) }
        }
        if found.count > 1 {
            throw ControlError(.ambiguous, "\(request.offer) is offered by several devices; add --device")
        }
        guard let offer = found.first else {
            throw ControlError(.notFound, "no folder \(request.offer) is offered; see 'lanyard folder list'")
        }
        try await refuseUnfit(request.path)
        let reply = try await command(.acceptFolder(offer.folder, path: request.path.bytes))
        guard case .folder(let folder) = reply else { throw Self.unexpected }
        return try await report(folder.folder)
    }

    func releaseFolder(_ selector: FolderSelector) async throws(ControlError) -> ControlAPI.FolderStatus {
        let folder = try await folder(selector).folder
        agent.engine.post(.folder(folder, .release))
        return try await report(folder)
    }

    func discardFolder(_ selector: FolderSelector) async throws(ControlError) -> ControlAPI.FolderStatus {
        let folder = try await folder(selector).folder
        agent.engine.post(.folder(folder, .discard))
        return try await report(folder)
    }

    func setDeletionBudget(_ request: DeletionBudgetChange) async throws(ControlError) -> ControlAPI.FolderStatus {
        let folder = try await folder(request.folder).folder
        let threshold: DeletionBudget.Threshold = request.files.map { .files(Int(clamping: $0)) } ?? .off
        try await agent.keep(threshold, of: folder)
        agent.engine.post(.folder(folder, .setBudget(threshold)))
        return try await report(folder)
    }

    // MARK: Inviting and joining

    /// What a role promises must hold: of an archive, that nothing is deleted there; of a keeper, that it can't read.
    private static func refuseUnkept(_ role: Role) throws(ControlError) {
        guard role == .archive || role == .keeper else { return }
        throw ControlError(
            .refused,
            """
            this version can't keep what the role \(role.rawValue) promises: share the folder as read-write or \
            read-only
            """)
    }

    func invite(_ request: InviteRequest) async throws(ControlError) -> Invite {
        try Self.refuseUnkept(request.role)
        var wanted: FolderID?
        if let selector = request.folder { wanted = try await folder(selector).folder }
        let reply = try await command(
            .invite(folder: wanted, role: request.role, lifetimeSeconds: Limits.inviteUsualSeconds))
        guard case .invited(let view) = reply else { throw Self.unexpected }
        return Invite(link: view.link, expires: Timestamp(seconds: view.expiresSeconds))
    }

    func join(_ request: JoinRequest) async throws(ControlError) -> JoinedFolder {
        let ours = Set(try await read { $0.peers.folders.map(\.folder) })
        let path =
            if let path = request.path { path.bytes } else { try JoinPlace.path(of: request.link, known: ours) }
        try await refuseUnfit(LocalPath(bytes: path))
        let reply = try await command(.join(link: request.link, path: path))
        guard case .joined(let view) = reply else { throw Self.unexpected }
        let (names, folders) = try await read { ($0.peers.devices, $0.peers.folders) }
        return JoinedFolder(
            device: names.first { $0.device == view.device }?.name ?? view.device.short,
            folder: folders.first { $0.folder == view.folder }?.name ?? view.folder.description,
            path: LocalPath(bytes: view.path))
    }

    // MARK: Devices

    func removeDevice(_ selector: DeviceSelector) async throws(ControlError) {
        let device = try await device(selector.device).device
        let frontiers = try await read { machine in
            machine.folders.compactMapValues { $0.status.index?.frontier }
        }
        _ = try await command(.removeDevice(device, knownFrontiers: frontiers))
    }

    func renameDevice(_ request: DeviceRename) async throws(ControlError) -> DeviceReport {
        let device = try await device(request.device).device
        _ = try await command(.renameDevice(device, name: request.name))
        guard let report = try await devices().first(where: { $0.id == device.description }) else {
            throw Self.unexpected
        }
        return report
    }
}
