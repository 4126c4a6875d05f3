internal import CLinux
public import SyncModel

/// What stat tells of an entry.
public struct EntryStat: Hashable, Sendable {
    public var state: DiskState
    /// The mount it lies on, 0 where the kernel does not tell. Device numbers alone do not show a bind mount.
    public var mount: UInt64
    /// Blocks of 512 bytes that it occupies.
    public var blocks: UInt64

    init(_ found: linux_stat) {
        let kind: EntryKind =
            switch found.mode & linux_S_IFMT {
            case linux_S_IFREG: .file
            case linux_S_IFDIR: .directory
            case linux_S_IFLNK: .symlink
            default: .other
            }
        state = DiskState(
            kind: kind, device: found.device, inode: found.inode, size: found.size,
            modified: Timestamp(seconds: found.modified_seconds, nanoseconds: found.modified_nanoseconds),
            changed: Timestamp(seconds: found.changed_seconds, nanoseconds: found.changed_nanoseconds),
            mode: UInt16(found.mode & 0o7777), links: found.links)
        mount = found.mount
        blocks = found.blocks
    }

    /// The stat of `name` in the directory, of a symlink itself; nil if there is none.
    static func of(_ name: some Collection<UInt8>, in directory: Int32) throws(Errno) -> EntryStat? {
        var found = linux_stat()
        let result = withName(name) { linux_statat(directory, $0, &found) }
        if result == -linux_ENOENT { return nil }
        try Errno.check(result)
        return EntryStat(found)
    }
}
