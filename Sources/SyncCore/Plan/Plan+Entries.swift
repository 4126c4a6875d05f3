internal import SyncModel

extension Planner {
    /// A live record, at a path where no directory has to go.
    mutating func make(_ need: Need) {
        let target = need.target
        if let copy = copy(of: need.path) {
            wait(need, for: .source(of: copy))
            // The copy may wait for the directory as well.
            return bring(need)
        }
        let row = row(need.path)
        if let row, let disk = row.disk, row.record.content == target.content {
            let metadata = EntryMetadata(from: row.record, to: target)
            let step = ApplyStep(path: need.path, expected: .entry(disk), action: .setMetadata(metadata))
            // That a copy is still there is looked at: what it is a copy of may have its content from nowhere else.
            return add(need, metadata.isEmpty && target.conflictOf == nil ? [] : [step])
        }
        guard hasParent(need) else { return bring(need) }
        if let carried = carried(to: need) { return add(need, left: carried.left, [carried.step]) }
        if let move = move(to: need) {
            if let path = taker(from: move.left.path, besides: need.path) { return wait(need, for: .source(of: path)) }
            return add(need, left: move.left, [move.step])
        }
        guard let action = creation(need) else { return wait(need, for: .content) }
        guard let disk = row?.disk else {
            return add(need, [ApplyStep(path: need.path, expected: .absent, action: action)])
        }
        if let path = taker(from: need.path) { return wait(need, for: .source(of: path)) }
        if target.content.isDirectory {
            let removal = ApplyStep(path: need.path, expected: .entry(disk), action: .delete)
            return add(need, [removal, ApplyStep(path: need.path, expected: .absent, action: action)])
        }
        add(need, [ApplyStep(path: need.path, expected: .entry(disk), action: action)])
    }

    /// What is to live in a directory that waits for it in the end comes to the stage meanwhile: it stands in the
    /// directory's place, or in that of another directory, which waits for what stands here.
    private mutating func bring(_ need: Need) {
        guard isOnlyMovable(need), var next = need.path.parent else { return }
        var visited: Set<RelativePath> = []
        while next != need.path {
            guard visited.insert(next).inserted else { return }
            switch plan.waiting[next] {
            case .parent(let path), .source(of: let path): next = path
            default: return
            }
        }
        wait(need, for: .content)
    }

    /// A tombstone, or a file or link in the place of a directory.
    mutating func remove(_ need: Need) {
        if !need.target.isDeleted, let copy = copy(of: need.path) { return wait(need, for: .source(of: copy)) }
        // What went on from here and lost there has no other copy yet.
        if case .deleted(let target?) = need.target.content, let copy = copy(of: target) {
            return wait(need, for: .source(of: copy))
        }
        guard let disk = disk(need.path) else { return add(need, []) }
        // The other half of the move is about to be possible, or it went along with a directory above it.
        if case .deleted(let target?) = need.target.content, case .parent? = plan.waiting[target],
            wave[target]?.target.movedFrom?.path == need.path
        {
            return wait(need, for: .source(of: target))
        }
        if disk.kind == .directory { leaveInside(need) }
        if disk.kind == .directory, gone[need.path] ?? 0 < below(need.path).leavingRows {
            // What is to stand in the directory's place, and stands in it, comes to the stage first.
            let isInside = need.target.movedFrom?.path.isBelow(need.path) ?? false
            return wait(need, for: isInside && isOnlyMovable(need) ? .content : .below)
        }
        if let path = taker(from: need.path) ?? heir(of: need) { return wait(need, for: .source(of: path)) }
        if let row = row(need.path), input.isLedBack(need), input.context.mayAnnounce { return keepFile(need, row) }
        var steps = [ApplyStep(path: need.path, expected: .entry(disk), action: .delete)]
        if !need.target.isDeleted {
            guard hasParent(need) else { return }
            guard let action = creation(need) else { return wait(need, for: .content) }
            steps.append(ApplyStep(path: need.path, expected: .absent, action: action))
        }
        add(need, steps)
    }

    /// What is to stand in the place of the directory that it lies in can't be there before it goes: it is the last of
    /// all that goes from there, with the directories around it, and only once its content is at hand and nothing else
    /// comes from there.
    private mutating func leaveInside(_ need: Need) {
        guard let old = need.target.movedFrom?.path, old.isBelow(need.path), creation(need) != nil,
            (takers[old] ?? []).allSatisfy({ $0.path == need.path || done.contains($0.path) })
        else { return }
        var steps: [(need: Need, step: ApplyStep)] = []
        var next = old
        while next != need.path {
            guard let other = wave[next], other.target.isDeleted, let disk = disk(next), let parent = next.parent,
                plan.waiting[next] == (next == old ? .source(of: need.path) : .below)
            else { return }
            steps.append((other, ApplyStep(path: next, expected: .entry(disk), action: .delete)))
            next = parent
        }
        guard (gone[need.path] ?? 0) + steps.count == below(need.path).leavingRows else { return }
        for (other, step) in steps {
            plan.waiting[other.path] = nil
            add(other, [step])
        }
    }

    /// The step that puts the target there, nil when its content is not at hand.
    private func creation(_ need: Need) -> ApplyAction? {
        let metadata = EntryMetadata(of: need.target)
        switch need.target.content {
        case .directory: return .createDirectory(metadata)
        case .symlink(let target): return .placeSymlink(target: target, metadata)
        case .file(let content):
            if let handle = input.inline[content] { return .placeFile(.inline(handle: handle, content), metadata) }
            return need.state == .wanted || isOnlyMovable(need) ? nil : .placeFile(.staged(content), metadata)
        case .deleted: return .delete
        }
    }

    /// Whether all that is known of its content is that it stands at the old path.
    private func isOnlyMovable(_ need: Need) -> Bool {
        guard case .file(let content) = need.target.content, let path = need.target.movedFrom?.path, disk(path) != nil
        else { return false }
        return row(path)?.record.content == need.target.content && !input.staged.contains(content)
            && input.inline[content] == nil
    }

    // MARK: Around it

    /// Whether the parent directory is there when the wave comes to the need; if not, the need waits.
    private mutating func hasParent(_ need: Need) -> Bool {
        guard let parent = need.path.parent else { return true }
        if disk(parent)?.kind == .directory { return true }
        if let made = wave[parent], made.target.content.isDirectory, done.contains(parent) { return true }
        wait(need, for: .parent(parent))
        return false
    }

    /// A conflict copy that is to be made before what won there is noted: whoever hears that the winner has seen the
    /// loser replaces the loser, and a copy that fails may then have its content from nowhere. What is still to be
    /// fetched is not waited for here, because it may not be had any more.
    private func copy(of path: RelativePath) -> RelativePath? {
        (takers[path] ?? []).filter { need in
            need.target.conflictOf == path && need.path != path && !need.target.isDeleted
                && [.staged, .applying, .blocked].contains(need.state)
        }.map(\.path).min()
    }

    /// The new place of what a tombstone is about to remove, as long as it is not there: what brings it there may fail,
    /// also in this wave, and an edit of ours that followed a move has its content from nowhere else.
    private func heir(of need: Need) -> RelativePath? {
        guard case .deleted(let target) = need.target.content, let record = row(need.path)?.record,
            case .file = record.content
        else { return nil }
        let moved = target.flatMap { wave[$0] ?? input.known[$0]?.need }
        return ((takers[need.path] ?? []) + [moved].compactMap { $0 }).filter { heir in
            heir.target.movedFrom?.path == need.path && heir.target.content == record.content
                && ([.wanted, .staged, .applying].contains(heir.state) || heir.isBlockedAlone)
        }.map(\.path).min()
    }

    /// A need that still wants the content that stands at `path`. A move that is blocked may have its content
    /// elsewhere; a conflict copy, and an edit of ours that followed a move, only here.
    private func taker(from path: RelativePath, besides other: RelativePath? = nil) -> RelativePath? {
        guard let record = row(path)?.record, case .file(let content) = record.content, input.inline[content] == nil
        else { return nil }
        var takers = takers[path] ?? []
        if case .deleted(let target?) = wave[path]?.target.content {
            takers += [wave[target] ?? input.known[target]?.need].compactMap { $0 }
        }
        return takers.filter { need in
            if need.target.content != record.content || need.path == other || done.contains(need.path) { return false }
            // One that waits may have counted on a rename, and finds its place taken.
            let isWaiting = wave[need.path] == nil || plan.waiting[need.path] != nil
            if need.state == .staged, isWaiting || isOnlyMovable(need) {
                return need.target.movedFrom?.path == path
            }
            return need.state == .wanted || need.isBlockedAlone
                || need.state == .blocked && need.target.conflictOf == path
        }.map(\.path).min()
    }
}

extension Need {
    /// Whether it could not be carried out, and nobody said to have its content.
    fileprivate var isBlockedAlone: Bool { state == .blocked && !sources.contains { $0.hasContent } }
}

extension EntryMetadata {
    /// All that a record says, for a new entry.
    init(of record: FileRecord) {
        self.init(
            modified: record.modified?.value, mode: record.mode?.value,
            attributes: record.attributes.filter { $0.value.value != nil })
    }

    /// What differs, for an entry that holds `old`. What was set is what the record says, not what the disk made of it
    /// (rule 4).
    init(from old: FileRecord, to record: FileRecord) {
        let before = Dictionary(old.attributes.map { ($0.name, $0.value.value) }) { first, _ in first }
        // A record that follows a deletion names none of what was there before it.
        let names = Set(record.attributes.map(\.name))
        let unnamed = old.attributes.filter { $0.value.value != nil && !names.contains($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: Stamped(nil, at: $0.value.stamp)) }
        self.init(
            modified: record.modified.flatMap { $0.value == old.modified?.value ? nil : $0.value },
            mode: record.mode.flatMap { $0.value == old.mode?.value ? nil : $0.value },
            attributes: record.attributes.filter { $0.value.value != (before[$0.name] ?? nil) } + unnamed)
    }

    var isEmpty: Bool { self == EntryMetadata() }
}
