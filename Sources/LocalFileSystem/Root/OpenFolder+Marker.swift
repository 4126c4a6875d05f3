internal import CLinux
public import SyncModel

extension OpenFolder {
    /// The marker of the folder whose root is `root`, nil if it is none.
    /// - Throws: `.wrongMarker` when it is damaged, and what the system answers.
    static func marker(in root: FolderRoot) throws(FileSystemError) -> Marker? {
        let shown = "'\(root.path)'"
        do throws(Errno) {
            let directory = withName(RelativePath.reservedName) {
                linux_openat(root.descriptor.number, $0, linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW, 0)
            }
            if directory == -linux_ENOENT { return nil }
            let own = Descriptor(owning: try Errno.check(directory))
            let opened = withName(Marker.fileName) {
                linux_openat(own.number, $0, linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK, 0)
            }
            if opened == -linux_ENOENT { return nil }
            let file = Descriptor(owning: try Errno.check(opened))
            if let marker = Marker(try FolderRoot.read(file, at: 0, count: Marker.bytesGreatest)) { return marker }
        } catch {
            throw FileSystemError(error, "read the marker of", shown)
        }
        throw FileSystemError(.wrongMarker, "the marker .lanyard/folder of \(shown) is damaged; restore or remove it")
    }

    /// The marker at `path`, nil if no folder of Lanyard's is there.
    public static func marker(at path: String) throws(FileSystemError) -> Marker? {
        try marker(in: FolderRoot(opening: path))
    }

    /// The marker at `path`, in bytes as the file system has them.
    public static func marker(at path: [UInt8]) throws(FileSystemError) -> Marker? {
        try marker(in: FolderRoot(opening: path))
    }

    /// Refuses a directory below another folder's root. That one is below this one can't be told without a walk: the
    /// scan reports a directory with a marker.
    static func refuseNested(_ root: FolderRoot) throws(FileSystemError) {
        guard let outer = try enclosingFolder(of: root) else { return }
        let place = String(repeating: "../", count: outer.levels)
        throw FileSystemError(
            .nestedFolder, "'\(root.path)' lies inside the folder \(outer.marker.folder) (at \(place)); share that one")
    }

    /// The nearest folder above `root`, and how many directories up it is. Parents that can't be read are passed over.
    static func enclosingFolder(of root: FolderRoot) throws(FileSystemError) -> (marker: Marker, levels: Int)? {
        var path = root.pathBytes
        var last = root.stat.state
        for level in 1...Limits.pathComponents {
            path += Array("/..".utf8)
            guard path.count <= Limits.pathBytes, let above = try? FolderRoot(opening: path) else { return nil }
            if above.stat.state.sameContent(as: last) { return nil }
            if let marker = try? marker(in: above) { return (marker, level) }
            last = above.stat.state
        }
        return nil
    }

    /// The folder that the directory at `path` lies in, nil if it is in none.
    public static func enclosingFolder(ofPath path: String) throws(FileSystemError) -> Marker? {
        try enclosingFolder(of: FolderRoot(opening: path))?.marker
    }
}

extension OpenFolder {
    /// Takes the marker of one of these folders from the directory at `path`, so that it can become another folder, and
    /// the mark of its index; its stage and history stay. Nothing is done where there is none.
    /// - Throws: `.wrongMarker` when another folder's stands there, and what the system answers.
    public static func forgetMarker(at path: [UInt8], of folders: [FolderID]) throws(FileSystemError) {
        let root = try FolderRoot(opening: path)
        guard let marker = try marker(in: root) else { return }
        guard folders.contains(marker.folder) else {
            let none = folders.map { "\($0)" }.joined(separator: " and not ")
            throw FileSystemError(.wrongMarker, "'\(root.path)' is the folder \(marker.folder), not \(none)")
        }
        do throws(Errno) {
            let flags = linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW
            let own = Descriptor(
                owning: try Errno.check(
                    withName(RelativePath.reservedName) { linux_openat(root.descriptor.number, $0, flags, 0) }))
            let unmarked = withName(IndexMarkFile.fileName) { linux_unlinkat(own.number, $0, 0) }
            if unmarked != -linux_ENOENT { try Errno.check(unmarked) }
            try Errno.check(withName(Marker.fileName) { linux_unlinkat(own.number, $0, 0) })
        } catch {
            throw FileSystemError(error, "remove the marker of", "'\(root.path)'")
        }
    }
}
