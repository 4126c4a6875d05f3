/// The kind of a directory entry, as far as it matters here.
public enum EntryKind: UInt8, Hashable, Sendable {
    case file = 1
    case directory = 2
    case symlink = 3
    /// A socket, FIFO or device: reported, never synced.
    case other = 4
}

/// The stat of an entry when its content was last read or written by us: as long as it is the same, so is the content,
/// unless the row is racy (rule 13).
public struct DiskState: Hashable, Sendable {
    public var kind: EntryKind
    /// Device number and inode.
    public var device: UInt64
    public var inode: UInt64
    public var size: UInt64
    public var modified: Timestamp
    /// ctime: moved forward by every change, and not settable.
    public var changed: Timestamp
    /// The lowest twelve bits as read back: a file system may not keep what was set (rule 4).
    public var mode: UInt16
    public var links: UInt32

    public init(
        kind: EntryKind, device: UInt64, inode: UInt64, size: UInt64, modified: Timestamp, changed: Timestamp,
        mode: UInt16, links: UInt32
    ) {
        self.kind = kind
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
        self.mode = mode
        self.links = links
    }

    /// Which entry of all mounted file systems it is.
    public var entry: EntryNumber { EntryNumber(device: device, inode: inode) }

    /// Whether the two may be taken for the same bytes: kind, inode, size, mtime and ctime agree. For directories only
    /// kind and inode count, because everything else moves with their entries.
    public func sameContent(as other: DiskState) -> Bool {
        guard kind == other.kind, inode == other.inode, device == other.device else { return false }
        if kind == .directory { return true }
        return size == other.size && modified == other.modified && changed == other.changed
    }
}

/// What an entry keeps when it is renamed, and another may have once it is gone.
public struct EntryNumber: Hashable, Sendable {
    /// Of the file system, until it is mounted anew.
    public let device: UInt64
    public let inode: UInt64

    public init(device: UInt64, inode: UInt64) { (self.device, self.inode) = (device, inode) }
}
