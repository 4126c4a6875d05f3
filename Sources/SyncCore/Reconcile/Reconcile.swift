public import SyncModel

/// What announced records make of a folder: for each path the record that it is to become.
public struct Reconciliation: Hashable, Sendable {
    /// Records that differ from what the view held, by path.
    public var targets: [RelativePath: FileRecord]
    /// Paths that the view must hold before anything can be decided: look them up and ask again, from the start, with
    /// the larger view.
    public var missing: Set<RelativePath>
    /// The counters after the edits that follow from moves.
    public var context: EditContext
}

/// Merges `incoming`, in any order, into `view`.
///
/// An edit that follows a concurrent move is the same record wherever it is made. The end of a move that lost to
/// another is a new edit of ours: every device makes it, and they merge, because all are deletions.
/// - Parameters:
///   - view: for each path what the device is to hold by all it knew so far (the need's target, else the row's record);
///     a nil value says that there is nothing, a missing key that it was not looked up.
///   - cut: what every member has covered: a deletion below it is not taken where nothing is left to delete.
///   - copyPath: where the loser of a conflict is kept (rule 5); the same on every device.
public func reconcile(
    _ incoming: [FileRecord], view: [RelativePath: FileRecord?], context: EditContext,
    cut: VersionVector = VersionVector(), copyPath: (FileRecord) -> RelativePath
) -> Reconciliation {
    var reconciler = Reconciler(view: view, context: context, cut: cut)
    // What follows from a record is added behind it. Copies and relocations are each made once, so this ends.
    // What moves entail comes last, when their new places are known.
    reconciler.queue = incoming
    var (next, moved, ended) = (0, 0, 0)
    while true {
        if next < reconciler.queue.count {
            reconciler.take(reconciler.queue[next], copyPath)
            next += 1
        } else if moved < reconciler.relocations.count {
            reconciler.follow(reconciler.relocations[moved], copyPath)
            moved += 1
        } else if ended < reconciler.superseded.count {
            reconciler.end(reconciler.superseded[ended])
            ended += 1
        } else {
            break
        }
    }
    return reconciler.result
}

/// The record under which a conflict's loser lives on: derived from the loser alone, its version exactly its origin, so
/// that every device makes the same one and none makes another of the same origin (rule 5).
public func conflictCopy(of loser: FileRecord, at path: RelativePath) -> FileRecord {
    FileRecord(
        path: path, content: loser.content, version: VersionVector(loser.origin), origin: loser.origin,
        edits: loser.edits, modified: loser.modified, mode: loser.mode, attributes: loser.attributes,
        conflictOf: loser.path)
}

private struct Reconciler {
    let view: [RelativePath: FileRecord?]
    let cut: VersionVector
    var queue: [FileRecord] = []
    var relocations: [Relocation] = []
    var superseded: [SupersededMove] = []
    /// Where edits followed a directory's move: once each, so this ends.
    var followed: Set<RelativePath> = []
    var result: Reconciliation

    init(view: [RelativePath: FileRecord?], context: EditContext, cut: VersionVector) {
        (self.view, self.cut) = (view, cut)
        result = Reconciliation(targets: [:], missing: [], context: context)
    }

    /// The record that the path is to have so far; nil if it was not looked up, and then it is missing.
    private mutating func current(_ path: RelativePath) -> FileRecord?? {
        if let target = result.targets[path] { return .some(target) }
        guard let known = view[path] else {
            result.missing.insert(path)
            return nil
        }
        return .some(known)
    }

    mutating func take(_ record: FileRecord, _ copyPath: (FileRecord) -> RelativePath) {
        // Edits of our own have the room that announced ones must leave.
        let isOwn = record.origin.author == result.context.author
        let greatest = isOwn ? Limits.vectorEntries : Limits.mergedEntries
        guard let known = current(record.path), record.version.entries.count <= greatest else { return }
        guard let current = known else {
            if !record.isForgotten(by: cut) { result.targets[record.path] = record }
            return
        }
        let merged = merge(current, record, cut: cut)
        guard merged.record.version.entries.count <= greatest else { return }
        if merged.record != current { result.targets[record.path] = merged.record }
        if let loser = merged.loser { queue.append(conflictCopy(of: loser, at: copyPath(loser))) }
        if let relocation = merged.relocation { relocations.append(relocation) }
        if let move = merged.superseded { superseded.append(move) }
    }

    /// Applies the edit where the move took what it edits, following further moves. If that was edited since, the edit
    /// becomes a conflict copy there.
    mutating func follow(_ relocation: Relocation, _ copyPath: (FileRecord) -> RelativePath) {
        if let following = following(relocation) { return queue += [following.arrived, following.left] }
        var (target, move) = (relocation.target, relocation.move)
        var visited: Set<RelativePath> = [relocation.edit.path]
        while !cameByMove(relocation.edit), visited.insert(target).inserted {
            guard let known = current(target) else { return }
            // What was moved is a directory: the edit is of what took its place.
            if known?.content.isDirectory == true { break }
            guard let current = known, current.version.covers(move) else {
                return edit(relocation.edit, at: target, after: VersionVector())
            }
            if case .deleted(let next?) = current.content {
                (target, move) = (next, current.origin)
                continue
            }
            if sameContent(current, relocation.edit) { return }
            if isLater(relocation.edit, than: current, by: move, from: relocation) { break }
            if current.isDeleted { return edit(relocation.edit, at: target, after: current.version) }
            if current.origin == move {
                // Whether the edit has seen what was moved there can be told after one move, not after several: then
                // both contents live on.
                let isSeen = current.movedFrom.map { relocation.edit.version.covers($0.origin) } ?? false
                return edit(relocation.edit, at: target, after: isSeen ? current.version : VersionVector())
            }
            var loser = relocation.edit
            loser.path = target
            return queue.append(conflictCopy(of: loser, at: copyPath(loser)))
        }
        // It stays where it was made; so it does where moves lead in a circle.
        guard let known = current(relocation.edit.path), let tombstone = known else { return }
        edit(relocation.edit, at: relocation.edit.path, after: tombstone.version)
    }

    /// Whether somebody moved it there from elsewhere: places of moves are free, so it edits nothing that stood there.
    /// What followed a move by itself is none of this.
    private func cameByMove(_ edit: FileRecord) -> Bool {
        guard let source = edit.movedFrom else { return false }
        let authors = FollowedAuthors(from: source.path, to: edit.path)
        return authors.carry(VersionVector(source.origin), source.origin)?.origin != edit.origin
    }

    /// Whether who made the edit knew already that the file had gone to where it stands, because he had moved it there
    /// himself: then it is something else that he put in the old place, and stays there. A move has one origin at both
    /// of its places; where several moved it to one place, the versions there name them all.
    private func isLater(
        _ edit: FileRecord, than current: FileRecord, by move: Origin, from relocation: Relocation
    ) -> Bool {
        guard !current.isDeleted, let source = current.movedFrom else { return false }
        if source.path != edit.path { return current.origin == move && edit.version.covers(source.origin) }
        return current.version.entries.contains { $0.author != relocation.move.author && edit.version.covers($0) }
    }

    /// An edit of what followed the move of its directory before goes there the same way, so that whoever hears of both
    /// at once makes the same.
    private mutating func following(_ relocation: Relocation) -> Following? {
        guard let following = Following(relocation.edit, along: [relocation.edit.path, relocation.target]),
            following.arrived.version[relocation.move.author] > 0, followed.insert(relocation.edit.path).inserted
        else { return nil }
        return following
    }

    private mutating func edit(_ edit: FileRecord, at path: RelativePath, after version: VersionVector) {
        var record = edit
        record.path = path
        // Under authors that stand for its own: under ours, our next edit of the path would cover it unseen.
        if let carried = FollowedAuthors(from: edit.path, to: path).carry(edit.version, edit.origin),
            carried.version.entries.count <= Limits.carriedEntries
        {
            record.origin = carried.origin
            record.version = version.joined(with: carried.version)
        } else {
            result.context.counter += 1
            record.origin = Origin(author: result.context.author, counter: result.context.counter)
            record.version = version.inserting(record.origin)
        }
        record.edits += 1
        record.conflictOf = nil
        record.movedFrom = path == edit.path ? edit.movedFrom : MoveSource(path: edit.path, origin: edit.origin)
        queue.append(record)
    }

    /// Deletes what the losing move made, as long as both moves' ends are still what the moves made of one content. So
    /// the winner is no end of yet another move, which might lose there: both would be deleted, each for the other.
    mutating func end(_ move: SupersededMove) {
        guard let loser = current(move.path), let winner = current(move.winner), let loser, let winner,
            loser.origin == move.move, winner.origin == move.winningMove, loser.movedFrom == winner.movedFrom,
            !loser.isDeleted, !winner.isDeleted, sameContent(loser, winner)
        else { return }
        result.context.counter += 1
        let origin = Origin(author: result.context.author, counter: result.context.counter)
        queue.append(LocalChanges.deletion(of: loser, movedTo: move.winner, origin: origin))
    }
}
