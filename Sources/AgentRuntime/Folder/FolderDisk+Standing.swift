internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// What the index knows below directories that ended.
extension FolderDisk {
    /// Answers `FolderEffect.loadStanding`. What is ignored is frozen (rule 16): it is neither there nor gone.
    func loadStanding(below directories: [RelativePath], gone: Set<RelativePath>) throws(IndexError) -> Loaded {
        var standing: [RelativePath] = []
        var rules: IgnoreRules?
        for directory in directories where standing.count < Loaded.standingGreatest {
            var last: RelativePath?
            repeat {
                let entries = try reader.entries(after: last, below: directory, limit: Limits.waveRecords)
                for entry in entries where entry.disk != nil && !gone.contains(entry.path) {
                    let known = rules ?? ignoreRules()
                    rules = known
                    if known.ignores(entry.path, isDirectory: entry.disk?.kind == .directory) { continue }
                    if standing.count < Loaded.standingGreatest { standing.append(entry.path) }
                }
                last = entries.count < Limits.waveRecords ? nil : entries.last?.path
            } while last != nil && standing.count < Loaded.standingGreatest
        }
        var loaded = try load(standing, below: [])
        loaded.standing = standing
        return loaded
    }

    /// The folder's rules; none where the file is missing, unreadable or refused. Any thread.
    func ignoreRules() -> IgnoreRules {
        guard let path = try? RelativePath(IgnoreRules.fileName),
            let state = try? folder.root.entry(at: path)?.state,
            state.kind == .file, state.size <= UInt64(Limits.ignoreFileBytes),
            let file = try? ContentReader(opening: path, in: folder.root, expecting: state)
        else { return .none }
        var bytes = [UInt8](repeating: 0, count: Int(state.size))
        guard (try? bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }) != nil else { return .none }
        return (try? IgnoreRules(bytes)) ?? .none
    }
}
