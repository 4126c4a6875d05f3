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
            let made = try make(entry)
            let name = made.name ?? []
            let stage = folder.stageDirectory.number
            defer { _ = withName(name) { linux_unlinkat(stage, $0, 0) } }
            let renamed = withName(path.name) { target in
                withName(name) { linux_renameat2(stage, $0, parent.number, target, linux_RENAME_NOREPLACE) }
            }
            if renamed == -linux_EINVAL {
                try Errno.check(
                    withName(path.name) { target in
                        withName(name) { linux_linkat(stage, $0, parent.number, target) }
                    })
            } else {
                try Errno.check(renamed)
            }
            guard let found = try EntryStat.of(path.name, in: parent.number) else { throw Errno(number: linux_ESTALE) }
            return found.state
        } catch {
            throw FileSystemError(error, "restore", "'\(path)'")
        }
    }

    /// A copy of an entry in the stage, under a name that is worth nothing after a restart.
    func make(_ entry: HistoryEntry) throws(Errno) -> Made {
        let place = entry.place
        let directory = try open(entry.directory, Array(place.parent ?? []), making: false)
        let stage = folder.stageDirectory.number
        let name = NewName(unique: SecureRandom.number()).bytes
        do throws(Errno) {
            var file: Descriptor?
            if entry.state.kind == .symlink {
                let target = try FolderRoot.target(of: place.name, in: directory.number)
                try Errno.check(
                    withName(target) { target in withName(name) { linux_symlinkat(target, stage, $0) } })
            } else {
                file = try copy(place.name, in: directory, as: name)
            }
            guard let state = try EntryStat.of(name, in: stage)?.state else { throw Errno(number: linux_ESTALE) }
            return Made(name: name, file: file, state: state, staged: nil)
        } catch {
            _ = withName(name) { linux_unlinkat(stage, $0, 0) }
            throw error
        }
    }

    private func copy(
        _ name: ArraySlice<UInt8>, in directory: Descriptor, as made: [UInt8]
    ) throws(Errno) -> Descriptor {
        let flags = linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK
        let opened = try Errno.check(withName(name) { linux_openat(directory.number, $0, flags, 0) })
        let source = Descriptor(owning: opened)
        let found = try source.stat()
        guard found.state.kind == .file else { throw Errno(number: linux_ENXIO) }
        let stage = folder.stageDirectory.number
        let create = linux_O_RDWR | linux_O_CREAT | linux_O_EXCL
        let target = Descriptor(owning: try Errno.check(withName(made) { linux_openat(stage, $0, create, 0o600) }))
        try FileCopy.copy(source, at: 0, to: target, at: 0, count: found.state.size)
        for attribute in try AttributeSet.read(source.number) {
            try AttributeSet.set(attribute.name, attribute.value, on: target.number)
        }
        try Errno.check(linux_fchmod(target.number, UInt32(found.state.mode & 0o777)))
        let modified = found.state.modified
        try Errno.check(linux_set_modified(target.number, modified.seconds, modified.nanoseconds))
        return target
    }
}

extension Applier {
    /// Puts an entry of history in the place of a file or link, which goes to history: at one instant, once the copy is
    /// whole. A path that is empty meanwhile, or after a copy that fails, would be a deletion for all members.
    /// - Throws: `.changed` when something else stands there or somebody writes it, `.notFound`, `.diskFull` …
    public func restore(
        _ entry: HistoryEntry, to path: RelativePath, replacing expected: DiskState, at seconds: Int64
    ) throws(FileSystemError) {
        try folder.verify()
        let wave = Wave(self, seconds: seconds)
        var made: Made
        do throws(Errno) { made = try history.make(entry) } catch {
            throw FileSystemError(error, "restore", "'\(path)'")
        }
        do throws(Errno) {
            if let file = made.file { try Errno.check(linux_fsync(file.number)) }
            let name = wave.swapName(of: path, made: made.state.inode)
            try stage.rename(made.name ?? [], to: name)
            (made.name, made.file) = (name, nil)
        } catch {
            wave.drop(made)
            throw FileSystemError(error, "restore", "'\(path)'")
        }
        do throws(Stop) { _ = try wave.replace(path, expected, made) } catch {
            if case .failed(_, let message) = error.outcome { throw FileSystemError(.other, message) }
            throw FileSystemError(.changed, "'\(path)' is being changed, or is open for writing; try again")
        }
    }
}
