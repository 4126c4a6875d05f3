internal import CLinux
internal import Cryptography
public import SyncModel

/// A folder that this process holds: its root, its marker, its own directories, and the lock that keeps every other
/// agent off for as long as this object lives (rule 14).
public final class OpenFolder: Sendable {
    public let root: FolderRoot
    public let identity: VolumeIdentity
    /// `.lanyard` and what is in it.
    let own: Descriptor
    let stageDirectory: Descriptor
    let historyDirectory: Descriptor
    private let lock: Descriptor

    /// Opens the folder at `path`, making it one if it carries no marker and `creating` is set.
    /// - Parameter replaced: a folder of this device that goes on as this one, whose marker is replaced (rule 18).
    /// - Throws: `.locked` when another agent holds it, `.wrongMarker` when it is another folder or the marker is
    ///   damaged, `.volumeChanged` when there is no marker and none is to be made, `.nestedFolder`, and what the system
    ///   answers.
    public init(
        at path: [UInt8], folder: FolderID, creating: Bool, replacing replaced: FolderID? = nil
    ) throws(FileSystemError) {
        let root = try FolderRoot(opening: path)
        self.root = root
        let shown = "'\(root.path)'"
        if !creating, try OpenFolder.marker(in: root) == nil { throw OpenFolder.noMarker(shown) }
        if creating { try OpenFolder.refuseNested(root) }
        do throws(Errno) {
            own = try OpenFolder.directory(RelativePath.reservedName, in: root.descriptor)
            lock = try OpenFolder.takeLock(in: own)
            stageDirectory = try OpenFolder.directory(Array("stage".utf8), in: own)
            historyDirectory = try OpenFolder.directory(Array("history".utf8), in: own)
        } catch where error == linux_EAGAIN {
            throw FileSystemError(
                .locked, "the folder \(shown) is in use by another agent; stop that one first", cause: error.number)
        } catch {
            throw FileSystemError(error, "make ready Lanyard's own directory in", shown)
        }
        let found = try OpenFolder.marker(in: root)
        let marker: Marker
        if let found, found.folder != replaced {
            marker = found
        } else {
            guard creating || found != nil else { throw OpenFolder.noMarker(shown) }
            marker = Marker(folder: folder, volume: FolderVolumeID(SecureRandom.number()))
            try OpenFolder.write(marker, in: own, shown)
        }
        guard marker.folder == folder else {
            throw FileSystemError(.wrongMarker, "\(shown) is the folder \(marker.folder), not \(folder)")
        }
        identity = try OpenFolder.identity(of: root, marker)
    }

    public convenience init(at path: String, folder: FolderID, creating: Bool) throws(FileSystemError) {
        try self.init(at: Array(path.utf8), folder: folder, creating: creating)
    }

    /// Makes sure that the folder's path still leads to the directory that is open and that its marker is there: asked
    /// before each wave and before anything absent is taken for deleted.
    /// - Throws: `.volumeChanged`.
    public func verify() throws(FileSystemError) {
        let found: FolderRoot
        do throws(FileSystemError) { found = try FolderRoot(opening: root.pathBytes) } catch {
            throw OpenFolder.volumeChanged(root, "its directory can't be opened: \(error.message)", error.cause)
        }
        guard found.stat.state.sameContent(as: root.stat.state), found.stat.mount == root.stat.mount else {
            throw OpenFolder.volumeChanged(root, "another directory stands there", 0)
        }
        guard try OpenFolder.marker(in: found) == identity.marker else {
            throw OpenFolder.volumeChanged(root, "its marker .lanyard/folder is missing or another", 0)
        }
    }

    private static func volumeChanged(_ root: FolderRoot, _ why: String, _ cause: Int32) -> FileSystemError {
        FileSystemError(
            .volumeChanged, "'\(root.path)' is not the folder that was opened: \(why); mount its disk again",
            cause: cause)
    }

    private static func noMarker(_ shown: String) -> FileSystemError {
        FileSystemError(
            .volumeChanged, "\(shown) has no marker .lanyard/folder; mount the folder's disk, or add it anew")
    }

    private static func identity(of root: FolderRoot, _ marker: Marker) throws(FileSystemError) -> VolumeIdentity {
        var system = linux_statfs()
        do throws(Errno) { try Errno.check(linux_statfsfd(root.descriptor.number, &system)) } catch {
            throw FileSystemError(error, "look at the file system of", "'\(root.path)'")
        }
        return VolumeIdentity(
            marker: marker, device: root.stat.state.device, inode: root.stat.state.inode,
            fileSystemType: system.type, fileSystemIdentifier: system.identifier)
    }

    /// Opens a directory of ours, making it if it is missing. A symlink in its place is refused.
    private static func directory(_ name: [UInt8], in parent: Descriptor) throws(Errno) -> Descriptor {
        let made = withName(name) { linux_mkdirat(parent.number, $0, 0o700) }
        if made != -linux_EEXIST { try Errno.check(made) }
        let flags = linux_O_RDONLY | linux_O_DIRECTORY | linux_O_NOFOLLOW
        return Descriptor(owning: try Errno.check(withName(name) { linux_openat(parent.number, $0, flags, 0) }))
    }

    private static func takeLock(in own: Descriptor) throws(Errno) -> Descriptor {
        let flags = linux_O_RDWR | linux_O_CREAT | linux_O_NOFOLLOW
        let lock = Descriptor(owning: try Errno.check(linux_openat(own.number, "lock", flags, 0o600)))
        try Errno.check(linux_flock(lock.number, linux_LOCK_EX | linux_LOCK_NB))
        return lock
    }

    /// The lock is held: nobody else writes it. Durable before anything relies on it.
    private static func write(_ marker: Marker, in own: Descriptor, _ shown: String) throws(FileSystemError) {
        do throws(Errno) {
            let flags = linux_O_WRONLY | linux_O_CREAT | linux_O_TRUNC | linux_O_NOFOLLOW
            let file = Descriptor(owning: try Errno.check(linux_openat(own.number, "folder.new", flags, 0o600)))
            try file.writeAll(marker.bytes, at: 0)
            try Errno.check(linux_fsync(file.number))
            try Errno.check(linux_renameat2(own.number, "folder.new", own.number, "folder", 0))
            try Errno.check(linux_fsync(own.number))
        } catch {
            throw FileSystemError(error, "write the marker of", shown)
        }
    }
}
