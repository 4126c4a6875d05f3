public import SyncModel

/// What stands at a path, as far as it could be read.
public enum EntryFound: Hashable, Sendable {
    /// Nothing: its directory, if there is one, could be looked into. The only value that may become a deletion.
    case absent
    case directory(DiskState, attributes: [AttributeSet.Entry])
    case symlink(DiskState, target: [UInt8])
    /// A file, its content and, where it has at least two, its chunks.
    case file(DiskState, FileContent, attributes: [AttributeSet.Entry], chunks: [ChunkReference]?)
    /// Something may stand there that can't be read or is none of the kinds that are synced: what is known of the path,
    /// and of everything below it, stays as it is.
    case unknown(Problem)
}

/// One look at one path.
public struct EntryReading: Hashable, Sendable {
    public let path: RelativePath
    public let found: EntryFound
    /// What a person should know although the path was read: hard links.
    public let notes: [Problem]
    /// The entry was changed so shortly before it was read that a further change might leave its stat as it is (rule
    /// 13): read it again, once that time has passed, before its stat is trusted.
    public let isRacy: Bool

    public init(path: RelativePath, found: EntryFound, notes: [Problem] = [], isRacy: Bool = false) {
        self.path = path
        self.found = found
        self.notes = notes
        self.isRacy = isRacy
    }
}
