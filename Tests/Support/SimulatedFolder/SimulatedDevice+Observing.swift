import ModelFolder
import SyncCore
import SyncEngine
import SyncModel

/// Looks at the disk like `DiskObserver` and `PathReader`.
extension SimulatedDevice {
    /// A walk under way: looks at one path at a time.
    struct Walk {
        let subtree: RelativePath?
        var rest: ArraySlice<RelativePath>
        var batch: Batch
        let batchSize: Int
    }

    /// Observations on their way to the machine.
    struct Batch {
        var observations: [Observation] = []
        private var paths: Set<RelativePath> = []
        /// Before the first look.
        private var begun: UInt64
        /// What else is gone: told after all that stands, so that what moved is found where it went.
        var gone: [RelativePath] = []
        /// Directories that are gone, or in whose place something else stands, in path order.
        var directories: [RelativePath] = []
        var hasDepartures: Bool { !gone.isEmpty || !directories.isEmpty }

        init(begun: UInt64) { self.begun = begun }

        mutating func add(_ observation: Observation) {
            if paths.insert(observation.path).inserted { observations.append(observation) }
        }

        mutating func take(at time: UInt64) -> ObservedBatch {
            defer { (observations, paths, begun) = ([], [], time) }
            return ObservedBatch(observations: observations, begun: begun)
        }
    }

    private static let outstandingGreatest = 3

    var canWalk: Bool { outstanding < Self.outstandingGreatest && (walk != nil || !walks.isEmpty) }

    mutating func runWalk(_ user: inout ModelUser) {
        guard var walk else { return beginWalk(&user) }
        if let path = walk.rest.popFirst() {
            visit(path, &walk.batch)
        } else if walk.batch.hasDepartures, walk.batch.observations.count < walk.batchSize {
            while walk.batch.observations.count < walk.batchSize, walk.batch.hasDepartures { addGone(&walk.batch) }
        } else if walk.batch.observations.isEmpty {
            self.walk = nil
            return inbox.append(.scanEnded(subtree: walk.subtree, complete: true))
        } else {
            give(&walk.batch)
        }
        if walk.batch.observations.count >= walk.batchSize { give(&walk.batch) }
        self.walk = walk
    }

    private mutating func beginWalk(_ user: inout ModelUser) {
        let subtree = walks.removeFirst()
        let known = index.entries(below: subtree)
        let there = disk.entries.keys.filter { path in subtree.map { path.isBelow($0) } ?? true }
        let paths = Set(known).union(there).sorted()
        var batch = Batch(begun: clock)
        if let subtree, disk[subtree]?.content != .directory {
            batch.directories = [subtree]
        }
        walk = Walk(
            subtree: subtree, rest: paths[...], batch: batch, batchSize: user.chance(50) ? 1_023 : 1 + user.number(6))
    }

    private mutating func give(_ batch: inout Batch) {
        guard !batch.observations.isEmpty else { return }
        outstanding += 1
        let taken = batch.take(at: clock)
        for observation in taken.observations { note(observation) }
        inbox.append(.observed(taken))
    }

    private mutating func note(_ observation: Observation) {
        switch observation.found {
        case .file(_, let content, _): seen.insert(.file(content))
        case .symlink(_, let target): seen.insert(.symlink(target: target))
        case .absent, .directory: break
        }
    }

    private mutating func visit(_ path: RelativePath, _ batch: inout Batch) {
        let row = index.rows[path]
        let found = disk.observe(path)
        guard let state = found.found.disk else {
            guard row?.disk != nil else { return }
            if row?.record.content == .directory { return batch.directories.append(path) }
            return batch.gone.append(path)
        }
        if state == row?.disk, row?.record.isDeleted == false { return }
        if isReplaced(row, state) { return batch.directories.append(path) }
        if row?.disk == nil { addMove(to: path, state, &batch) }
        batch.add(found)
    }

    /// Whether something stands in the place of a directory.
    private func isReplaced(_ row: IndexRow?, _ state: DiskState) -> Bool {
        row?.record.content == .directory && row?.disk != nil && state.kind != .directory
    }

    /// What is gone, or in the place of a directory, is looked at once more before it is told.
    private mutating func addGone(_ batch: inout Batch) {
        if !batch.gone.isEmpty {
            let path = batch.gone.removeFirst()
            if disk[path] == nil { batch.add(disk.observe(path)) }
        } else if let path = batch.directories.popLast(), disk[path]?.content != .directory {
            let isGone = disk[path] == nil
            batch.add(
                isGone ? Observation(path: path, found: .absent, movedTo: whereabouts(of: path)) : disk.observe(path))
        }
    }

    /// Where a file at a path that the index does not know came from.
    private mutating func addMove(to path: RelativePath, _ state: DiskState, _ batch: inout Batch) {
        guard state.kind == .file else { return }
        for row in index.rows(inode: state.inode)
        where row.record.path != path && row.disk?.kind == .file && disk[row.record.path] == nil {
            note(move: row.record.path, to: path)
            return batch.add(Observation(path: row.record.path, found: .absent))
        }
    }

    private mutating func note(move from: RelativePath, to path: RelativePath) {
        guard let old = from.parent, let new = path.parent, from.name == path.name, old != new else { return }
        carried[old] = new
    }

    private mutating func whereabouts(of directory: RelativePath) -> RelativePath? {
        guard let new = carried.removeValue(forKey: directory), let row = index.rows[directory],
            let state = disk[new]?.state, state.kind == .directory, state.inode == row.disk?.inode
        else { return nil }
        note(move: directory, to: new)
        return new
    }

    // MARK: Single paths

    mutating func runRead() {
        var batch = Batch(begun: clock)
        var gone: [RelativePath] = []
        for due in reads.removeFirst() {
            let row = index.rows[due.path]
            let found = disk.observe(due.path)
            guard let state = found.found.disk, !isReplaced(row, state) else {
                gone.append(due.path)
                continue
            }
            if state == row?.disk { continue }
            if row?.disk == nil { addMove(to: due.path, state, &batch) }
            batch.add(found)
        }
        var left: Set<RelativePath> = []
        let told = Set(batch.observations.lazy.filter { $0.found == .absent }.map(\.path))
        for path in gone where !told.contains(path) && (disk[path] == nil || isKnownDirectory(path)) {
            if let directory = goneDirectory(of: path) {
                left.insert(directory)
            } else {
                batch.add(disk.observe(path))
            }
        }
        if !left.isEmpty { inbox.append(.watched(left.sorted().map(WatchNotice.left))) }
        give(&batch)
        inbox.append(.readEnded)
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
