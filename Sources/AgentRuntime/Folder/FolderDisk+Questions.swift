internal import ControlAPI
internal import Glibc
internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// What people ask about single paths: on the folder's lane.
extension FolderDisk {
    struct Finding: Sendable {
        var isInSync: Bool
        /// One sentence.
        var reason: String
    }

    /// Why a path is as it is, the nearest obstacle first.
    func why(
        _ path: RelativePath, status: SyncEngine.FolderStatus?, names: [DeviceID: String]
    ) throws -> Finding {
        if let hold = status?.hold { return Finding(isInSync: false, reason: hold.message) }
        if status?.activity == .paused {
            return Finding(isInSync: false, reason: "The folder is paused; run 'lanyard folder resume'.")
        }
        if let match = try ignoreMatch(of: path), match.isIgnored {
            return Finding(isInSync: false, reason: "It is ignored by line \(match.line) of .lanyardignore.")
        }
        if let problem = status?.problems.first(where: { $0.problem.path == path }) {
            return Finding(isInSync: false, reason: problem.problem.message)
        }
        let loaded = try reader.load([path])
        if let need = loaded.first?.need, need.state != .unflushed { return explain(need, status, names) }
        if let row = loaded.first?.row, let difference = LocalRow.difference(row) {
            return Finding(isInSync: false, reason: Self.reason(difference))
        }
        let found = try folder.root.entry(at: path)
        guard let row = loaded.first?.row, !row.record.isDeleted else {
            if found == nil {
                return Finding(isInSync: false, reason: "There is no such file, here or anywhere known.")
            }
            return Finding(isInSync: false, reason: "It is new here and about to be looked at.")
        }
        guard let found, let disk = row.disk, found.state.sameContent(as: disk) else {
            return Finding(isInSync: false, reason: "It was changed here a moment ago and is about to be looked at.")
        }
        if row.standing != .agreed {
            return Finding(
                isInSync: false,
                reason: "It was found after the loss of the index; another device is to say if it is an old version.")
        }
        let connected = status.map { $0.members.filter(\.isConnected) } ?? []
        if let member = connected.first(where: { ($0.needFiles ?? 0) > 0 }), member.rootDigest != status?.rootDigest {
            return Finding(
                isInSync: true,
                reason: "It is in sync here; \(member.member.name) still needs \(member.needFiles ?? 0) entries.")
        }
        return Finding(
            isInSync: true,
            reason: connected.isEmpty ? "It is in sync here; no other member is connected." : "It is in sync.")
    }

    private static func reason(_ difference: LocalDifference) -> String {
        let change =
            switch difference {
            case .edited: "It was changed here"
            case .added: "It was made here"
            case .deleted: "It was deleted here"
            case .metadata: "Its times, permissions or attributes were changed here"
            case .missing: "There is no place for it, because its directory was deleted or replaced here"
            }
        return """
            \(change), and this device may only read the folder: nobody is told. 'lanyard folder revert NAME' brings \
            back what the others have.
            """
    }

    private func explain(_ need: Need, _ status: SyncEngine.FolderStatus?, _ names: [DeviceID: String]) -> Finding {
        let reason: String
        switch need.state {
        case .blocked: reason = need.reason ?? "It can't be applied here now."
        case .held: reason = "Its deletion waits for 'lanyard folder release NAME' or 'lanyard folder discard NAME'."
        case .wanted:
            let connected = Set(status?.members.filter(\.isConnected).map(\.member.device) ?? [])
            let holders = need.sources.filter(\.hasContent).map(\.device)
            let present = holders.filter { connected.contains($0) }
            if let source = present.first {
                reason = "Its content is being fetched from \(names[source] ?? source.short)."
            } else if let absent = holders.first {
                reason = "Its content is on \(names[absent] ?? absent.short), which is not connected."
            } else {
                reason = "No known device has its content."
            }
        case .staged, .applying: reason = "Its new content is here and about to be put in place."
        case .unflushed: reason = "It is in place and about to be flushed."
        }
        return Finding(isInSync: false, reason: reason)
    }

    /// The folder's rules; none where the file is missing, or refused: no file, too large, or not one of rules. Any
    /// thread.
    /// - Throws: where it is there and can't be read: what is ignored is not known then, and nothing may be told.
    func ignoreRules() throws -> IgnoreRules {
        let path = try RelativePath(IgnoreRules.fileName)
        for attempt in 1...Self.ignoreAttempts {
            do {
                guard let state = try folder.root.entry(at: path)?.state, state.kind == .file,
                    state.size <= UInt64(Limits.ignoreFileBytes)
                else { return .none }
                let file = try ContentReader(opening: path, in: folder.root, expecting: state)
                var bytes = [UInt8](repeating: 0, count: Int(state.size))
                try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
                return (try? IgnoreRules(bytes)) ?? .none
            } catch let error as FileSystemError {
                // It is being saved.
                if [.changed, .notFound].contains(error.code), attempt < Self.ignoreAttempts { continue }
                throw FileSystemError(
                    error.code, "what is ignored is not known, and nothing is looked at: \(error.message)",
                    cause: error.cause)
            }
        }
        return .none
    }

    private static let ignoreAttempts = 5

    /// The rule that decides about a path.
    func ignoreMatch(of path: RelativePath) throws -> IgnoreRules.Match? {
        let isDirectory = try folder.root.entry(at: path)?.state.kind == .directory
        return try ignoreRules().match(path, isDirectory: isDirectory)
    }

    /// Puts a version of history back at its path; what stands there goes to history.
    /// - Parameter moment: what stood there at that time; nil: the newest.
    func restore(_ path: RelativePath, at moment: Int64?) throws -> HistoryEntry? {
        let entries = try history.entries(of: path)
        // An entry stood at the path until it came to history.
        let chosen = moment.map { moment in entries.first { $0.seconds >= moment } } ?? entries.last
        guard let chosen else { return nil }
        try stage.requireRoom(bytes: chosen.state.size)
        if let found = try folder.root.entry(at: path)?.state, found.kind != .directory {
            try applier.restore(chosen, to: path, replacing: found, at: Int64(time(nil)))
        } else {
            _ = try history.restore(chosen, to: path)
        }
        return chosen
    }
}

extension FolderRunner {
    /// Asks something of the index and the disk, between two tasks.
    func onDisk<Value: Sendable>(
        _ body: @escaping @Sendable (FolderDisk) throws -> Value
    ) async throws(ControlError) -> Value {
        let disk = disk
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, any Error>?, Never>) in
            let isTaken = lane.post { continuation.resume(returning: Result { try body(disk) }) }
            if !isTaken { continuation.resume(returning: nil) }
        }
        guard let result else { throw ControlError(.failed, "the folder is being closed") }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw ControlError(.failed, "\(error)")
        }
    }
}
