public import SyncModel

/// What a person's word makes of a held deletion (rule 15).
public enum HeldDeletion {
    /// The deletion is meant: the tombstone of a record whose entry is gone here.
    public static func released(_ record: FileRecord, context: inout EditContext) -> FileRecord {
        LocalChanges.deletion(of: record, movedTo: nil, origin: context.nextOrigin())
    }

    /// The deletion is not meant: `record` lives on as an edit that has seen `tombstone`, and so beats it everywhere.
    public static func discarded(
        _ record: FileRecord, _ tombstone: FileRecord, context: inout EditContext
    ) -> FileRecord {
        var kept = record
        kept.origin = context.nextOrigin()
        kept.version = record.version.joined(with: tombstone.version).inserting(kept.origin)
        kept.edits = 1 + max(record.edits, tombstone.edits)
        kept.movedFrom = nil
        kept.lineage = []
        return kept
    }
}
