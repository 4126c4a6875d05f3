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
            let all = Set(ends)
            let tops = ends.filter { all.isDisjoint(with: $0.directoriesAbove) }
            emit(.loadStanding(lane.newTicket(), below: tops, gone: gone))
            return nil
        }
        task.isWhole = true
        let departed = task.departed(parts)
        let orphans = task.orphans
        var held = task.together(
            task.torn.union(departed.keys).filter { parts.mayHold($0, isOrphan: orphans.contains($0)) })
        empty(&task, holding: &held)
        expect(held, of: task)
        parts.passed(task.batch.observations.lazy.filter { !held.contains($0.path) }.map { ($0.path, task.entry($0)) })
        guard !held.isEmpty else { return task }
        task.batch.observations.removeAll { held.contains($0.path) }
        // All together: looked at one by one, each would wait for the one above it.
        read(held.union(held.directoriesAbove).union(departed.filter { held.contains($0.key) }.values))
        return task
    }

    /// A directory that is held back no longer ends with all that stood in it, seen or not, for nothing stands where no
    /// directory is. It waits all the same where looks at what is in it say something else; and where more stands in it
    /// than was loaded, which is told first.
    private mutating func empty(_ task: inout LocalTask, holding held: inout Set<RelativePath>) {
        let ended = Set(task.endedDirectories).subtracting(held)
        if ended.isEmpty { return }
        let disputed = disputed(task, below: ended)
        var unsure = ended.intersection(disputed.directoriesAbove)
        let waiting = task.isStandingPart ? ended : unsure
        let ending = ended.subtracting(waiting)
        held = held.filter { ending.isDisjoint(with: $0.directoriesAbove) }
        held = task.together(held.union(disputed).union(waiting))
        unsure.formUnion(ending.intersection(held))
        // What is told leaves nothing below it; of the last one's directories not all may have been loaded.
        let last = task.isStandingPart ? task.standing?.last : nil
        let kept = held.union(last.map { [$0] } ?? [])
        let above = kept.directoriesAbove
        let gone = (task.standing ?? []).filter { path in
            let directories = ended.intersection(path.directoriesAbove)
            return !directories.isEmpty && directories.isDisjoint(with: unsure) && !above.contains(path)
                && !kept.contains(path)
        }
        sights.note(gone, at: now.monotonicNanoseconds)
        task.batch.observations += gone.map { Observation(path: $0, found: .absent) }
    }

    /// What was seen below directories that ended, or could not be read there, and what is known to stand there by a
    /// later look than that at them.
    private func disputed(_ task: LocalTask, below ended: Set<RelativePath>) -> Set<RelativePath> {
        let seen =
            task.batch.observations.filter { $0.found != .absent }.map(\.path)
            + task.batch.problems.compactMap(\.path)
        let later = (task.standing ?? []).filter { sights.isStale($0, seenAfter: task.batch.begun) }
        return Set(seen + later).filter { !ended.isDisjoint(with: $0.directoriesAbove) }
    }

    /// What was seen where the index knows nothing, and is to be looked at again, may have come from elsewhere.
    mutating func expect(_ paths: Set<RelativePath>, of task: LocalTask) {
        guard !paths.isEmpty else { return }
        for observation in task.batch.observations where paths.contains(observation.path) {
            guard observation.found != .absent, task.view.row(observation.path)?.disk == nil,
                let entry = task.entry(observation)
            else { continue }
            parts.expect(entry, at: observation.path)
        }
    }
}

extension RelativePath {
    /// All that it lies in, without the folder itself.
    fileprivate var directoriesAbove: [RelativePath] {
        Array(sequence(first: self) { $0.parent }.dropFirst())
    }
}

extension Set<RelativePath> {
    fileprivate var directoriesAbove: Set<RelativePath> {
        var found: Set<RelativePath> = []
        for path in self {
            var above = path.parent
            while let directory = above, found.insert(directory).inserted { above = directory.parent }
        }
        return found
    }
}

extension LocalTask {
    /// Whether more may stand below directories that ended than was loaded.
    fileprivate var isStandingPart: Bool { standing?.count ?? 0 >= Loaded.standingGreatest }

    /// Directories that others know, where no directory stands any more, in path order.
    fileprivate var endedDirectories: [RelativePath] {
        batch.observations.filter { !$0.isDirectory && view.row($0.path)?.isDirectoryHere == true }.map(\.path).sorted()
    }

    /// The paths and those that can't be told without them: other ends of moves, for half a move is a deletion (rule
    /// 15), and what would then be torn.
    fileprivate func together(_ paths: Set<RelativePath>) -> Set<RelativePath> {
        var (held, count) = (paths, 0)
        while held.count > count {
            count = held.count
            held.formUnion(otherEnds(of: held))
            held.formUnion(held.directoriesAbove.intersection(endedDirectories))
            held = torn(without: held)
        }
        return held
    }

    /// Paths of other observations of the same entries: where each went, or came from.
    func otherEnds(of paths: Set<RelativePath>) -> Set<RelativePath> {
        if paths.isEmpty { return [] }
        let entries = Set(batch.observations.lazy.filter { paths.contains($0.path) }.compactMap(entry))
        return Set(batch.observations.lazy.filter { entry($0).map(entries.contains) ?? false }.map(\.path))
    }

    /// What is gone and was seen elsewhere, where it is to be looked at again: there.
    fileprivate func departed(_ parts: PartBook) -> [RelativePath: RelativePath] {
        if parts.expectsNone { return [:] }
        let arrived = Set(batch.observations.lazy.filter { $0.found != .absent }.compactMap(entry))
        var departed: [RelativePath: RelativePath] = [:]
        for observation in batch.observations where observation.found == .absent {
            guard let entry = entry(observation), !arrived.contains(entry) else { continue }
            departed[observation.path] = parts.expected(entry)
        }
        return departed
    }

    /// What stands there, or what stood there and is gone; nil for one of several links.
    fileprivate func entry(_ observation: Observation) -> EntryNumber? {
        guard let disk = observation.found.disk ?? view.row(observation.path)?.disk,
            disk.kind == .directory || disk.links <= 1
        else { return nil }
        return disk.entry
    }

    /// Paths of observations that would leave an entry without its directory. One that could not be observed is there,
    /// as far as it is known.
    fileprivate var torn: Set<RelativePath> {
        let ended = Set(endedDirectories)
        return torn(without: isStandingPart ? ended : Set(standing ?? []).directoriesAbove.intersection(ended))
    }

    /// Paths of what is there in a directory that was not looked at with it, and that the index doesn't know.
    fileprivate var orphans: Set<RelativePath> {
        let seen = Set(batch.observations.map(\.path)).union(batch.problems.compactMap(\.path))
        let there = batch.observations.lazy.filter { $0.found != .absent }.map(\.path)
        return Set(
            there.filter { path in
                path.parent.map { !seen.contains($0) && view.row($0)?.isDirectoryHere != true } ?? false
            })
    }

    /// With those that are not told in any case.
    private func torn(without held: Set<RelativePath>) -> Set<RelativePath> {
        var torn = held
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
    /// How often in a row each was held back: as part of a torn tree, and as one that stood in no directory.
    private var times: [RelativePath: (torn: Int, orphan: Int)] = [:]
    /// A tree that looks torn each time is as it looks.
    private static let greatest = 6
    /// What stands in no directory is not as it looks: later looks at its directory made each earlier one stale.
    private static let orphanGreatest = 60

    /// Whether the observation of the path may be held back once more.
    mutating func mayHold(_ path: RelativePath, isOrphan: Bool) -> Bool {
        if times.count >= Limits.transactionItems { times = [:] }
        var count = times[path, default: (0, 0)]
        guard isOrphan ? count.orphan < Self.orphanGreatest : count.torn < Self.greatest else { return false }
        if isOrphan { count.orphan += 1 } else { count.torn += 1 }
        times[path] = count
        return true
    }

    /// Observations of these paths are taken.
    mutating func passed(_ observations: some Sequence<(path: RelativePath, entry: EntryNumber?)>) {
        if times.isEmpty, arrivals.isEmpty { return }
        for (path, entry) in observations {
            times[path] = nil
            if let entry { arrivals[entry] = nil }
        }
    }

    /// Entries that were seen where the index knows nothing, and are looked at again: whoever finds one gone where it
    /// was before waits for that.
    private var arrivals: [EntryNumber: RelativePath] = [:]
    var expectsNone: Bool { arrivals.isEmpty }

    mutating func expect(_ entry: EntryNumber, at path: RelativePath) {
        if arrivals.count >= Limits.transactionItems { arrivals = [:] }
        arrivals[entry] = path
    }

    func expected(_ entry: EntryNumber) -> RelativePath? { arrivals[entry] }
}
