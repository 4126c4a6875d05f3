public import SyncModel

/// What two records of one path become. The laws (architecture.md section 3, rules 1-6) are in `MergeTests`: merging
/// is commutative, associative and idempotent up to move hints, so devices agree whatever the order in which they
/// hear of edits.
public struct Merged: Hashable, Sendable {
    /// The record that both become.
    public var record: FileRecord
    /// A concurrent content that lost and is to live on as a conflict copy (rule 5). Never a directory or a tombstone.
    public var loser: FileRecord?
    /// An edit of a path that the other side moved away: it follows the move (rule 6).
    public var relocation: Relocation?
    /// A move that another move of the same path has won over.
    public var superseded: SupersededMove?

    init(_ record: FileRecord, loser: FileRecord? = nil) { (self.record, self.loser) = (record, loser) }
}

/// An edit that is to go where a concurrent move took what it edits.
public struct Relocation: Hashable, Sendable {
    /// As it was at its old path.
    public var edit: FileRecord
    public var target: RelativePath
    /// The edit that was the move.
    public var move: Origin
}

/// The new place of a moved file whose old path was moved elsewhere, too, by the move that won.
public struct SupersededMove: Hashable, Sendable {
    public var path: RelativePath
    public var winner: RelativePath
}

/// Merges two records of the same path.
/// - Parameter cut: what every member has covered. A deletion below it says nothing of what has not seen it, which was
///   made when it was forgotten elsewhere: whoever still has it must make the same of that as who has not.
public func merge(_ left: FileRecord, _ right: FileRecord, cut: VersionVector = VersionVector()) -> Merged {
    precondition(left.path == right.path, "only records of one path merge")
    switch left.version.compared(to: right.version) {
    case .after: return Merged(mergeMetadata(left, older: right))
    case .before: return Merged(mergeMetadata(right, older: left))
    case .equal where sameContent(left, right): return Merged(mergeEqual(left, right))
    case .equal: return mergeConcurrent(left, right)
    case .concurrent:
        switch (left.isForgotten(by: cut), right.isForgotten(by: cut)) {
        case (true, false): return Merged(right)
        case (false, true): return Merged(left)
        default: return mergeConcurrent(left, right)
        }
    }
}

extension FileRecord {
    /// Whether it is a deletion that every member has covered (rule 7).
    public func isForgotten(by cut: VersionVector) -> Bool { isDeleted && !isNothing && cut.covers(version) }
}

/// Whether the two hold the same bytes, the same link, or are both directories or both deleted.
public func sameContent(_ left: FileRecord, _ right: FileRecord) -> Bool {
    switch (left.content, right.content) {
    case (.deleted, .deleted): true
    default: left.content == right.content
    }
}

private func mergeConcurrent(_ left: FileRecord, _ right: FileRecord) -> Merged {
    if sameContent(left, right) {
        var merged = Merged(mergeEqual(left, right))
        merged.superseded = superseded(left, by: merged.record) ?? superseded(right, by: merged.record)
        return merged
    }
    // A version also grows by what is not an edit of its content (a deletion that lost, another conflict). What the
    // other side has seen by its origin is old all the same: nothing that was replaced or deleted comes back, or
    // becomes a copy. Between files their counts of edits say which one is newer, and do so in any order of merging.
    let isLeftSeen = hasSeen(right, left)
    let isRightSeen = hasSeen(left, right)
    let areFiles = ![left, right].contains { $0.isDeleted || $0.content.isDirectory }
    if isLeftSeen != isRightSeen, !areFiles {
        let (newer, older) = isLeftSeen ? (right, left) : (left, right)
        var record = mergeMetadata(newer, older: older)
        record.version = left.version.joined(with: right.version)
        return Merged(record)
    }
    if left.isDeleted { return mergeDeletion(left, with: right) }
    if right.isDeleted { return mergeDeletion(right, with: left) }
    let leftWins = ContentOrder.wins(left, over: right)
    let (winner, loser) = leftWins ? (left, right) : (right, left)
    var record = mergeMetadata(winner, older: loser)
    record.version = left.version.joined(with: right.version)
    let isLoserSeen = leftWins ? isRightSeen && !isLeftSeen : isLeftSeen && !isRightSeen
    return Merged(record, loser: loser.content.isDirectory || isLoserSeen ? nil : loser)
}

/// Whether one of two concurrent records was made with the other's content known.
private func hasSeen(_ later: FileRecord, _ earlier: FileRecord) -> Bool {
    later.cameBack(after: earlier) || later.version.covers(earlier.origin) && !earlier.cameBack(after: later)
}

extension FileRecord {
    /// Whether a move took away what stood here, and this is it again: the same content from where that move took it.
    /// Its origin may be that of what stood here before, because both are one content; it is later all the same.
    fileprivate func cameBack(after deletion: FileRecord) -> Bool {
        guard case .deleted(let target?) = deletion.content, !isDeleted, let source = movedFrom else { return false }
        return source == MoveSource(path: target, origin: deletion.origin)
    }
}

extension FileRecord {
    /// Whether it is what lost a conflict at a path, untouched since.
    fileprivate func isCopyAsMade(of path: RelativePath) -> Bool {
        conflictOf == path && version == VersionVector(origin)
    }
}

/// Edit beats delete; an edit of something that was moved follows the move. The count of edits stays the winner's, so
/// that the winner among further edits does not depend on the order of merging.
private func mergeDeletion(_ tombstone: FileRecord, with live: FileRecord) -> Merged {
    let version = tombstone.version.joined(with: live.version)
    // What has seen the move was made after it, and what shares no history with it is something else. So is a
    // directory, because directories are not edited; and so is what lost a conflict where the move led: an earlier
    // copy of the same name was moved there.
    guard case .deleted(let target?) = tombstone.content, target != live.path, !live.content.isDirectory,
        !live.version.covers(tombstone.origin), !live.isCopyAsMade(of: target),
        haveCommonHistory(live.version, tombstone.version) || hasMet(live, tombstone)
    else {
        var record = live
        record.version = version
        return Merged(record)
    }
    var gone = tombstone
    gone.version = version
    var merged = Merged(gone)
    merged.relocation = Relocation(edit: live, target: target, move: tombstone.origin)
    return merged
}

/// Whether both have seen some edit of the path.
private func haveCommonHistory(_ left: VersionVector, _ right: VersionVector) -> Bool {
    left.entries.contains { right[$0.author] > 0 }
}

/// Whether it came to meet what was moved on: an edit that followed a move goes on with it.
private func hasMet(_ live: FileRecord, _ tombstone: FileRecord) -> Bool {
    live.lineage.last.map { tombstone.version.covers($0.arrival) } ?? false
}

private func superseded(_ loser: FileRecord, by winner: FileRecord) -> SupersededMove? {
    guard case .deleted(let path?) = loser.content, case .deleted(let target?) = winner.content, path != target else {
        return nil
    }
    return SupersededMove(path: path, winner: target)
}

/// Equal contents never conflict: vectors join, metadata merges.
private func mergeEqual(_ left: FileRecord, _ right: FileRecord) -> FileRecord {
    // Of two tombstones the one that knows where the content went, then the smaller origin, names the target (rule 6).
    // Of the same edit the hints may differ, when it was heard of in steps or at once: the first in order names them.
    let isLeftFirst = left.origin == right.origin ? hintsPrecede(left, right) : left.origin < right.origin
    var (first, second) = isLeftFirst ? (left, right) : (right, left)
    if case .deleted(nil) = first.content, case .deleted(_?) = second.content { swap(&first, &second) }
    var record = mergeMetadata(first, older: second)
    record.version = left.version.joined(with: right.version)
    record.edits = max(left.edits, right.edits)
    record.conflictOf = first.conflictOf ?? second.conflictOf
    record.movedFrom = first.movedFrom ?? second.movedFrom
    return record
}

extension FileRecord {
    /// The paths that a record names beside its own, as bytes that order them.
    fileprivate var hints: [[UInt8]] {
        var target: RelativePath?
        if case .deleted(let path) = content { target = path }
        return [target, movedFrom?.path, conflictOf].map { $0?.bytes ?? [] }
    }
}

private func hintsPrecede(_ left: FileRecord, _ right: FileRecord) -> Bool {
    let (one, other) = (left.hints, right.hints)
    if one != other { return one.lexicographicallyPrecedes(other) { $0.lexicographicallyPrecedes($1) } }
    if let one = left.movedFrom, let other = right.movedFrom, one.origin != other.origin {
        return one.origin < other.origin
    }
    return left.lineage.lexicographicallyPrecedes(right.lineage, by: placePrecedes)
}

private func placePrecedes(_ left: Place, _ right: Place) -> Bool {
    if left.path != right.path { return left.path < right.path }
    if left.arrival != right.arrival { return left.arrival < right.arrival }
    guard let one = left.edit, let other = right.edit else { return left.edit == nil && right.edit != nil }
    return one < other
}

/// `newer` with the metadata that was set last; only records of one kind share metadata.
private func mergeMetadata(_ newer: FileRecord, older: FileRecord) -> FileRecord {
    var record = newer
    guard sameKind(newer.content, older.content), !newer.isDeleted else { return record }
    if let other = older.mode { record.mode = newer.mode?.latest(other) ?? other }
    record.attributes = mergeAttributes(newer.attributes, older.attributes)
    if sameContent(newer, older), let other = older.modified {
        record.modified = newer.modified?.latest(other) ?? other
    }
    return record
}

private func sameKind(_ left: Content, _ right: Content) -> Bool {
    switch (left, right) {
    case (.file, .file), (.directory, .directory), (.symlink, .symlink), (.deleted, .deleted): true
    default: false
    }
}

private func mergeAttributes(_ left: [ExtendedAttribute], _ right: [ExtendedAttribute]) -> [ExtendedAttribute] {
    if left == right { return left }
    var merged: [ExtendedAttribute] = []
    var rest = right[...]
    for attribute in left {
        while let next = rest.first, next.name.lexicographicallyPrecedes(attribute.name) {
            merged.append(next)
            rest.removeFirst()
        }
        if let next = rest.first, next.name == attribute.name {
            merged.append(ExtendedAttribute(name: next.name, value: attribute.value.latest(next.value)))
            rest.removeFirst()
        } else {
            merged.append(attribute)
        }
    }
    return merged + rest
}
