internal import SyncModel

extension RecordCodec {
    /// The first part of a blob: what stands on the disk.
    struct Head {
        var flags: Flags
        var size: UInt64 = 0
        /// Link target, or path moved to.
        var string: [UInt8] = []
        var modified: Timestamp?
        var mode: FileMode?
        var disk: DiskState?
    }

    /// Reads the first part. `kind` and `inode` are the row's columns.
    static func head(_ reader: inout ByteReader, kind: Int64, inode: UInt64) throws -> Head {
        guard try reader.byte() == format else { throw IndexError.damaged("a row of an unknown format") }
        let flags = Flags(rawValue: try reader.number())
        var head = Head(flags: flags)
        switch kind {
        case 1: head.size = try reader.number()
        case 3: head.string = try reader.string(limit: Limits.symlinkBytes)
        case 0: if flags.contains(.movedTo) { head.string = try reader.string(limit: Limits.pathBytes) }
        default: break
        }
        if flags.contains(.modified) { head.modified = try reader.time() }
        if flags.contains(.mode) { head.mode = FileMode(UInt16(try reader.count(limit: 0o777))) }
        if flags.contains(.disk) { head.disk = try disk(&reader, head, kind: kind, inode: inode) }
        return head
    }

    private static func disk(
        _ reader: inout ByteReader, _ head: Head, kind: Int64, inode: UInt64
    ) throws -> DiskState {
        let kindNumber = head.flags.contains(.otherKind) ? try reader.byte() : UInt8(truncatingIfNeeded: kind)
        guard let entryKind = EntryKind(rawValue: kindNumber) else { throw IndexError.damaged("an unknown kind") }
        let device = try reader.number()
        let size = head.flags.contains(.sameSize) ? head.size : try reader.number()
        var modified = head.modified
        if !head.flags.contains(.sameModified) { modified = try reader.time() }
        guard let modified else { throw IndexError.damaged("a stat without mtime") }
        let difference = try reader.signed()
        let changed = Timestamp(
            seconds: modified.seconds &+ difference, nanoseconds: UInt32(try reader.count(limit: 999_999_999)))
        var mode = head.mode?.bits
        if !head.flags.contains(.sameMode) { mode = UInt16(try reader.count(limit: Int(UInt16.max))) }
        guard let mode else { throw IndexError.damaged("a stat without mode") }
        let links = head.flags.contains(.oneLink) ? 1 : UInt32(try reader.count(limit: Int(UInt32.max)))
        return DiskState(
            kind: entryKind, device: device, inode: inode, size: size, modified: modified, changed: changed, mode: mode,
            links: links)
    }

    /// The whole of a blob.
    func decode(
        _ reader: inout ByteReader, path: RelativePath, kind: Int64, inode: UInt64
    ) throws -> (FileRecord, DiskState?) {
        let head = try Self.head(&reader, kind: kind, inode: inode)
        let content = try content(&reader, head, kind: kind)
        let origin = try origin(&reader)
        let version = head.flags.contains(.firstEdit) ? VersionVector(origin) : try vector(&reader)
        var record = FileRecord(
            path: path, content: content, version: version, origin: origin, edits: try reader.number())
        if let time = head.modified { record.modified = Stamped(time, at: try stamp(&reader)) }
        if let mode = head.mode {
            if head.flags.contains(.sameStamp), let stamp = record.modified?.stamp {
                record.mode = Stamped(mode, at: stamp)
            } else {
                record.mode = Stamped(mode, at: try stamp(&reader))
            }
        }
        if head.flags.contains(.attributes) { record.attributes = try attributes(&reader) }
        if head.flags.contains(.movedFrom) {
            let path = try reader.path()
            record.movedFrom = MoveSource(path: path, origin: try self.origin(&reader))
        }
        if head.flags.contains(.conflictOf) { record.conflictOf = try reader.path() }
        if head.flags.contains(.lineage) { record.lineage = try lineage(&reader, of: path) }
        return (record, head.disk)
    }

    /// What `encode(agreed:)` wrote.
    func decode(agreed bytes: UnsafeRawBufferPointer, path: RelativePath) throws -> FileRecord? {
        if bytes.isEmpty { return nil }
        var reader = ByteReader(bytes)
        let kind = Int64(try reader.byte())
        let (record, _) = try decode(&reader, path: path, kind: kind, inode: 0)
        guard reader.isAtEnd else { throw IndexError.damaged("an agreed record with bytes left over") }
        return record
    }

    private func content(_ reader: inout ByteReader, _ head: Head, kind: Int64) throws -> Content {
        switch kind {
        case 0 where head.flags.contains(.movedTo): .deleted(movedTo: try Self.path(head.string))
        case 0: .deleted(movedTo: nil)
        case 1: .file(FileContent(size: head.size, hash: ContentHash(try reader.hash())))
        case 2: .directory
        case 3: .symlink(target: head.string)
        default: throw IndexError.damaged("an unknown kind")
        }
    }

    func vector(_ reader: inout ByteReader) throws -> VersionVector {
        var entries: [Origin] = []
        for _ in 0..<(try reader.count(limit: Limits.vectorEntries)) { entries.append(try origin(&reader)) }
        return VersionVector(entries)
    }

    private func origin(_ reader: inout ByteReader) throws -> Origin {
        let author = try names.author(Int64(try reader.count(limit: Limits.indexNames)), database)
        return Origin(author: author, counter: try reader.number())
    }

    private func lineage(_ reader: inout ByteReader, of path: RelativePath) throws -> [Place] {
        var places: [Place] = []
        for _ in 0..<(try reader.count(limit: Limits.lineagePlaces)) {
            let bytes = try reader.string(limit: Limits.pathBytes)
            let place = bytes.isEmpty ? path : try Self.path(bytes)
            let arrival = try origin(&reader)
            let edit = try reader.byte() == 0 ? nil : try origin(&reader)
            places.append(Place(path: place, arrival: arrival, edit: edit))
        }
        return places
    }

    private func stamp(_ reader: inout ByteReader) throws -> Stamp {
        let counter = try reader.number()
        return Stamp(
            counter: counter, device: try names.device(Int64(try reader.count(limit: Limits.indexNames)), database))
    }

    private func attributes(_ reader: inout ByteReader) throws -> [ExtendedAttribute] {
        var attributes: [ExtendedAttribute] = []
        for _ in 0..<(try reader.count(limit: Limits.attributeCount)) {
            let name = try reader.string(limit: Limits.attributeBytes)
            let value = try reader.byte() == 0 ? nil : try reader.string(limit: Limits.attributeBytes)
            attributes.append(ExtendedAttribute(name: name, value: Stamped(value, at: try stamp(&reader))))
        }
        return attributes
    }

    /// A stored path; one that breaks a rule is damage.
    static func path(_ bytes: [UInt8]) throws -> RelativePath {
        do { return try RelativePath(bytes) } catch { throw IndexError.damaged("an invalid path") }
    }

    static func path(sortKey: UnsafeRawBufferPointer) throws -> RelativePath {
        do { return try RelativePath(sortKey: [UInt8](sortKey)) } catch { throw IndexError.damaged("an invalid path") }
    }
}

extension ByteReader {
    mutating func time() throws -> Timestamp {
        let seconds = try signed()
        return Timestamp(seconds: seconds, nanoseconds: UInt32(try count(limit: 999_999_999)))
    }

    mutating func path() throws -> RelativePath { try RecordCodec.path(try string(limit: Limits.pathBytes)) }
}
