public import SyncModel

/// What becomes of an entry that stood on the disk when the index was rebuilt (rule 8).
public enum FoundEntry: Hashable, Sendable {
    /// Nothing is to be decided: a need takes the row's place, because its target has the same content, or because the
    /// entry is known to be old.
    case left
    /// It gives way to the need's target.
    case old
    /// It is known to be old, and nobody has a record of it any more: it was deleted, and that is forgotten.
    case deleted
    /// Members are to be asked whether the content ever stood at the path: a file's, or a link's target.
    case asked
    /// It is an edit of ours like any other.
    case new

    /// - Parameters:
    ///   - need: of the row's path. All that members say of the path must be known.
    ///   - isForgetful: whether members have forgotten deletions: else nobody has deleted what none has a record of.
    public init(_ row: IndexRow, need: Need?, isForgetful: Bool) {
        guard row.standing != .agreed else {
            self = .left
            return
        }
        guard let need else {
            self = row.standing == .old ? .deleted : isForgetful ? .asked : .new
            return
        }
        if row.standing == .old || row.record.content == need.target.content {
            self = .left
            return
        }
        switch row.record.content {
        case .file, .symlink: self = .asked
        // A directory has no content that could be lost: what is in it is decided for itself.
        case .directory: self = .old
        case .deleted: self = .new
        }
    }
}

extension LocalChanges {
    /// The edit that a found entry is, as if it had been made now: it has seen nothing.
    public static func edit(asFound record: FileRecord, context: inout EditContext) -> FileRecord {
        var edit = record
        edit.origin = context.nextOrigin()
        edit.version = VersionVector(edit.origin)
        edit.edits = 1
        edit.movedFrom = nil
        edit.lineage = []
        return edit
    }

    /// The deletion of an entry that is known to be old, where nobody has a record of it any more.
    public static func deletion(ofOld record: FileRecord, context: inout EditContext) -> FileRecord {
        deletion(of: record, movedTo: nil, origin: context.nextOrigin())
    }

    /// How a row stands that an observation put in the place of `old`.
    ///
    /// Only what is first seen by the scan of a rebuild is in doubt: what people do to it afterwards is an edit. An
    /// entry that has what a need wants is adopted, and in no doubt either.
    public static func standing(
        of record: FileRecord, replacing old: IndexRow?, need: Need?, isRebuilding: Bool
    ) -> IndexRow.Standing {
        if record.isDeleted { return .agreed }
        guard let old else { return isRebuilding && record.content != need?.target.content ? .found : .agreed }
        return old.record.content == record.content ? old.standing : .agreed
    }
}
