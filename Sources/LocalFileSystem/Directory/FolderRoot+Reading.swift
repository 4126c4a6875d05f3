internal import CLinux
public import SyncModel

extension FolderRoot {
    /// The stat of the entry at `path`, of a symlink itself; nil if nothing stands there, which is also so when its
    /// directory is missing or is no directory.
    /// - Throws: `.nestedMount` when it lies on or is another mount (rule 14), `.permissionDenied` …
    public func entry(at path: RelativePath) throws(FileSystemError) -> EntryStat? {
        let directory: ParentDirectory
        do throws(FileSystemError) {
            directory = try parent(of: path)
        } catch where error.code == .noParent {
            return nil
        }
        do throws(Errno) {
            guard let found = try EntryStat.of(path.name, in: directory.number) else { return nil }
            guard found.mount == stat.mount else { throw Errno(number: linux_EXDEV) }
            return found
        } catch {
            throw FileSystemError(error, "look at", show(path))
        }
    }

    /// Opens the regular file at `path` for reading, without waiting for a FIFO's writer and without following a symlink.
    /// - Throws: `.notFound`, `.noParent`, `.unsupportedKind` when it is no regular file, `.permissionDenied` …
    public func open(_ path: RelativePath) throws(FileSystemError) -> (file: Descriptor, stat: EntryStat) {
        let directory = try parent(of: path)
        do throws(Errno) {
            let flags = linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK
            let result = withName(path.name) { linux_openat(directory.number, $0, flags, 0) }
            if result == -linux_ELOOP { throw Errno(number: linux_ENXIO) }
            let file = Descriptor(owning: try Errno.check(result))
            let found = try file.stat()
            guard found.state.kind == .file else { throw Errno(number: linux_ENXIO) }
            guard found.mount == stat.mount else { throw Errno(number: linux_EXDEV) }
            return (file, found)
        } catch {
            throw FileSystemError(error, "read", show(path))
        }
    }

    /// The target of the symlink at `path`.
    /// - Throws: `.notFound`, `.noParent`, `.unsupportedKind` when it is no symlink, `.tooLarge` …
    public func symlinkTarget(at path: RelativePath) throws(FileSystemError) -> [UInt8] {
        let directory = try parent(of: path)
        do throws(Errno) {
            return try FolderRoot.target(of: path.name, in: directory.number)
        } catch where error == linux_EINVAL {
            throw FileSystemError(.unsupportedKind, "\(show(path)) is no symlink", cause: error.number)
        } catch {
            throw FileSystemError(error, "read the link", show(path))
        }
    }

    static func target(of name: some Collection<UInt8>, in directory: Int32) throws(Errno) -> [UInt8] {
        var target = [UInt8](repeating: 0, count: Limits.symlinkBytes + 1)
        let count = withName(name) { name in
            target.withUnsafeMutableBytes { linux_readlinkat(directory, name, $0.baseAddress, $0.count) }
        }
        try Errno.check(count)
        guard count <= Limits.symlinkBytes else { throw Errno(number: linux_EFBIG) }
        return Array(target.prefix(Int(count)))
    }

    /// The bytes of a regular file from `offset` on, at most `count`; fewer only at its end.
    static func read(_ file: Descriptor, at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer -> Int64 in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return linux_pread(file.number, rest.baseAddress, rest.count, Int64(offset) + Int64(filled))
            }
            try Errno.check(got)
            if got == 0 { break }
            filled += Int(got)
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}
