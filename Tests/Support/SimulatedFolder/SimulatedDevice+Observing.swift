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
        /// Directories that are gone, or in whose place something else stands, in path order.
        var directories: [RelativePath] = []

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
        } else if !walk.batch.directories.isEmpty, walk.batch.observations.count < walk.batchSize {
            while walk.batch.observations.count < walk.batchSize, let path = walk.batch.directories.popLast() {
                addGone(path, &walk.batch)
            }
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
        walk = Walk(
            subtree: subtree, rest: paths[...], batch: Batch(begun: clock),
            batchSize: user.chance(50) ? 1_023 : 1 + user.number(6))
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

    private func visit(_ path: RelativePath, _ batch: inout Batch) {
        let row = index.rows[path]
        let found = disk.observe(path)
        guard let state = found.found.disk else {
            guard row?.disk != nil else { return }
            if row?.record.content == .directory { return batch.directories.append(path) }
            return batch.add(found)
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
    private func addGone(_ path: RelativePath, _ batch: inout Batch) {
        if disk[path]?.content != .directory { batch.add(disk.observe(path)) }
    }

    /// Where a file at a path that the index does not know came from.
    private func addMove(to path: RelativePath, _ state: DiskState, _ batch: inout Batch) {
        guard state.kind == .file else { return }
        for row in index.rows(inode: state.inode)
        where row.record.path != path && row.disk?.kind == .file && disk[row.record.path] == nil {
            return batch.add(Observation(path: row.record.path, found: .absent))
        }
    }

    // MARK: Single paths

    mutating func runRead() {
        var batch = Batch(begun: clock)
        for due in reads.removeFirst() {
            let row = index.rows[due.path]
            let found = disk.observe(due.path)
            if row?.record.content == .directory, row?.disk != nil, found.found.disk?.kind != .directory {
                for path in index.entries(below: due.path) { visit(path, &batch) }
                batch.directories.insert(due.path, at: 0)
                continue
            }
            if let state = found.found.disk, state == row?.disk { continue }
            if row?.disk == nil, let state = found.found.disk { addMove(to: due.path, state, &batch) }
            batch.add(found)
        }
        while let path = batch.directories.popLast() { addGone(path, &batch) }
        give(&batch)
        inbox.append(.readEnded)
    }
}
