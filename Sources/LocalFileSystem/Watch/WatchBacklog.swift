internal import SyncModel

/// Events of one folder that were not handed over yet: a path stands in it once.
struct WatchBacklog {
    /// What counts of a path's events.
    struct Entry {
        enum Last { case nothing, closed, modified, created, changed }
        /// The last thing that happened: whoever writes a file anew, or deletes it, makes what was before meaningless.
        var last = Last.nothing
        var isRescan = false
        /// The directory is gone; if another came in its place it is one to be walked.
        var hasLeft = false
    }

    private(set) var entries: [RelativePath: Entry] = [:]
    private var rescansAll = false
    private var isRootGone = false
    /// To be told, if it changed.
    var uncovered: Int?

    var isEmpty: Bool { entries.isEmpty && !rescansAll && !isRootGone && uncovered == nil }

    mutating func note(_ path: RelativePath, _ last: Entry.Last) {
        guard !rescansAll else { return }
        entries[path, default: Entry()].last = last
        bound()
    }

    /// Metadata: whatever else happened to the path has it looked at anyway.
    mutating func noteMetadata(_ path: RelativePath) {
        guard !rescansAll, (entries[path] ?? Entry()).last == .nothing else { return }
        note(path, .changed)
    }

    /// Nil is the whole folder.
    mutating func rescan(_ path: RelativePath?) {
        guard !rescansAll else { return }
        guard let path else {
            entries = [:]
            rescansAll = true
            return
        }
        entries[path, default: Entry()].isRescan = true
        entries[path]?.hasLeft = false
        bound()
    }

    mutating func leave(_ path: RelativePath) {
        guard !rescansAll else { return }
        entries[path, default: Entry()].isRescan = true
        entries[path]?.hasLeft = true
        bound()
    }

    mutating func rootIsGone() { isRootGone = true }

    private mutating func bound() { if entries.count > Limits.dirtyPaths { rescan(nil) } }

    /// Everything in path order, what concerns the whole folder first. `isMade` tells of a file that was made and not
    /// closed yet whether it is complete as it stands: a link.
    mutating func take(isMade: (RelativePath) -> Bool) -> [WatchEvent] {
        var events: [WatchEvent] = []
        if isRootGone { events.append(.rootGone) }
        if let uncovered { events.append(.watchLimit(uncovered: uncovered)) }
        if rescansAll { events.append(.rescan(nil)) }
        for path in entries.keys.sorted() {
            guard let entry = entries[path] else { continue }
            switch entry.last {
            case .nothing: break
            case .closed: events.append(.closedAfterWriting(path))
            case .modified: events.append(.modified(path))
            case .created: events.append(isMade(path) ? .changed(path) : .modified(path))
            case .changed: events.append(.changed(path))
            }
            if entry.isRescan, !isCovered(path) { events.append(entry.hasLeft ? .left(path) : .rescan(path)) }
        }
        self = WatchBacklog()
        return events
    }

    /// Whether a rescan of a directory above includes it.
    private func isCovered(_ path: RelativePath) -> Bool {
        var above = path.parent
        while let directory = above {
            if entries[directory]?.isRescan == true { return true }
            above = directory.parent
        }
        return false
    }
}
