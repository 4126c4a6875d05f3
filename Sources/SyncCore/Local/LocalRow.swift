public import SyncModel

/// What a member that may not announce keeps of its own changes: each is the edit that it would be, in a row beside
/// what is agreed at its path.
public enum LocalRow {
    /// The row that holds what was made here beside what is agreed; nil where neither is anything.
    ///
    /// What was undone is agreed again: the same content, and metadata of the same values.
    public static func row(_ put: LocalPut, beside agreed: FileRecord?, sequence: IndexSequence) -> IndexRow? {
        if let agreed, isSame(put.record, agreed) {
            return IndexRow(record: agreed, sequence: sequence, disk: put.disk, source: nil)
        }
        if put.record.isDeleted, agreed == nil { return nil }
        return IndexRow(
            record: put.record, sequence: sequence, disk: put.disk, source: nil, standing: .local, agreed: agreed)
    }

    /// What is agreed is not here, and nobody removed it: there is no place for it. Its directory was deleted here, or
    /// is something else.
    public static func missing(_ agreed: FileRecord, author: Author, sequence: IndexSequence) -> IndexRow {
        IndexRow(
            record: .nothing(at: agreed.path, author: author), sequence: sequence, disk: nil, source: nil,
            standing: .local, agreed: agreed)
    }

    /// Whether a new record only brings metadata to what was made here: its content came to be agreed. A change of
    /// metadata alone is a local change like any other, and stays.
    public static func givesWay(_ row: IndexRow, to target: FileRecord) -> Bool {
        row.standing == .local && !target.isDeleted && row.disk != nil && row.record.content == target.content
            && row.agreed?.content != target.content
    }

    /// What a revert makes of the row: what is agreed, or nothing.
    public static func reverted(_ row: IndexRow, author: Author) -> FileRecord {
        row.agreed ?? .nothing(at: row.record.path, author: author)
    }

    /// What differs between what is here and what is agreed.
    public static func difference(_ row: IndexRow) -> LocalDifference? {
        guard row.standing == .local else { return nil }
        if row.record.isNothing { return .missing }
        if row.record.isDeleted { return .deleted }
        guard let agreed = row.agreed, !agreed.isDeleted else { return .added }
        return agreed.content == row.record.content ? .metadata : .edited
    }

    private static func isSame(_ record: FileRecord, _ agreed: FileRecord) -> Bool {
        if record.isDeleted || agreed.isDeleted { return record.isDeleted && agreed.isDeleted }
        return record.content == agreed.content && record.modified?.value == agreed.modified?.value
            && record.mode?.value == agreed.mode?.value && values(record) == values(agreed)
    }

    private static func values(_ record: FileRecord) -> [[UInt8]: [UInt8]] {
        var values: [[UInt8]: [UInt8]] = [:]
        for attribute in record.attributes { values[attribute.name] = attribute.value.value }
        return values
    }
}

/// How a member's folder differs from what is agreed at a path.
public enum LocalDifference: String, Hashable, Sendable, CaseIterable {
    case edited, added, deleted
    /// Only times, permissions or attributes.
    case metadata
    /// A new entry of others has no place here: its directory was deleted or replaced.
    case missing
}
