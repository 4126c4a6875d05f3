import ModelFolder
import SyncCore
import SyncEngine
import SyncModel

/// Reads single paths, one after another, while a walk goes on beside it; and reads again what a stat may hide.
extension SimulatedDevice {
    /// Single paths that are read.
    struct Read {
        var rest: ArraySlice<RelativePath>
        var batch: Batch
        /// What is not there, or in the place of a directory: looked at again when all else was read.
        var gone: [RelativePath] = []
        /// What of that was there.
        var replacements: Set<RelativePath> = []
        var left: Set<RelativePath> = []
    }

    /// Paths that are looked at once more.
    struct Look {
        var rest: ArraySlice<RelativePath>
        /// Begins with the first of them.
        var batch: Batch?
    }

    var isReading: Bool { read != nil }
    var canRead: Bool { read != nil || !reads.isEmpty }

    mutating func runRead(_ user: inout ModelUser) {
        guard var read else {
            read = Read(rest: reads.removeFirst().map(\.path)[...], batch: Batch(begun: clock))
            return
        }
        if let path = read.rest.popFirst() {
            if !add(path, to: &read.batch, &user) {
                read.gone.append(path)
                if disk[path] != nil { read.replacements.insert(path) }
            }
        } else if !read.gone.isEmpty {
            let path = read.gone.removeFirst()
            let wasThere = read.replacements.contains(path)
            if let directory = add(gone: path, wasThere, to: &read.batch, &user) { read.left.insert(directory) }
        } else {
            self.read = nil
            if !read.left.isEmpty { inbox.append(.watched(read.left.sorted().map(WatchNotice.left))) }
            give(&read.batch)
            return inbox.append(.readEnded)
        }
        self.read = read
    }

    /// False if nothing stands there, or something in the place of a directory.
    private mutating func add(_ path: RelativePath, to batch: inout Batch, _ user: inout ModelUser) -> Bool {
        let row = index.rows[path]
        let found = disk.observe(path)
        guard let state = found.found.disk, !isReplaced(row, state) else { return false }
        if state == row?.disk, !onceUnreadable.contains(path) { return true }
        if row?.disk == nil { addMove(to: path, state, &batch) }
        add(found, &batch, &user)
        return true
    }

    /// What is still gone is told, or the directory with which it went is to be walked.
    private mutating func add(
        gone path: RelativePath, _ wasThere: Bool, to batch: inout Batch, _ user: inout ModelUser
    ) -> RelativePath? {
        if batch.observations.contains(where: { $0.path == path && $0.found == .absent }) { return nil }
        if disk[path] != nil, !isKnownDirectory(path) {
            if !wasThere, index.rows[path]?.disk == nil { return nil }
            return add(path, to: &batch, &user) ? nil : path
        }
        if let directory = goneDirectory(of: path) { return directory }
        batch.add(disk.observe(path))
        return nil
    }

    /// What is gone meanwhile is no business of this.
    mutating func runLook() {
        var look = looks.removeFirst()
        var batch = look.batch ?? Batch(begun: clock)
        guard let path = look.rest.popFirst() else {
            give(&batch)
            return inbox.append(.secondLookEnded)
        }
        defer {
            look.batch = batch
            looks.insert(look, at: 0)
        }
        let row = index.rows[path]
        let found = disk.observe(path)
        guard let state = found.found.disk, state != row?.disk, !unreadable.contains(path) else { return }
        if row?.disk == nil { addMove(to: path, state, &batch) }
        batch.add(found)
    }

    private func isKnownDirectory(_ path: RelativePath) -> Bool {
        index.rows[path].map { $0.record.content == .directory && $0.disk != nil } ?? false
    }

    /// The uppermost directory with which a path went, maybe the path itself.
    private func goneDirectory(of path: RelativePath) -> RelativePath? {
        var top = isKnownDirectory(path) ? path : nil
        var next = path.parent
        while let directory = next, disk[directory]?.content != .directory {
            top = directory
            next = directory.parent
        }
        return top
    }
}
