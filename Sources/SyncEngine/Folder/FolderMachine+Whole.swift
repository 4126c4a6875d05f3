internal import SyncCore
internal import SyncModel

/// What a device announces is a whole tree after each transaction: every live entry lies in a live directory, and no
/// directory ends while something is live in it. Looks at the disk, one path after another, show no such thing while a
/// tree is being changed. A member that has read our log to its end takes what it finds there for what was meant, and
/// would mend it: with conflict copies, and with directories that come back.
extension FolderMachine {
    /// The observations without those that would leave the tree torn: they are read again. Nil while something must be
    /// loaded first.
    mutating func whole(_ task: LocalTask) -> LocalTask? {
        if task.isWhole { return task }
        var task = task
        let ends = task.endedDirectories
        if !ends.isEmpty, task.standing == nil {
            let gone = Set(task.batch.observations.lazy.filter { $0.found == .absent }.map(\.path))
            task.standing = []
            lane.task = .local(task)
            emit(.loadStanding(lane.newTicket(), below: ends, gone: gone))
            return nil
        }
        task.isWhole = true
        let held = task.torn.filter { parts.mayHold($0) }
        parts.passed(task.batch.observations.lazy.map(\.path).filter { !held.contains($0) })
        guard !held.isEmpty else { return task }
        task.batch.observations.removeAll { held.contains($0.path) }
        // All together: looked at one by one, each would wait for the one above it.
        var due = held
        for path in held {
            var above = path.parent
            while let directory = above, due.insert(directory).inserted { above = directory.parent }
        }
        read(due)
        return task
    }
}

extension LocalTask {
    /// Directories that others know, where no directory stands any more, in path order.
    fileprivate var endedDirectories: [RelativePath] {
        batch.observations.filter { !$0.isDirectory && view.row($0.path)?.isDirectoryHere == true }.map(\.path).sorted()
    }

    /// Paths of observations that would leave an entry without its directory. One that could not be observed is there,
    /// as far as it is known.
    fileprivate var torn: Set<RelativePath> {
        var torn = standing ?? []
        var isDirectory: [RelativePath: Bool] = [:]
        for case let path? in batch.problems.lazy.map(\.path) { isDirectory[path] = true }
        for observation in batch.observations where !torn.contains(observation.path) {
            isDirectory[observation.path] = observation.isDirectory
        }
        for observation in batch.observations.sorted(by: { $0.path < $1.path }) where observation.found != .absent {
            guard let parent = observation.path.parent, !torn.contains(observation.path) else { continue }
            if isDirectory[parent] ?? view.row(parent)?.isDirectoryHere ?? false { continue }
            torn.insert(observation.path)
            isDirectory[observation.path] = nil
        }
        return torn
    }
}

extension Observation {
    fileprivate var isDirectory: Bool { found.disk?.kind == .directory }
}

extension IndexRow {
    fileprivate var isDirectoryHere: Bool { disk != nil && record.content == .directory }
}

/// Observations that wait for others, so that a whole tree is announced.
struct PartBook: Sendable {
    /// How often in a row each was held back.
    private var times: [RelativePath: Int] = [:]
    /// A tree that looks torn each time is as it looks.
    private static let greatest = 6

    /// Whether the observation of the path may be held back once more.
    mutating func mayHold(_ path: RelativePath) -> Bool {
        if times.count >= Limits.transactionItems { times = [:] }
        let count = times[path, default: 0]
        guard count < Self.greatest else { return false }
        times[path] = count + 1
        return true
    }

    /// Observations of these paths are taken.
    mutating func passed(_ paths: some Sequence<RelativePath>) {
        if times.isEmpty { return }
        for path in paths { times[path] = nil }
    }
}
