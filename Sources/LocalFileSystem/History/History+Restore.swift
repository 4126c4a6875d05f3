internal import CLinux
internal import Cryptography
public import SyncModel

extension History {
    /// Copies an entry back out to `path`, where nothing may stand, with its mode, mtime and attributes; blocks are
    /// shared where the file system can. The entry stays.
    /// - Throws: `.exists`, `.noParent`, `.notFound` when the entry is gone, `.diskFull` …
    public func restore(_ entry: HistoryEntry, to path: RelativePath) throws(FileSystemError) -> DiskState {
        let parent = try folder.root.parent(of: path)
        do throws(Errno) {
            let place = entry.place
            let directory = try open(entry.directory, Array(place.parent ?? []), making: false)
            if entry.state.kind == .symlink {
                let target = try FolderRoot.target(of: place.name, in: directory.number)
                try Errno.check(withName(target) { target in
                    withName(path.name) { linux_symlinkat(target, parent.number, $0) }
                })
            } else {
                try copy(place.name, in: directory, to: path, in: parent.number)
            }
            guard let found = try EntryStat.of(path.name, in: parent.number) else { throw Errno(number: linux_ESTALE) }
            return found.state
        } catch {
            throw FileSystemError(error, "restore", "'\(path)'")
        }
    }

    private func copy(
        _ name: ArraySlice<UInt8>, in directory: Descriptor, to path: RelativePath, in parent: Int32
    ) throws(Errno) {
        let flags = linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK
        let opened = try Errno.check(withName(name) { linux_openat(directory.number, $0, flags, 0) })
        let source = Descriptor(owning: opened)
        let found = try source.stat()
        guard found.state.kind == .file else { throw Errno(number: linux_ENXIO) }
        let stage = folder.stageDirectory.number
        let temporary = NewName(unique: SecureRandom.number()).bytes
        let create = linux_O_RDWR | linux_O_CREAT | linux_O_EXCL
        let target = Descriptor(owning: try Errno.check(withName(temporary) { linux_openat(stage, $0, create, 0o600) }))
        defer { _ = withName(temporary) { linux_unlinkat(stage, $0, 0) } }
        try FileCopy.copy(source, at: 0, to: target, at: 0, count: found.state.size)
        for attribute in try AttributeSet.read(source.number) {
            try AttributeSet.set(attribute.name, attribute.value, on: target.number)
        }
        try Errno.check(linux_fchmod(target.number, UInt32(found.state.mode & 0o777)))
        let modified = found.state.modified
        try Errno.check(linux_set_modified(target.number, modified.seconds, modified.nanoseconds))
        let renamed = withName(path.name) { name in
            withName(temporary) { linux_renameat2(stage, $0, parent, name, linux_RENAME_NOREPLACE) }
        }
        if renamed != -linux_EINVAL { return _ = try Errno.check(renamed) }
        try Errno.check(withName(path.name) { linux_linkfd(target.number, parent, $0) })
    }
}
