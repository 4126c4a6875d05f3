import SyncModel

extension FileRecord {
    /// Writes it after a record at `previous`; all its authors are in `table`.
    func write(
        to writer: inout WireWriter, after previous: RelativePath?, table: inout AuthorTable
    ) throws(WireError) {
        try check(at: writer.bytes.count)
        let kind: RecordFlags.Kind =
            switch content {
            case .file: .file
            case .directory: .directory
            case .symlink: .symlink
            case .deleted(nil): .deleted
            case .deleted: .moved
            }
        let flags = RecordFlags(self, kind: kind)
        flags.write(to: &writer)
        writer.path(path.bytes, after: previous?.bytes ?? [])
        switch content {
        case .file(let file): try writer.fileContent(file)
        case .symlink(let target): try writer.slice(target, Limits.symlinkBytes, "link target")
        case .deleted(.some(let target)): try writer.path(target)
        case .directory, .deleted(nil): break
        }
        try writer.origin(origin, of: &table)
        try writer.counter(edits, "number of edits")
        if !flags.contains(.firstEdit) {
            try writer.count(version.entries.count, Limits.vectorEntries, "version")
            for entry in version.entries { try writer.origin(entry, of: &table) }
        }
        try writeMetadata(to: &writer, table: &table)
        if let movedFrom {
            try writer.path(movedFrom.path)
            try writer.origin(movedFrom.origin, of: &table)
        }
        if let conflictOf { try writer.path(conflictOf) }
        if !lineage.isEmpty { try writeLineage(to: &writer, table: &table) }
    }

    /// Each place's path after that of the place before it, the first one's after the record's.
    private func writeLineage(to writer: inout WireWriter, table: inout AuthorTable) throws(WireError) {
        try writer.count(lineage.count, Limits.lineagePlaces, "lineage")
        var previous = path
        for place in lineage {
            writer.path(place.path.bytes, after: previous.bytes)
            try writer.origin(place.arrival, of: &table)
            writer.flag(place.edit != nil)
            if let edit = place.edit { try writer.origin(edit, of: &table) }
            previous = place.path
        }
    }

    private func writeMetadata(to writer: inout WireWriter, table: inout AuthorTable) throws(WireError) {
        if let modified {
            let seconds = modified.value.seconds
            writer.varint(UInt64(bitPattern: seconds << 1 ^ seconds >> 63))
            writer.fixed(modified.value.nanoseconds)
            try writer.stamp(modified.stamp, of: &table)
        }
        if let mode {
            writer.fixed(mode.value.bits)
            try writer.stamp(mode.stamp, of: &table)
        }
        guard !attributes.isEmpty else { return }
        try writer.list(attributes, Limits.attributeCount, "attributes") { (writer, attribute) throws(WireError) in
            try writer.slice(attribute.name, Limits.nameBytes, "attribute name")
            writer.flag(attribute.value.value != nil)
            if let value = attribute.value.value { try writer.slice(value, Limits.attributeBytes, "attribute value") }
            try writer.stamp(attribute.value.stamp, of: &table)
        }
    }

    static func read(
        from reader: inout WireReader, after previous: RelativePath?, table: borrowing AuthorTable
    ) throws(WireError) -> FileRecord {
        let (flags, kind) = try RecordFlags.read(from: &reader)
        let path = try reader.path(after: previous?.bytes ?? [])
        let content: Content =
            switch kind {
            case .file: .file(try reader.fileContent())
            case .directory: .directory
            case .symlink: .symlink(target: Array(try reader.slice(Limits.symlinkBytes, "link target")))
            case .deleted: .deleted(movedTo: nil)
            case .moved: .deleted(movedTo: try reader.path("path that it moved to"))
            }
        let origin = try reader.origin(of: table)
        let edits = try reader.counter("number of edits")
        let isFirst = flags.contains(.firstEdit)
        let version = isFirst ? VersionVector(origin) : try reader.version(of: table, not: origin)
        var record = FileRecord(path: path, content: content, version: version, origin: origin, edits: edits)
        try record.readMetadata(from: &reader, flags, table: table)
        if flags.contains(.movedFrom) {
            let source = try reader.path("path that it moved from")
            record.movedFrom = MoveSource(path: source, origin: try reader.origin(of: table))
        }
        if flags.contains(.conflictOf) { record.conflictOf = try reader.path("path of the conflict") }
        if flags.contains(.lineage) { try record.readLineage(from: &reader, table: table) }
        if flags.contains(.extensions) { try reader.extensions() }
        try record.check(at: reader.offset)
        return record
    }

    private mutating func readLineage(
        from reader: inout WireReader, table: borrowing AuthorTable
    ) throws(WireError) {
        let count = try reader.count(Limits.lineagePlaces, least: 5, "lineage")
        guard count > 0 else { throw reader.failure(.notCanonical, "The lineage is empty.") }
        var previous = path
        for _ in 0..<count {
            let path = try reader.path(after: previous.bytes)
            let arrival = try reader.origin(of: table)
            let isEdited = try reader.flag("lineage flag")
            lineage.append(Place(path: path, arrival: arrival, edit: isEdited ? try reader.origin(of: table) : nil))
            previous = path
        }
    }

    private mutating func readMetadata(
        from reader: inout WireReader, _ flags: RecordFlags, table: borrowing AuthorTable
    ) throws(WireError) {
        if flags.contains(.modified) {
            let zigzag = try reader.varint(.max, "modification time")
            let nanoseconds = try reader.fixed(UInt32.self, "nanoseconds")
            guard nanoseconds < 1_000_000_000 else {
                throw reader.failure(.overLimit, "The modification time has \(nanoseconds) nanoseconds.")
            }
            let seconds = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
            let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
            modified = Stamped(time, at: try reader.stamp(of: table))
        }
        if flags.contains(.mode) {
            let bits = try reader.fixed(UInt16.self, "mode")
            guard bits <= 0o777 else { throw reader.failure(.overLimit, "The mode has more than nine bits.") }
            mode = Stamped(FileMode(bits), at: try reader.stamp(of: table))
        }
        guard flags.contains(.attributes) else { return }
        let count = try reader.count(Limits.attributeCount, least: 9, "attributes")
        guard count > 0 else { throw reader.failure(.notCanonical, "The list of attributes is empty.") }
        attributes.reserveCapacity(count)
        for _ in 0..<count {
            let name = Array(try reader.slice(Limits.nameBytes, "attribute name"))
            let isSet = try reader.flag("attribute flag")
            let value = isSet ? Array(try reader.slice(Limits.attributeBytes, "attribute value")) : nil
            attributes.append(ExtendedAttribute(name: name, value: Stamped(value, at: try reader.stamp(of: table))))
        }
    }
}

extension WireWriter {
    /// How many bytes are those of `previous`, and the rest.
    mutating func path(_ path: [UInt8], after previous: [UInt8]) {
        var shared = 0
        let most = min(path.count, previous.count)
        while shared < most, path[shared] == previous[shared] { shared += 1 }
        varint(UInt64(shared))
        varint(UInt64(path.count - shared))
        raw(path[shared...])
    }
}

extension WireReader {
    mutating func path(after previous: [UInt8]) throws(WireError) -> RelativePath {
        let shared = Int(try varint(UInt64(previous.count), "shared part of the path"))
        let rest = try slice(Limits.pathBytes - shared, "path")
        if let first = rest.first, shared < previous.count, first == previous[shared] {
            throw failure(.notCanonical, "The path shares more with the one before than it says.")
        }
        if shared == 0 { return try checkedPath(Array(rest), "path") }
        var path: [UInt8] = []
        path.reserveCapacity(shared + rest.count)
        path.append(contentsOf: previous[..<shared])
        path.append(contentsOf: rest)
        return try checkedPath(path, "path")
    }

    /// The version of a record, which isn't exactly its origin.
    mutating func version(of table: borrowing AuthorTable, not origin: Origin) throws(WireError) -> VersionVector {
        let count = try count(Limits.vectorEntries, least: 2, "version")
        guard count > 0 else { throw failure(.inconsistent, "The version is empty.") }
        var origins: [Origin] = []
        origins.reserveCapacity(count)
        var last = -1
        for _ in 0..<count {
            let place = try place(in: table.authors.count, "author")
            guard place > last else { throw failure(.notAscending, "The authors of a version do not ascend.") }
            last = place
            origins.append(Origin(author: table.authors[place], counter: try counter("edit counter")))
        }
        if count == 1, origins[0] == origin {
            throw failure(.notCanonical, "The version is the origin and need not be written.")
        }
        guard let version = VersionVector(ascending: origins) else {
            throw failure(.notAscending, "The authors of a version do not ascend.")
        }
        return version
    }
}
