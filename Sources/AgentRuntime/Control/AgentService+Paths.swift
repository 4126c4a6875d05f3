internal import ControlAPI
internal import Glibc
internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

extension AgentService {
    func why(_ query: PathQuery) async throws(ControlError) -> WhyReport {
        let (known, path) = try await place(query)
        let runner = try runner(known)
        let status = try await read { $0.folders[known.folder]?.status }
        let names = try await read { machine in
            Dictionary(machine.peers.devices.map { ($0.device, $0.name) }) { first, _ in first }
        }
        let finding = try await runner.onDisk { disk in try disk.why(path, status: status, names: names) }
        return WhyReport(
            folder: known.name, path: LocalPath(bytes: path.bytes), inSync: finding.isInSync, reason: finding.reason)
    }

    func conflicts() async throws(ControlError) -> [ConflictReport] {
        let folders = try await read { $0.peers.folders }
        let names = try await read { machine in
            Dictionary(machine.peers.devices.map { ($0.device, $0.name) }) { first, _ in first }
        }
        var reports: [ConflictReport] = []
        for known in folders {
            guard let runner = agent.folders.runner(known.folder) else { continue }
            let rows = try await runner.onDisk { disk in try disk.reader.conflicts(limit: Limits.queryRows) }
            let own = agent.device
            reports += rows.compactMap { row in
                guard let original = row.record.conflictOf else { return nil }
                let device = row.record.origin.author.device
                return ConflictReport(
                    folder: known.name, path: LocalPath(bytes: row.record.path.bytes),
                    original: LocalPath(bytes: original.bytes),
                    device: device == own ? agent.deviceName : names[device] ?? device.short,
                    bytes: row.record.content.size, modified: row.record.modified.map { Timestamp($0.value) })
            }
        }
        return reports
    }

    func folderChanges(_ selector: FolderSelector) async throws(ControlError) -> [LocalChangeReport] {
        let known = try await folder(selector)
        let rows = try await runner(known).onDisk { disk in
            try disk.reader.localRows(limit: Limits.queryRows).map(\.row)
        }
        return rows.compactMap { row in
            guard let change = LocalRow.difference(row).flatMap({ LocalChangeReport.Change(rawValue: $0.rawValue) })
            else { return nil }
            return LocalChangeReport(
                path: LocalPath(bytes: row.record.path.bytes), change: change, bytes: row.record.content.size)
        }
    }

    func revertFolder(_ request: FolderReversal) async throws(ControlError) -> ControlAPI.FolderStatus {
        guard request.paths.count <= Limits.revertPaths else {
            throw ControlError(.malformed, "at most \(Limits.revertPaths) paths are taken back at once")
        }
        let folder = try await folder(request.folder).folder
        var paths: [RelativePath] = []
        for path in request.paths {
            paths.append(try await place(PathQuery(path: path, folder: request.folder)).path)
        }
        agent.engine.post(.folder(folder, .revert(paths)))
        return try await report(folder)
    }

    func history(_ query: PathQuery) async throws(ControlError) -> [HistoryVersion] {
        let (known, path) = try await place(query)
        let entries = try await runner(known).onDisk { disk in try disk.history.entries(of: path) }
        return entries.reversed().map(HistoryVersion.init)
    }

    func restore(_ request: RestoreRequest) async throws(ControlError) -> RestoreReport {
        let (known, path) = try await place(request.query)
        let moment = request.at?.seconds
        let entry = try await runner(known).onDisk { disk in try disk.restore(path, at: moment) }
        guard let entry else {
            throw ControlError(.notFound, "history holds no version of \(LocalPath(bytes: path.bytes)) for that time")
        }
        return RestoreReport(folder: known.name, restored: HistoryVersion(entry))
    }

    func checkIgnore(_ query: PathQuery) async throws(ControlError) -> IgnoreReport {
        let (known, path) = try await place(query)
        let match = try await runner(known).onDisk { disk in try disk.ignoreMatch(of: path) }
        return IgnoreReport(
            folder: known.name, path: LocalPath(bytes: path.bytes), ignored: match?.isIgnored ?? false,
            pattern: match.map { String(decoding: $0.pattern, as: UTF8.self) }, line: match?.line)
    }
}

extension HistoryVersion {
    init(_ entry: HistoryEntry) {
        self.init(
            path: LocalPath(bytes: entry.path.bytes), replaced: Timestamp(seconds: entry.seconds),
            modified: Timestamp(entry.state.modified), bytes: entry.state.size)
    }
}

extension ControlAPI.Timestamp {
    init(_ time: SyncModel.Timestamp) { self.init(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}
