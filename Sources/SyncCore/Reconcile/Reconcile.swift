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
/// another is a new edit of ours: every device makes it, and they merge, because all are deletions. Which one lost is
/// told by the records at both ends (`Kinship`), in one order of all ends of a file: so of two that devices end at the
/// same time, each for another, one stays.
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
        } else if ended < reconciler.rivals.count {
            reconciler.settle(reconciler.rivals[ended])
            ended += 1
        } else {
            break
        }
    }
    return reconciler.result
}

/// The record under which a conflict's loser lives on: derived from the loser alone, its version exactly its origin, so
/// that every device makes the same one and none makes another of the same origin (rule 5). The origin is the loser's,
/// under an author that stands for its own: counters are folder-wide, and under its own author it would have seen, or
/// be seen by, what that one made at the path meanwhile. The copy of a copy as it was made keeps that author; one that
/// somebody edited has its own again.
public func conflictCopy(of loser: FileRecord, at path: RelativePath) -> FileRecord {
    let isAsMade = loser.conflictOf != nil && loser.version == VersionVector(loser.origin)
    let origin = isAsMade ? loser.origin : FollowedAuthors.copy(loser.origin)
    return FileRecord(
        path: path, content: loser.content, version: VersionVector(origin), origin: origin, edits: loser.edits,
        modified: loser.modified, mode: loser.mode, attributes: loser.attributes, conflictOf: loser.path)
}

private struct Reconciler {
    let view: [RelativePath: FileRecord?]
    let cut: VersionVector
    var queue: [FileRecord] = []
    var relocations: [Relocation] = []
    var rivals: [Rivals] = []
    /// Where edits followed a directory's move: once each, so this ends.
    var followed: Set<RelativePath> = []
    /// Ends of files that gave way to others: once each, so this ends.
    var ended: Set<RelativePath> = []
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
            if record.isForgotten(by: cut) { return }
            result.targets[record.path] = record
            return arrived(record)
        }
        let merged = merge(current, record, cut: cut)
        guard merged.record.version.entries.count <= greatest else { return }
        if merged.record != current { result.targets[record.path] = merged.record }
        // What follows is made and told by those whose word counts: here it might be another.
        guard result.context.mayAnnounce else { return }
        if let loser = merged.loser { queue.append(conflictCopy(of: loser, at: copyPath(loser))) }
        if let relocation = merged.relocation { relocations.append(relocation) }
        if let move = merged.superseded { rivals.append(Rivals(move.path, move.winner)) }
        arrived(merged.record)
    }

    /// What was moved here may stand elsewhere, too, where the places that it left lead: whose word counts ends one.
    private mutating func arrived(_ record: FileRecord) {
        if record.isDeleted || !result.context.mayAnnounce { return }
        for place in record.lineage.dropLast() where place.path != record.path {
            rivals.append(Rivals(record.path, place.path))
        }
    }

    /// Applies the edit where the move took what it edits, following further moves. If that was edited since, the edit
    /// becomes a conflict copy there.
    mutating func follow(_ relocation: Relocation, _ copyPath: (FileRecord) -> RelativePath) {
        if let following = following(relocation) { return queue += [following.arrived, following.left] }
        var (target, move) = (relocation.target, relocation.move)
        var visited: Set<RelativePath> = [relocation.edit.path]
        var places = relocation.edit.departing
        while !cameByMove(relocation.edit), visited.insert(target).inserted {
            guard let known = current(target) else { return }
            places.append(Place(path: target, arrival: move))
            // What was moved is a directory: the edit is of what took its place.
            if known?.content.isDirectory == true { break }
            guard let current = known, current.version.covers(move) else {
                return edit(relocation.edit, at: places, after: VersionVector())
            }
            if case .deleted(let next?) = current.content {
                (target, move) = (next, current.origin)
                continue
            }
            if sameContent(current, relocation.edit) { return }
            if isLater(relocation.edit, than: current, by: move, from: relocation) { break }
            if current.isDeleted { return edit(relocation.edit, at: places, after: current.version) }
            // What else stood there meanwhile has seen the old place, and not what was moved.
            let isSeen =
                Kinship(relocation.edit, current).map { kinship in
                    let isSource =
                        current.movedFrom?.path == relocation.edit.path
                        && (current.origin == move || !cameByMove(current))
                    return !kinship.right.isEdited
                        || isSource && current.movedFrom.map { relocation.edit.version.covers($0.origin) } ?? false
                } ?? false
            if isSeen { return edit(relocation.edit, at: current.placed, after: current.version) }
            if current.origin == move { return edit(relocation.edit, at: places, after: VersionVector()) }
            var loser = relocation.edit
            loser.path = target
            return queue.append(conflictCopy(of: loser, at: copyPath(loser)))
        }
        // It stays where it was made; so it does where moves lead in a circle.
        guard let known = current(relocation.edit.path), let tombstone = known else { return }
        edit(relocation.edit, at: relocation.edit.placed, after: tombstone.version)
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

    /// - Parameter places: of what it edits.
    private mutating func edit(_ edit: FileRecord, at places: [Place], after version: VersionVector) {
        guard let path = places.last?.path else { return }
        var record = edit
        record.path = path
        record.lineage = Array(places.suffix(Limits.lineagePlaces))
        // Under authors that stand for its own: under ours, our next edit of the path would cover it unseen.
        if let carried = FollowedAuthors(from: edit.path, to: path).carry(edit.version, edit.origin),
            carried.version.entries.count <= Limits.carriedEntries
        {
            record.origin = carried.origin
            record.version = version.joined(with: carried.version)
            if path != edit.path { leave(edit.path, carried.version) }
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

    /// The tombstone of what went on names what it is now: what comes to the old path later, and goes the same way, has
    /// not seen that.
    private mutating func leave(_ path: RelativePath, _ carried: VersionVector) {
        guard case .some(.some(var tombstone)) = current(path), tombstone.isDeleted else { return }
        tombstone.version = tombstone.version.joined(with: carried)
        if tombstone.version.entries.count <= Limits.carriedEntries { result.targets[path] = tombstone }
    }

    // MARK: Two ends of one file

    /// Where a move took a file, and all further ones. Nil where that is not known.
    private mutating func end(of path: RelativePath) -> FileRecord? {
        var next = path
        var visited: Set<RelativePath> = []
        while visited.count < Limits.followedMoves, visited.insert(next).inserted {
            guard let known = current(next), let record = known else { return nil }
            guard case .deleted(let target) = record.content else { return record }
            guard let target else { return nil }
            next = target
        }
        return nil
    }

    /// Of a file that moves took to two places only the first one stays, with what was edited at either.
    mutating func settle(_ rivals: Rivals) {
        guard let left = end(of: rivals.one), let right = end(of: rivals.other), left.path != right.path,
            let kinship = Kinship(left, right), let isLeftFirst = kinship.isLeftFirst
        else { return }
        let (winner, loser) = isLeftFirst ? (left, right) : (right, left)
        let (place, edits) = isLeftFirst ? (kinship.left, kinship.right) : (kinship.right, kinship.left)
        guard winner.content.isDirectory == loser.content.isDirectory, ended.insert(loser.path).inserted
        else { return }
        if !sameContent(winner, loser) {
            if edits.isEdited { return bring(loser, to: winner, isSeen: !place.isEdited) }
            // Neither is edited, and they differ: something else is there.
            guard place.isEdited else { return }
        }
        result.context.counter += 1
        let origin = Origin(author: result.context.author, counter: result.context.counter)
        queue.append(LocalChanges.deletion(of: loser, movedTo: winner.path, origin: origin))
    }

    /// An edit of the one end is one of the other, by the same records wherever they are made. Nothing else that came
    /// from there has seen it: what stood there before and after may be other files.
    private mutating func bring(_ loser: FileRecord, to winner: FileRecord, isSeen: Bool) {
        let origin = FollowedAuthors(from: loser.path, to: winner.path).carryAlone(loser.origin)
        let left = LocalChanges.deletion(of: loser, movedTo: winner.path, origin: origin)
        var arrived = loser
        arrived.path = winner.path
        arrived.origin = origin
        arrived.version = VersionVector(origin)
        arrived.movedFrom = MoveSource(path: loser.path, origin: loser.origin)
        arrived.lineage = winner.placed
        arrived.conflictOf = nil
        if isSeen {
            arrived.version = winner.version.inserting(origin)
            arrived.edits = max(loser.edits, winner.edits) + 1
        } else {
            arrived.lineage[0].edit = loser.origin
        }
        let greatest = max(arrived.version.entries.count, left.version.entries.count)
        if greatest <= Limits.carriedEntries { queue += [arrived, left] }
    }
}

/// Two paths at which, or beyond which, one file may stand.
private struct Rivals: Hashable {
    let one: RelativePath
    let other: RelativePath

    init(_ one: RelativePath, _ other: RelativePath) { (self.one, self.other) = (one, other) }
}
