public import SyncModel

/// What announced records make of a folder: for each path the record that it is to become.
public struct Reconciliation: Hashable, Sendable {
    /// Records that differ from what the view held, by path.
    public var targets: [RelativePath: FileRecord]
    /// Paths that the view must hold before anything can be decided: look them up and ask again with the larger view.
    public var missing: Set<RelativePath>
}

/// Merges `incoming`, in any order, into `view`.
///
/// - Parameters:
///   - view: for each path what the device is to hold by all it knew so far (the need's target, else the row's record);
///     a nil value says that there is nothing, a missing key that it was not looked up.
///   - copyPath: where the loser of a conflict is kept (rule 5); the same on every device.
public func reconcile(
    _ incoming: [FileRecord], view: [RelativePath: FileRecord?], copyPath: (FileRecord) -> RelativePath
) -> Reconciliation {
    var result = Reconciliation(targets: [:], missing: [])
    // A relocation or a copy adds one record for another path. Versions only grow along such a chain, so it ends.
    var queue = incoming
    var next = 0
    while next < queue.count {
        let record = queue[next]
        next += 1
        guard let known = view[record.path] else {
            result.missing.insert(record.path)
            continue
        }
        guard let current = result.targets[record.path] ?? known else {
            result.targets[record.path] = record
            continue
        }
        let merged = merge(current, record)
        if merged.record != current { result.targets[record.path] = merged.record }
        if let loser = merged.loser { queue.append(conflictCopy(of: loser, at: copyPath(loser))) }
        if let relocated = merged.relocated { queue.append(relocated) }
    }
    return result
}

/// The record under which a conflict's loser lives on: derived from the loser alone, its version exactly its origin, so
/// that every device makes the same one and none makes another of the same origin (rule 5).
public func conflictCopy(of loser: FileRecord, at path: RelativePath) -> FileRecord {
    FileRecord(
        path: path, content: loser.content, version: VersionVector(loser.origin), origin: loser.origin,
        edits: loser.edits, modified: loser.modified, mode: loser.mode, attributes: loser.attributes,
        conflictOf: loser.path)
}
