public import SyncModel

/// What an observation makes of a row.
public enum LocalChange: Hashable, Sendable {
    /// Nothing is new.
    case none
    /// Only the stat: the row keeps its record and sequence.
    case refresh(DiskState)
    /// A new record: an edit, a deletion, or metadata. It gets a sequence and is announced.
    case put(FileRecord, DiskState?)
}

/// Turns observations of the disk into records.
public enum LocalChanges {
    /// What one observation makes of `row`, moves aside.
    ///
    /// `target` is what a peer's announcement is about to make of the path: content that equals it is adopted with its
    /// version and is no new edit. Where it `isAwaiting` something that the target has seen, and that is still to be
    /// brought elsewhere, it is an edit all the same: the target is not to be told yet.
    public static func decide(
        _ observation: Observation, row: IndexRow?, target: FileRecord?, isAwaiting: Bool = false,
        context: inout EditContext
    ) -> LocalChange {
        let record = row?.record
        guard let content = observation.content, let disk = observation.found.disk else {
            guard let record, !record.isDeleted, row?.disk != nil else { return .none }
            if let target, target.isDeleted, !isAwaiting { return .put(target, nil) }
            let movedTo = record.content.isDirectory && observation.movedTo != record.path ? observation.movedTo : nil
            return .put(deletion(of: record, movedTo: movedTo, origin: context.nextOrigin()), nil)
        }
        // Something else is to stand here, or a wave took away what stood, and a user put the same here since: that is
        // his edit.
        let isPut = row?.disk.map { hasReplaced(disk, $0) } ?? true
        let isPutBack = isPut && !content.isDirectory && target.map { $0.content != content } ?? false
        if let record, record.content == content, !isPutBack {
            return metadataChange(of: record, observation, disk, readBack: row?.disk, context: &context)
        }
        if let target, target.content == content, !isAwaiting {
            let adopted = adopt(target, observation, disk)
            return .put(adopted, disk)
        }
        var edited = edit(of: record, observation, content, disk, row?.disk, context: &context)
        // The same once more is no further edit: it must not win over one, but over a deletion.
        if isPutBack, row?.disk != nil, let record, record.content == content, target?.isDeleted == false {
            edited.edits = record.edits
        }
        // Nor must who has what the target won over take this for less than the target.
        if isAwaiting, let target, target.content == content { edited.edits = max(edited.edits, target.edits) }
        return .put(edited, disk)
    }

    /// Whether somebody put another file where a known one stood. Some file systems number their files anew with each
    /// mount, and forget ctime then: it does not move forward.
    private static func hasReplaced(_ disk: DiskState, _ known: DiskState) -> Bool {
        known.device == disk.device && known.inode != disk.inode && known.changed < disk.changed
    }

    /// The tombstone that follows `record`.
    static func deletion(of record: FileRecord, movedTo: RelativePath?, origin: Origin) -> FileRecord {
        FileRecord(
            path: record.path, content: .deleted(movedTo: movedTo), version: record.version.inserting(origin),
            origin: origin, edits: record.edits + 1)
    }

    private static func edit(
        of record: FileRecord?, _ observation: Observation, _ content: Content, _ disk: DiskState,
        _ readBack: DiskState?, context: inout EditContext
    ) -> FileRecord {
        let origin = context.nextOrigin()
        var edited = FileRecord(
            path: observation.path, content: content, version: (record?.version ?? VersionVector()).inserting(origin),
            origin: origin, edits: (record?.edits ?? 0) + 1)
        if !content.isDirectory { edited.modified = context.stamp(disk.modified) }
        let sameKind = record.map { $0.content.kindNumber == content.kindNumber } ?? false
        edited.mode = sameKind ? record?.mode : nil
        edited.attributes = sameKind ? record?.attributes ?? [] : []
        applyMode(&edited, disk, readBack: sameKind ? readBack : nil, context: &context)
        applyAttributes(&edited, observation, context: &context)
        if let record, !record.isDeleted, !record.content.isDirectory, !content.isDirectory {
            edited.lineage = record.placed
        }
        edited.conflictOf = content.isDirectory ? nil : record?.conflictOf
        return edited
    }

    private static func metadataChange(
        of record: FileRecord, _ observation: Observation, _ disk: DiskState, readBack: DiskState?,
        context: inout EditContext
    ) -> LocalChange {
        var changed = record
        if !record.content.isDirectory, let readBack, readBack.modified != disk.modified {
            changed.modified = context.stamp(disk.modified)
        } else if readBack == nil, let modified = record.modified, modified.value != disk.modified {
            changed.modified = context.stamp(disk.modified)
        }
        applyMode(&changed, disk, readBack: readBack, context: &context)
        applyAttributes(&changed, observation, context: &context)
        if changed != record { return .put(changed, disk) }
        return readBack == disk ? .none : .refresh(disk)
    }

    /// Equal content takes the announced record and is no edit. Metadata that differs here is noted with the least
    /// stamp, so that the announced one wins over it and the next wave sets it.
    private static func adopt(_ target: FileRecord, _ observation: Observation, _ disk: DiskState) -> FileRecord {
        var adopted = target
        let never = Stamp(counter: 0, device: target.origin.author.device)
        if let mode = target.mode, mode.value != FileMode(disk.mode) {
            adopted.mode = Stamped(FileMode(disk.mode), at: never)
        }
        if let modified = target.modified, modified.value != disk.modified {
            adopted.modified = Stamped(disk.modified, at: never)
        }
        guard let observed = observation.attributes else { return adopted }
        let values = Dictionary(observed.map { ($0.name, $0.value) }) { first, _ in first }
        for index in adopted.attributes.indices {
            let found = values[adopted.attributes[index].name]
            if adopted.attributes[index].value.value != found {
                adopted.attributes[index].value = Stamped(found, at: never)
            }
        }
        // What the announced record does not name stays, everywhere.
        let names = Set(adopted.attributes.map(\.name))
        adopted.attributes += observed.filter { !names.contains($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: Stamped($0.value, at: never)) }
        adopted.attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return adopted
    }

    /// Only a change of what was read back is a change of mode (rule 4: vfat and NFS give other modes than were set).
    private static func applyMode(
        _ record: inout FileRecord, _ disk: DiskState, readBack: DiskState?, context: inout EditContext
    ) {
        if case .symlink = record.content { return record.mode = nil }
        let mode = FileMode(disk.mode)
        if let readBack, FileMode(readBack.mode) == mode, record.mode != nil { return }
        if record.mode?.value == mode { return }
        record.mode = context.stamp(mode)
    }

    private static func applyAttributes(
        _ record: inout FileRecord, _ observation: Observation, context: inout EditContext
    ) {
        guard let observed = observation.attributes else { return }
        var attributes: [ExtendedAttribute] = []
        var rest = record.attributes[...]
        for attribute in observed {
            while let old = rest.first, old.name.lexicographicallyPrecedes(attribute.name) {
                attributes.append(removed(old, context: &context))
                rest.removeFirst()
            }
            if let old = rest.first, old.name == attribute.name {
                rest.removeFirst()
                let same = old.value.value == attribute.value
                attributes.append(
                    same ? old : ExtendedAttribute(name: old.name, value: context.stamp(attribute.value)))
            } else {
                attributes.append(ExtendedAttribute(name: attribute.name, value: context.stamp(attribute.value)))
            }
        }
        for old in rest { attributes.append(removed(old, context: &context)) }
        record.attributes = attributes
    }

    private static func removed(_ old: ExtendedAttribute, context: inout EditContext) -> ExtendedAttribute {
        old.value.value == nil ? old : ExtendedAttribute(name: old.name, value: context.stamp(nil))
    }
}

extension Observation {
    /// The content found, nil if nothing stands there.
    public var content: Content? {
        switch found {
        case .absent: nil
        case .directory: .directory
        case .symlink(_, let target): .symlink(target: target)
        case .file(_, let content, _): .file(content)
        }
    }

    /// Sorted by name; nil where attributes are not read.
    var attributes: [ObservedAttribute]? {
        switch found {
        case .absent, .symlink: nil
        case .directory(_, let attributes), .file(_, _, let attributes): attributes
        }
    }
}

extension Content {
    /// A number a kind, to tell kinds apart.
    var kindNumber: Int {
        switch self {
        case .deleted: 0
        case .directory: 1
        case .symlink: 2
        case .file: 3
        }
    }
}
