internal import ControlAPI
internal import SyncCore
internal import SyncEngine
internal import SyncModel

extension AgentService {
    /// What the machine knows of everything, at one moment.
    private struct Snapshot: Sendable {
        var generation: UInt64
        var folders: [(known: KnownFolder, status: SyncEngine.FolderStatus?)]
        var addresses: [DeviceID: String]
        var connected: Set<DeviceID>
        var devices: [KnownDevice]
        var offers: [OfferedFolder]
    }

    private func snapshot() async throws(ControlError) -> Snapshot {
        try await read { machine in
            var addresses: [DeviceID: String] = [:]
            var connected: Set<DeviceID> = []
            for device in machine.peers.devices {
                if let connection = machine.peers.connection(with: device.device) {
                    connected.insert(device.device)
                    addresses[device.device] = connection.address
                } else {
                    addresses[device.device] = device.addresses.first
                }
            }
            return Snapshot(
                generation: machine.generation,
                folders: machine.peers.folders.map { ($0, machine.folders[$0.folder]?.status) },
                addresses: addresses, connected: connected, devices: machine.peers.devices.filter { !$0.isRemoved },
                offers: machine.peers.offers)
        }
    }

    func status() async throws(ControlError) -> AgentStatus {
        let snapshot = try await snapshot()
        let rates = agent.rates.rates
        return AgentStatus(
            device: ownDevice, generation: snapshot.generation,
            folders: snapshot.folders.map { Self.report($0.known, $0.status, snapshot.addresses) },
            rates: TransferRates(receivedBytesPerSecond: rates.received, sentBytesPerSecond: rates.sent),
            problems: agentProblems)
    }

    func rateLimits() async throws(ControlError) -> RateLimits { agent.limits.current }

    func setRateLimits(_ limits: RateLimits) async throws(ControlError) -> RateLimits {
        try RateLimiting.check(limits)
        try await agent.keep(RateLimiting.settings(limits))
        agent.limits.hold(limits)
        return limits
    }

    /// Problems of no folder.
    private var agentProblems: [FolderProblem] {
        guard let message = agent.nearby.problem else { return [] }
        return [FolderProblem(path: nil, message: message, since: Timestamp(seconds: 0))]
    }

    func problems() async throws(ControlError) -> [AgentProblem] {
        let status = try await status()
        let whole = status.problems.map {
            AgentProblem(folder: nil, path: $0.path, message: $0.message, since: $0.since)
        }
        return whole
            + status.folders.flatMap { folder in
                folder.problems.map {
                    AgentProblem(folder: folder.name, path: $0.path, message: $0.message, since: $0.since)
                }
            }
    }

    func folders() async throws(ControlError) -> FolderList {
        let snapshot = try await snapshot()
        let names = Dictionary(snapshot.devices.map { ($0.device, $0.name) }) { first, _ in first }
        return FolderList(
            folders: snapshot.folders.map { Self.report($0.known, $0.status, snapshot.addresses) },
            offers: snapshot.offers.map { offer in
                let device = offer.devices.first
                return FolderOffer(
                    id: offer.folder.description, name: offer.name,
                    device: device.flatMap { names[$0] } ?? device?.short ?? "", role: offer.role)
            })
    }

    func devices() async throws(ControlError) -> [DeviceReport] {
        let snapshot = try await snapshot()
        return snapshot.devices.map { device in
            let shared = snapshot.folders.compactMap { entry -> SharedFolder? in
                guard let member = entry.status?.members.first(where: { $0.member.device == device.device }) else {
                    return nil
                }
                return SharedFolder(
                    name: entry.known.name, role: member.member.role, needFiles: member.needFiles ?? 0,
                    needBytes: member.needBytes ?? 0)
            }
            return DeviceReport(
                id: device.device.description, name: device.name,
                connected: snapshot.connected.contains(device.device), address: snapshot.addresses[device.device],
                lastSeen: device.seenSeconds.map { Timestamp(seconds: $0, nanoseconds: 0) }, folders: shared)
        }
    }

    /// One folder's report.
    func report(_ folder: FolderID) async throws(ControlError) -> ControlAPI.FolderStatus {
        let snapshot = try await snapshot()
        guard let entry = snapshot.folders.first(where: { $0.known.folder == folder }) else {
            throw ControlError(.notFound, "the folder was removed")
        }
        return Self.report(entry.known, entry.status, snapshot.addresses)
    }

    private static func report(
        _ known: KnownFolder, _ status: SyncEngine.FolderStatus?, _ addresses: [DeviceID: String]
    ) -> ControlAPI.FolderStatus {
        var report = ControlAPI.FolderStatus(
            id: known.folder.description, name: known.name, path: LocalPath(bytes: known.path),
            state: known.isPaused ? .paused : .scanning)
        guard let status else { return report }
        report.state = ControlAPI.FolderState(rawValue: status.activity.rawValue) ?? .error
        report.rootDigest = status.rootDigest.map { Hexadecimal.encode($0.bytes) }
        report.scannedAt = status.scannedSeconds.map { Timestamp(seconds: $0) }
        if let index = status.index {
            report.files = UInt64(index.files)
            report.bytes = index.bytes
            report.needFiles = UInt64(index.needFiles)
            report.needBytes = index.needBytes
            report.localChanges = UInt64(index.local)
            report.conflicts = UInt64(index.conflicts)
            report.rememberedDeletions = UInt64(index.tombstones)
        }
        report.heldDeletions = status.heldDeletions
        report.rememberedFor = report.rememberedDeletions > 0 ? status.awaited : []
        report.members = status.members.map { member in
            MemberStatus(
                id: member.member.device.description, name: member.member.name, role: member.member.role,
                connected: member.isConnected, address: addresses[member.member.device],
                rootDigest: member.rootDigest.map { Hexadecimal.encode($0.bytes) }, needFiles: member.needFiles ?? 0,
                needBytes: member.needBytes ?? 0)
        }
        report.problems = status.problems.map { entry in
            FolderProblem(
                path: entry.problem.path.map { LocalPath(bytes: $0.bytes) }, message: entry.problem.message,
                since: Timestamp(seconds: entry.since))
        }
        if let hold = status.hold, !report.problems.contains(where: { $0.message == hold.message }) {
            report.problems.append(
                FolderProblem(path: nil, message: hold.message, since: Timestamp(seconds: hold.since)))
        }
        return report
    }

    func wait(_ request: WaitRequest) async throws(ControlError) -> WaitReport {
        var devices: [DeviceID] = []
        for name in request.devices { devices.append(try await device(name).device) }
        let nanoseconds = UInt64(max(0, min(request.timeoutSeconds, 1_000_000)) * 1_000_000_000)
        let wanted = devices
        let reply = await agent.engine.command(
            { .wait($0, WaitOrder(devices: wanted, deadline: Moment.now().monotonicNanoseconds + nanoseconds)) },
            abandoned: { .abandonWait($0) })
        guard case .waited(let outcome) = reply else { throw Self.stopping }
        let folders = try await read { $0.peers.folders }
        let names = Dictionary(folders.map { ($0.folder, $0.name) }) { first, _ in first }
        return WaitReport(
            synced: outcome.isEqual,
            reasons: outcome.reasons.map { WaitReason(folder: names[$0.folder], device: nil, message: $0.message) })
    }
}
