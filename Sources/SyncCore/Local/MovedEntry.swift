public import SyncModel

/// The two records that a move makes of one: the same at every device that has the same one, so that a directory's move
/// can be told by its ends (rule 6).
public struct MovedEntry: Hashable, Sendable {
    /// At the new place.
    public internal(set) var arrived: FileRecord
    /// The tombstone at the old one.
    public let left: FileRecord

    /// The move is an edit of both paths and its origin is that of both records. A version never goes from one path to
    /// another: counters are folder-wide, so there it would cover edits that it has not seen (decision 13).
    /// - Parameters:
    ///   - source: live.
    ///   - existing: what is known of the new place: nothing, or that it is deleted.
    public init(_ source: FileRecord, to path: RelativePath, replacing existing: FileRecord?, origin: Origin) {
        var arrived = source
        arrived.path = path
        arrived.origin = origin
        arrived.version = (existing?.version ?? VersionVector()).inserting(origin)
        arrived.edits = max(source.edits, existing.map { $0.edits + 1 } ?? 0)
        arrived.movedFrom = MoveSource(path: source.path, origin: source.origin)
        arrived.lineage = source.lineage(movedTo: path, by: origin)
        arrived.conflictOf = Self.conflict(of: source, at: path)
        self.arrived = arrived
        left = LocalChanges.deletion(of: source, movedTo: path, origin: origin)
    }

    /// A copy that keeps its name went along with its directory and is still one, of the path that went with it;
    /// under another name it is a file that somebody chose to keep.
    private static func conflict(of source: FileRecord, at path: RelativePath) -> RelativePath? {
        guard let origin = source.conflictOf, source.path.name == path.name else { return nil }
        return try? path.replacingName(with: origin.name)
    }
}
