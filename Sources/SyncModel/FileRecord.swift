/// The identity of a regular file's bytes.
public struct FileContent: Hashable, Sendable {
    /// In bytes.
    public let size: UInt64
    public let hash: ContentHash

    public init(size: UInt64, hash: ContentHash) { (self.size, self.hash) = (size, hash) }
}

/// What stands at a path.
public enum Content: Hashable, Sendable {
    case file(FileContent)
    case directory
    /// A symbolic link and its target's bytes, synced as a link and never followed.
    case symlink(target: [UInt8])
    /// Nothing: a tombstone. `movedTo` is where a move took what stood here.
    case deleted(movedTo: RelativePath?)

    public var isDeleted: Bool { if case .deleted = self { true } else { false } }
    public var isDirectory: Bool { self == .directory }

    /// The file's size in bytes, 0 for everything else.
    public var size: UInt64 { if case .file(let content) = self { content.size } else { 0 } }

    /// By what it is remembered at its path once something else is agreed there (rule 8): a file by its content, a link
    /// by the size of its target and a hash that no likely file has. Nil for what has no content.
    /// - Parameter hashing: SHA-256.
    public func trace(hashing: ([UInt8]) -> Bytes32) -> FileContent? {
        switch self {
        case .file(let content): content
        case .symlink(let target):
            FileContent(size: UInt64(target.count), hash: ContentHash(hashing(Array("link\0".utf8) + target)))
        case .directory: FileContent(size: 9, hash: ContentHash(hashing(Array("directory\0".utf8))))
        case .deleted: nil
        }
    }
}

/// Permission bits that are synced: the lowest nine. Setuid, setgid and sticky never are (rule 4).
public struct FileMode: Hashable, Sendable {
    public let bits: UInt16

    public init(_ bits: UInt16) { self.bits = bits & 0o777 }

    public static let file = FileMode(0o644)
    public static let directory = FileMode(0o755)
    public static let symlink = FileMode(0o777)
}

/// One extended attribute of the `user.` name space; a nil value is a removed one.
public struct ExtendedAttribute: Hashable, Sendable {
    public let name: [UInt8]
    public var value: Stamped<[UInt8]?>

    public init(name: [UInt8], value: Stamped<[UInt8]?>) { (self.name, self.value) = (name, value) }
}

/// Where a moved record came from.
public struct MoveSource: Hashable, Sendable {
    public let path: RelativePath
    /// The origin of the content that was moved.
    public let origin: Origin

    public init(path: RelativePath, origin: Origin) { (self.path, self.origin) = (path, origin) }
}

/// A place where a file stood on its way to where it is.
public struct Place: Hashable, Sendable {
    public let path: RelativePath
    /// The edit that brought it there: a move, or at the first place the one that made it.
    public let arrival: Origin
    /// The last edit of its content there before it went on; nil if there was none.
    public var edit: Origin?

    public init(path: RelativePath, arrival: Origin, edit: Origin? = nil) {
        (self.path, self.arrival, self.edit) = (path, arrival, edit)
    }
}

/// What is agreed of one path: the unit that devices exchange and merge.
public struct FileRecord: Hashable, Sendable {
    public var path: RelativePath
    public var content: Content
    /// What this content has seen. Metadata changes do not touch it.
    public var version: VersionVector
    /// The edit that made this content (or this deletion); always covered by `version`.
    public var origin: Origin
    /// 1 + the greatest of the parents': how the winner of a conflict is chosen, without clocks (rule 1).
    public var edits: UInt64
    /// Modification time, of files and symlinks; it follows the content, and a bare touch has a newer stamp (rule 3).
    public var modified: Stamped<Timestamp>?
    /// Permission bits; nil for symlinks and tombstones.
    public var mode: Stamped<FileMode>?
    /// Sorted by name.
    public var attributes: [ExtendedAttribute]
    /// A hint, outside the digest: this record is a move of what stood there.
    public var movedFrom: MoveSource?
    /// A hint, outside the digest: the places of what was moved or edited, from the first that is known to the one
    /// where it stands. So two records can be told to be of one file, which moves took apart. Empty where it only stood
    /// here, unedited; at most `Limits.lineagePlaces`.
    public var lineage: [Place] = []
    /// Set on a conflict copy: the path whose conflict it lost (rule 5).
    public var conflictOf: RelativePath?

    public init(
        path: RelativePath, content: Content, version: VersionVector, origin: Origin, edits: UInt64,
        modified: Stamped<Timestamp>? = nil, mode: Stamped<FileMode>? = nil, attributes: [ExtendedAttribute] = [],
        movedFrom: MoveSource? = nil, conflictOf: RelativePath? = nil
    ) {
        self.path = path
        self.content = content
        self.version = version
        self.origin = origin
        self.edits = edits
        self.modified = modified
        self.mode = mode
        self.attributes = attributes
        self.movedFrom = movedFrom
        self.conflictOf = conflictOf
    }

    public var isDeleted: Bool { content.isDeleted }
}

extension FileRecord {
    /// What stands for no record: a tombstone that nobody made and that has seen nothing. Whatever is agreed wins over
    /// it. It is never told, and never counts.
    public static func nothing(at path: RelativePath, author: Author) -> FileRecord {
        FileRecord(
            path: path, content: .deleted(movedTo: nil), version: VersionVector(),
            origin: Origin(author: author, counter: 0), edits: 0)
    }

    public var isNothing: Bool { isDeleted && version.entries.isEmpty }
}
