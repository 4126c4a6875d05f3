internal import SyncCore
internal import SyncModel

extension WaveTask {
    /// Keeps needs out of the wave, also as the other halves of moves; false if none waits.
    mutating func holdBack(_ waits: (Need) -> Bool) -> Bool {
        let candidates = input.needs + input.known.values.compactMap(\.need)
        let held = Set(candidates.filter(waits).map(\.path))
        input.heldBack.formUnion(held)
        let before = input.needs.count
        input.needs.removeAll { held.contains($0.path) }
        return input.needs.count < before
    }
}

/// What a wave leaves for later, because something is still to come or to be looked at.
extension FolderMachine {
    /// Where a step found something else than the index says, the next one would as well: its need waits until that was
    /// looked at.
    private mutating func withoutChanged(_ task: WaveTask) -> WaveTask {
        if waves.surprises.isEmpty { return task }
        var task = task
        let surprises = waves.surprises
        _ = task.holdBack { surprises.hold($0.path) }
        return task
    }

    /// Once all that was asked for was looked at and decided on, what waits for that goes on.
    mutating func endSurprises() {
        waves.endSurprises(areSeen: queue.local.isEmpty && !scans.isLooking, at: now.monotonicNanoseconds)
    }

    /// A directory that is deleted while something lives in it is kept alive, and one that nobody told of is made: new
    /// edits; what lives in one that was moved away follows the move; and a file that moves lead back to stays. That is
    /// only decided once the logs of all connected members are read, and it is decided what was found (rule 8): what
    /// deletes or moves its contents, or makes it, may still be on its way. So may the other half of a move, without
    /// which it would be a copy.
    mutating func withoutUntold(_ task: WaveTask) -> WaveTask {
        var task = withoutUnbrought(withoutUncopied(withoutPlaceless(withoutFound(withoutChanged(task)))))
        guard isUntold else { return task }
        let (input, known, below) = (task.input, task.input.known, task.input.below)
        let isHeld = task.holdBack { need in
            if input.isLedBack(need) { return true }
            // What stands there is adopted: until then it counts as found.
            if known[need.path]?.row?.standing == .found { return false }
            if below[need.path]?.isStaying == true || need.target.awaitsOtherHalf(known) { return true }
            guard !need.target.isDeleted, let parent = need.path.parent else { return false }
            switch (known[parent]?.need?.target ?? known[parent]?.row?.record)?.content {
            case nil, .deleted, .file, .symlink: return true
            case .directory: return false
            }
        }
        if isHeld { waves.hasWaiting = true }
        return task
    }

    /// Whether it is still to be told, or decided, what stands where.
    private var isUntold: Bool { awaitsLogs || index?.status.found ?? 0 > 0 }

    /// Until when no pass begins, though one is due: more is to be told before what the last one left can be done.
    var waveRest: UInt64? { waves.rest(after: now.monotonicNanoseconds).flatMap { isUntold ? $0 : nil } }

    /// Whether connected members know what is not known here yet.
    var awaitsLogs: Bool {
        members.values.contains(where: \.isAwaited) || !queue.remote.isEmpty || repairs.round?.isChanged == true
    }

    /// What is to stand in the place of a found entry waits until it is decided what that is: also as the other half of
    /// a move, which a plan takes along by itself.
    private mutating func withoutFound(_ task: WaveTask) -> WaveTask {
        guard index?.status.found ?? 0 > 0 else { return task }
        var task = task
        let before = task.input.needs.count
        for (path, known) in task.input.known {
            guard let row = known.row, row.standing == .found, let need = known.need,
                row.record.content != need.target.content
            else { continue }
            task.input.known[path]?.need?.state = .blocked
            task.input.needs.removeAll { $0.path == path }
        }
        if task.input.needs.count < before { waves.hasWaiting = true }
        return task
    }

    /// Winners wait for the copies of what they won over, as long as these can be had, or nothing is gained by going
    /// on.
    private mutating func withoutUncopied(_ task: WaveTask) -> WaveTask {
        if waves.copies.isEmpty, waves.carried.isEmpty { return task }
        var task = task
        let (known, copies) = (task.input.known, waves.copies)
        let contents = Set(copies.values.flatMap { $0.values.map(\.target.content) })
            .union(waves.carried.values.lazy.map(\.content))
        let left = awaitedElsewhere
        let isHeld = task.holdBack { need in
            // A copy of what stands here, or what went on from here, may have its content from nowhere else.
            if let content = known[need.path]?.row?.record.content, content != need.target.content,
                contents.contains(content)
            {
                return true
            }
            if left.contains(need.path) { return true }
            if copies[need.path] != nil, known[need.path]?.row?.record.content == need.target.content { return true }
            // What went on has seen what lost a conflict where it was, too.
            return !copies.isEmpty && need.target.placesSoFar.contains { copies[$0] != nil && awaitsCopy(of: $0) }
        }
        if isHeld { waves.hasWaiting = true }
        return task
    }

    /// Whether a copy of what lost a conflict at the path may still be had: one answer that it is not there is none,
    /// because a file may be on the move.
    private func awaitsCopy(of path: RelativePath) -> Bool {
        waves.copies[path]?.values.contains { copy in
            guard case .file(let file) = copy.target.content, fetches.failed[file] != nil else { return true }
            return copy.sources.contains { source in
                guard source.hasContent, let member = members[source.device], member.isConnected else { return false }
                return mayHaveMore(source.device) || !fetches.givenUp.contains(file)
            }
        } ?? false
    }

    /// From where something went on that has its content to come, and may still have it: what is there now has seen it.
    private var awaitedElsewhere: Set<RelativePath> {
        let awaited = waves.carried.values.filter { carried in
            guard case .file(let file) = carried.content else { return false }
            return !fetches.givenUp.contains(file)
        }
        return Set(awaited.map(\.from))
    }

    /// What went to another end of its file, or became a conflict copy there, is not told to be gone before its content
    /// is here: who made it may be the only one that has it, and would delete it.
    private mutating func withoutUnbrought(_ task: WaveTask) -> WaveTask {
        var task = task
        let (known, left) = (task.input.known, leftBehind)
        let isHeld = task.holdBack { need in
            guard case .deleted(let path?) = need.target.content, !need.path.isBelow(path) else { return false }
            if isUnbrought(need.target, left, known) { return true }
            // Nor in one wave with it: the placing may fail when this has succeeded. It may also have come there from
            // where both ends were once one.
            guard known[need.path]?.row?.disk == nil, let other = known[path]?.need,
                other.state == .wanted || other.state == .blocked || other.state == .staged
            else { return false }
            return other.target.movedFrom != nil
        }
        if isHeld { waves.hasWaiting = true }
        return task
    }

    /// Where what is still to be brought to other places stood.
    var leftBehind: Set<RelativePath> { waves.carried.isEmpty ? [] : Set(waves.carried.values.lazy.map(\.from)) }

    /// Whether a tombstone has seen what is still to be brought to where moves led from its path.
    func isUnbrought(
        _ target: FileRecord, _ left: Set<RelativePath>, _ known: [RelativePath: KnownPath]
    ) -> Bool {
        guard case .deleted(let path?) = target.content else { return false }
        return left.contains(target.path) || awaitsCopy(beyond: path, known)
    }

    /// The same for where moves led from there.
    private func awaitsCopy(beyond path: RelativePath, _ known: [RelativePath: KnownPath]) -> Bool {
        if waves.copies.isEmpty { return false }
        var (next, visited) = (path, Set<RelativePath>())
        while visited.insert(next).inserted {
            if awaitsCopy(of: next) { return true }
            guard case .deleted(let further?) = (known[next]?.need?.target ?? known[next]?.row?.record)?.content else {
                return false
            }
            next = further
        }
        return false
    }
}

extension FileRecord {
    /// Whether it came from a path that still has its content and that nobody said anything of.
    fileprivate func awaitsOtherHalf(_ known: [RelativePath: KnownPath]) -> Bool {
        guard let source = movedFrom?.path, let there = known[source], there.need == nil, let row = there.row else {
            return false
        }
        return row.disk != nil && row.record.content == content
    }
}
