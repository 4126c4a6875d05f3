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
        var problems: [Problem] = []
        private var paths: Set<RelativePath> = []
        /// Before the first look.
        private var begun: UInt64
        /// What is to be looked at once more, since its stat may hide a change.
        private(set) var racy: [RelativePath] = []
        /// What else is gone: told after all that stands, so that what moved is found where it went.
        var gone: [RelativePath] = []
        /// Directories that are gone, or in whose place something else stands, in path order.
        var directories: [RelativePath] = []
        var hasDepartures: Bool { !gone.isEmpty || !directories.isEmpty }

        init(begun: UInt64) { self.begun = begun }

        mutating func add(_ observation: Observation) {
            if paths.insert(observation.path).inserted { observations.append(observation) }
        }

        var isEmpty: Bool { observations.isEmpty && problems.isEmpty }

        mutating func note(racy path: RelativePath) { racy.append(path) }

        mutating func take(at time: UInt64) -> ObservedBatch {
            defer { (observations, problems, paths, racy, begun) = ([], [], [], [], time) }
            var batch = ObservedBatch(observations: observations, begun: begun, problems: problems)
            batch.hasSecondLook = !racy.isEmpty
            return batch
        }
    }

    private static let outstandingGreatest = 3

    var canWalk: Bool {
        !holdsWalks && outstanding < Self.outstandingGreatest && (walk != nil || !walks.isEmpty)
    }

    mutating func runWalk(_ user: inout ModelUser) {
        guard var walk else { return beginWalk(&user) }
        if let path = walk.rest.popFirst() {
            visit(path, &walk.batch, &user)
        } else if walk.batch.hasDepartures, walk.batch.observations.count < walk.batchSize {
            while walk.batch.observations.count < walk.batchSize, walk.batch.hasDepartures { addGone(&walk.batch) }
        } else if walk.batch.isEmpty {
            self.walk = nil
            return inbox.append(.scanEnded(subtree: walk.subtree, complete: true))
        } else {
            give(&walk.batch, isPaced: true)
        }
        if walk.batch.observations.count >= walk.batchSize { give(&walk.batch, isPaced: true) }
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

    mutating func give(_ batch: inout Batch, isPaced: Bool = false) {
        guard !batch.isEmpty else { return }
        if isPaced { outstanding += 1 }
        if !batch.racy.isEmpty { looks.append(Look(rest: batch.racy[...])) }
        var taken = batch.take(at: clock)
        taken.isPaced = isPaced
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

    private mutating func visit(_ path: RelativePath, _ batch: inout Batch, _ user: inout ModelUser) {
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
        add(found, &batch, &user)
    }

    /// Adds what was found; now and then its stat may hide a change.
    mutating func add(_ found: Observation, _ batch: inout Batch, _ user: inout ModelUser) {
        if unreadable.contains(found.path) {
            let problem = Problem(path: found.path, kind: .permissionDenied, message: "simulated")
            return batch.problems.append(problem)
        }
        if case .file = found.found, user.chance(perMille: secondLooks) { batch.note(racy: found.path) }
        batch.add(found)
    }

    /// Whether something stands in the place of a directory.
    func isReplaced(_ row: IndexRow?, _ state: DiskState) -> Bool {
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
    mutating func addMove(to path: RelativePath, _ state: DiskState, _ batch: inout Batch) {
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
}
