internal import GRDB
internal import SyncModel

/// The `detail` blob of a row: what of a record and its stat has no column of its own. Ours alone, never sent.
///
/// Format 1: the byte 1, flags (number), then size or link target or `movedTo`, mtime, mode, stat; then content hash,
/// version, origin, edits, stamps, attributes, `movedFrom`, `conflictOf`, lineage. What a stat repeats of its record is
/// left out. The first part is all that a walk over the index reads.
struct RecordCodec {
    let names: Names
    let database: Database

    static let format: UInt8 = 1

    /// Which optional parts follow, and what is left out because it is the same as something else.
    struct Flags: OptionSet {
        let rawValue: UInt64
        static let disk = Flags(rawValue: 1 << 0)
        static let modified = Flags(rawValue: 1 << 1)
        static let mode = Flags(rawValue: 1 << 2)
        static let sameSize = Flags(rawValue: 1 << 3)
        static let sameModified = Flags(rawValue: 1 << 4)
        static let sameMode = Flags(rawValue: 1 << 5)
        static let oneLink = Flags(rawValue: 1 << 6)
        /// Version is exactly the origin.
        static let firstEdit = Flags(rawValue: 1 << 7)
        static let sameStamp = Flags(rawValue: 1 << 8)
        static let attributes = Flags(rawValue: 1 << 9)
        static let movedFrom = Flags(rawValue: 1 << 10)
        static let conflictOf = Flags(rawValue: 1 << 11)
        static let movedTo = Flags(rawValue: 1 << 12)
        /// The entry's kind is not the record's.
        static let otherKind = Flags(rawValue: 1 << 13)
        static let lineage = Flags(rawValue: 1 << 14)
    }

    /// The number of the `kind` column.
    static func kind(of content: Content) -> Int64 {
        switch content {
        case .deleted: 0
        case .file: 1
        case .directory: 2
        case .symlink: 3
        }
    }

    private static func flags(_ record: FileRecord, _ disk: DiskState?) -> Flags {
        var flags: Flags = []
        if let modified = record.modified {
            flags.insert(.modified)
            if disk?.modified == modified.value { flags.insert(.sameModified) }
            if modified.stamp == record.mode?.stamp { flags.insert(.sameStamp) }
        }
        if let mode = record.mode {
            flags.insert(.mode)
            if disk?.mode == mode.value.bits { flags.insert(.sameMode) }
        }
        if let disk {
            flags.insert(.disk)
            if disk.size == record.content.size { flags.insert(.sameSize) }
            if disk.links == 1 { flags.insert(.oneLink) }
            if Int64(disk.kind.rawValue) != kind(of: record.content) { flags.insert(.otherKind) }
        }
        if record.version == VersionVector(record.origin) { flags.insert(.firstEdit) }
        if !record.attributes.isEmpty { flags.insert(.attributes) }
        if record.movedFrom != nil { flags.insert(.movedFrom) }
        if record.conflictOf != nil { flags.insert(.conflictOf) }
        if !record.lineage.isEmpty { flags.insert(.lineage) }
        if case .deleted(.some) = record.content { flags.insert(.movedTo) }
        return flags
    }

    // MARK: Writing

    func encode(_ record: FileRecord, disk: DiskState?) throws -> [UInt8] {
        var writer = ByteWriter()
        try encode(record, disk: disk, into: &writer)
        return writer.bytes
    }

    func encode(_ record: FileRecord, disk: DiskState?, into writer: inout ByteWriter) throws {
        let flags = Self.flags(record, disk)
        writer.byte(Self.format)
        writer.number(flags.rawValue)
        switch record.content {
        case .file(let content): writer.number(content.size)
        case .symlink(let target): writer.string(target)
        case .deleted(.some(let path)): writer.string(path.bytes)
        case .directory, .deleted(.none): break
        }
        if let modified = record.modified { writer.time(modified.value) }
        if let mode = record.mode { writer.number(UInt64(mode.value.bits)) }
        if let disk { encode(disk, flags, into: &writer) }
        if case .file(let content) = record.content { writer.raw(content.hash.raw) }
        try encodeVersion(record, flags, into: &writer)
        writer.number(record.edits)
        if let modified = record.modified { try encode(modified.stamp, into: &writer) }
        if let mode = record.mode, !flags.contains(.sameStamp) { try encode(mode.stamp, into: &writer) }
        if flags.contains(.attributes) { try encode(record.attributes, into: &writer) }
        if let source = record.movedFrom {
            writer.string(source.path.bytes)
            try encode(source.origin, into: &writer)
        }
        if let path = record.conflictOf { writer.string(path.bytes) }
        if flags.contains(.lineage) { try encode(record.lineage, of: record.path, into: &writer) }
    }

    /// A place at the record's own path has an empty one.
    private func encode(_ lineage: [Place], of path: RelativePath, into writer: inout ByteWriter) throws {
        writer.number(UInt64(lineage.count))
        for place in lineage {
            writer.string(place.path == path ? [] : place.path.bytes)
            try encode(place.arrival, into: &writer)
            writer.byte(place.edit == nil ? 0 : 1)
            if let edit = place.edit { try encode(edit, into: &writer) }
        }
    }

    /// The `local` blob of a local row: nothing where nothing is agreed, or the record's kind and its `detail`.
    func encode(agreed record: FileRecord?) throws -> [UInt8] {
        var writer = ByteWriter()
        guard let record else { return writer.bytes }
        writer.byte(UInt8(Self.kind(of: record.content)))
        try encode(record, disk: nil, into: &writer)
        return writer.bytes
    }

    private func encode(_ disk: DiskState, _ flags: Flags, into writer: inout ByteWriter) {
        if flags.contains(.otherKind) { writer.byte(disk.kind.rawValue) }
        writer.number(disk.device)
        if !flags.contains(.sameSize) { writer.number(disk.size) }
        if !flags.contains(.sameModified) { writer.time(disk.modified) }
        writer.signed(disk.changed.seconds &- disk.modified.seconds)
        writer.number(UInt64(disk.changed.nanoseconds))
        if !flags.contains(.sameMode) { writer.number(UInt64(disk.mode)) }
        if !flags.contains(.oneLink) { writer.number(UInt64(disk.links)) }
    }

    private func encodeVersion(_ record: FileRecord, _ flags: Flags, into writer: inout ByteWriter) throws {
        try encode(record.origin, into: &writer)
        if flags.contains(.firstEdit) { return }
        try encode(record.version, into: &writer)
    }

    func encode(_ vector: VersionVector, into writer: inout ByteWriter) throws {
        writer.number(UInt64(vector.entries.count))
        for entry in vector.entries { try encode(entry, into: &writer) }
    }

    private func encode(_ origin: Origin, into writer: inout ByteWriter) throws {
        writer.number(UInt64(try names.number(of: origin.author, database)))
        writer.number(origin.counter)
    }

    private func encode(_ stamp: Stamp, into writer: inout ByteWriter) throws {
        writer.number(stamp.counter)
        writer.number(UInt64(try names.number(of: stamp.device, database)))
    }

    private func encode(_ attributes: [ExtendedAttribute], into writer: inout ByteWriter) throws {
        writer.number(UInt64(attributes.count))
        for attribute in attributes {
            writer.string(attribute.name)
            writer.byte(attribute.value.value == nil ? 0 : 1)
            if let value = attribute.value.value { writer.string(value) }
            try encode(attribute.value.stamp, into: &writer)
        }
    }
}

extension ByteWriter {
    mutating func time(_ time: Timestamp) {
        signed(time.seconds)
        number(UInt64(time.nanoseconds))
    }
}
