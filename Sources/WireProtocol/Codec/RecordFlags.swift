import SyncModel

/// The first one or two bytes of a record: what it is and which fields it has.
struct RecordFlags: OptionSet {
    let rawValue: UInt16

    static let modified = RecordFlags(rawValue: 1 << 3)
    static let mode = RecordFlags(rawValue: 1 << 4)
    static let attributes = RecordFlags(rawValue: 1 << 5)
    /// A second byte follows.
    static let more = RecordFlags(rawValue: 1 << 6)
    /// The version is exactly the origin, and not written.
    static let firstEdit = RecordFlags(rawValue: 1 << 7)
    // The second byte:
    static let movedFrom = RecordFlags(rawValue: 1 << 8)
    static let conflictOf = RecordFlags(rawValue: 1 << 9)
    static let extensions = RecordFlags(rawValue: 1 << 10)
    static let lineage = RecordFlags(rawValue: 1 << 11)

    /// Every bit that means something, the kind among them.
    static let all = RecordFlags(rawValue: 0x0fff)

    /// The lowest three bits.
    enum Kind: UInt16 {
        case file = 1
        case directory = 2
        case symlink = 3
        case deleted = 4
        case moved = 5
    }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ record: FileRecord, kind: Kind) {
        var flags = RecordFlags(rawValue: kind.rawValue)
        if record.modified != nil { flags.insert(.modified) }
        if record.mode != nil { flags.insert(.mode) }
        if !record.attributes.isEmpty { flags.insert(.attributes) }
        if record.version.entries.count == 1, record.version.entries[0] == record.origin { flags.insert(.firstEdit) }
        if record.movedFrom != nil { flags.formUnion([.movedFrom, .more]) }
        if record.conflictOf != nil { flags.formUnion([.conflictOf, .more]) }
        if !record.lineage.isEmpty { flags.formUnion([.lineage, .more]) }
        self = flags
    }

    func write(to writer: inout WireWriter) {
        writer.byte(UInt8(truncatingIfNeeded: rawValue))
        if contains(.more) { writer.byte(UInt8(truncatingIfNeeded: rawValue >> 8)) }
    }

    static func read(from reader: inout WireReader) throws(WireError) -> (RecordFlags, Kind) {
        var flags = RecordFlags(rawValue: UInt16(try reader.byte("record flags")))
        if flags.contains(.more) {
            let second = try reader.byte("further record flags")
            guard second != 0 else {
                throw reader.failure(.notCanonical, "The further record flags are empty.")
            }
            flags.formUnion(RecordFlags(rawValue: UInt16(second) << 8))
        }
        guard flags.isSubset(of: .all), let kind = Kind(rawValue: flags.rawValue & 7) else {
            throw reader.failure(.invalidValue, "The record flags \(flags.rawValue) are not known.")
        }
        return (flags, kind)
    }
}
