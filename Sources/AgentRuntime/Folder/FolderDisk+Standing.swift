internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// What the index knows below directories that ended.
extension FolderDisk {
    /// Answers `FolderEffect.loadStanding`. What is ignored is frozen (rule 16): it is neither there nor gone.
    func loadStanding(below directories: [RelativePath], gone: Set<RelativePath>) throws -> Loaded {
        var standing: [RelativePath] = []
        var rules: IgnoreRules?
        for directory in directories where standing.count < Loaded.standingGreatest {
            var last: RelativePath?
            repeat {
                let entries = try reader.entries(after: last, below: directory, limit: Limits.waveRecords)
                for entry in entries where entry.disk != nil && !gone.contains(entry.path) {
                    let known = try rules ?? ignoreRules()
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
}
