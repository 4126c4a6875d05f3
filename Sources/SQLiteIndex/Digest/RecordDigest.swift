internal import Cryptography
public import SyncModel

/// The canonical bytes of a record, which every device must make alike: the root digest and the log's running hash are
/// made from them. The layout: the page Digest of this module's documentation.
public enum RecordDigest {
    /// Raised when the layout changes; devices of different layouts never compare equal.
    public static let format: UInt8 = 1

    /// Everything that is agreed of a path; `movedFrom` and lineage are hints and left out.
    public static func encode(_ record: FileRecord) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.byte(format)
        writer.string(record.path.bytes)
        encode(record.content, &writer)
        writer.uint32(record.version.entries.count)
        for entry in record.version.entries { writer.origin(entry) }
        writer.origin(record.origin)
        writer.uint64(record.edits)
        writer.optional(record.modified) { writer, modified in
            writer.uint64(UInt64(bitPattern: modified.value.seconds))
            writer.uint32(Int(modified.value.nanoseconds))
            writer.stamp(modified.stamp)
        }
        writer.optional(record.mode) { writer, mode in
            writer.uint32(Int(mode.value.bits))
            writer.stamp(mode.stamp)
        }
        writer.uint32(record.attributes.count)
        for attribute in record.attributes {
            writer.string(attribute.name)
            writer.optional(attribute.value.value) { $0.string($1) }
            writer.stamp(attribute.value.stamp)
        }
        writer.optional(record.conflictOf) { $0.string($1.bytes) }
        return writer.bytes
    }

    private static func encode(_ content: Content, _ writer: inout CanonicalWriter) {
        switch content {
        case .deleted(let movedTo):
            writer.byte(0)
            writer.optional(movedTo) { $0.string($1.bytes) }
        case .file(let content):
            writer.byte(1)
            writer.uint64(content.size)
            writer.hash(content.hash.raw)
        case .directory: writer.byte(2)
        case .symlink(let target):
            writer.byte(3)
            writer.string(target)
        }
    }

    /// SHA-256 of the canonical bytes: what range repair compares.
    public static func digest(_ record: FileRecord) -> Bytes32 { SHA256.hash(encode(record)) }

    /// The bucket of a path, 0 ... 255: the first byte of the SHA-256 of its bytes.
    public static func bucket(of path: RelativePath) -> Int { Int(SHA256.hash(path.bytes).prefix >> 56) }
}

/// Fixed-width big-endian numbers; byte strings after their length.
private struct CanonicalWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(384) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// `value` is a count or length within `Limits`.
    mutating func uint32(_ value: Int) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func uint64(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func hash(_ value: Bytes32) { value.append(to: &bytes) }

    mutating func string(_ value: [UInt8]) {
        uint32(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func origin(_ origin: Origin) {
        hash(origin.author.device.raw)
        uint64(origin.author.epoch.number)
        uint64(origin.counter)
    }

    mutating func stamp(_ stamp: Stamp) {
        uint64(stamp.counter)
        hash(stamp.device.raw)
    }

    /// The byte 0, or the byte 1 and the value.
    mutating func optional<Value>(_ value: Value?, _ write: (inout CanonicalWriter, Value) -> Void) {
        guard let value else { return byte(0) }
        byte(1)
        write(&self, value)
    }
}
