internal import CLinux
internal import SyncModel

/// The open root directory of a folder: everything of the folder is reached through it, never by an absolute path.
///
/// A parent directory is resolved anew for every operation, by openat2 beneath the root without following any symlink
/// and without crossing a mount (rule 14). Nothing is cached: a kept descriptor of a directory that was meanwhile moved
/// out of the folder would lead out of it, and proving it still valid costs the same call as opening it.
/// The last component is only used with calls that do not follow symlinks.
public final class FolderRoot: Sendable {
    /// The path it was opened by, for messages.
    public let path: String
    /// Open for reading: good for `*at` calls, statfs and syncfs.
    public let descriptor: Descriptor
    /// The root's own stat when it was opened.
    public let stat: EntryStat

    /// Opens the directory at `path`; the way to it may lead over symlinks.
    /// - Throws: `.notFound`, `.noParent` (no directory), `.permissionDenied` and what else the system answers.
    public init(opening path: [UInt8]) throws(FileSystemError) {
        let text = String(decoding: path, as: UTF8.self)
        self.path = text
        do throws(Errno) {
            let number = withName(path) { linux_open($0, linux_O_RDONLY | linux_O_DIRECTORY, 0) }
            descriptor = Descriptor(owning: try Errno.check(number))
            stat = try descriptor.stat()
        } catch {
            throw FileSystemError(error, "open the folder", "'\(text)'")
        }
    }

    public convenience init(opening path: String) throws(FileSystemError) { try self.init(opening: Array(path.utf8)) }

    /// How a path is shown in messages.
    func show(_ path: RelativePath) -> String { "'\(path)'" }

    /// The directory that holds `path`.
    /// - Throws: `.noParent`, `.nestedMount`, `.permissionDenied` …
    func parent(of path: RelativePath) throws(FileSystemError) -> ParentDirectory {
        guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else {
            return ParentDirectory(borrowing: descriptor.number)
        }
        do throws(Errno) {
            return ParentDirectory(owning: try resolve(path.bytes[..<slash], flags: linux_O_PATH))
        } catch {
            throw noParent(error, path)
        }
    }

    /// Opens the directory at `path`, or the root itself, for reading its entries.
    /// - Throws: `.noParent` if there is none or the way is no directory, `.nestedMount`, `.permissionDenied` …
    func directory(_ path: RelativePath?) throws(FileSystemError) -> Descriptor {
        do throws(Errno) {
            guard let path else {
                let number = linux_openat(descriptor.number, ".", linux_O_RDONLY | linux_O_DIRECTORY, 0)
                return Descriptor(owning: try Errno.check(number))
            }
            return Descriptor(owning: try resolve(path.bytes[...], flags: linux_O_RDONLY))
        } catch {
            guard let path else { throw FileSystemError(error, "open the folder", "'\(self.path)'") }
            throw noParent(error, path)
        }
    }

    private func noParent(_ error: Errno, _ path: RelativePath) -> FileSystemError {
        guard error == linux_ENOENT else { return FileSystemError(error, "reach", show(path)) }
        return FileSystemError(.noParent, "the directory of \(show(path)) does not exist", cause: error.number)
    }

    private static let beneath =
        linux_RESOLVE_BENEATH | linux_RESOLVE_NO_SYMLINKS | linux_RESOLVE_NO_MAGICLINKS | linux_RESOLVE_NO_XDEV

    private func resolve(_ directory: ArraySlice<UInt8>, flags: Int32) throws(Errno) -> Int32 {
        let flags = flags | linux_O_DIRECTORY | linux_O_NOFOLLOW
        var result: Int32 = 0
        for _ in 0..<8 {
            result = withName(directory) { linux_openat2(descriptor.number, $0, flags, 0, FolderRoot.beneath) }
            if result != -linux_EAGAIN { break }
        }
        if result == -linux_ENOSYS { return try walk(directory, flags: flags) }
        return try Errno.check(result)
    }

    /// What openat2 does, for kernels and sandboxes without it: a component at a time, each refused when it is a symlink
    /// or lies on another mount.
    func walk(_ directory: ArraySlice<UInt8>, flags: Int32) throws(Errno) -> Int32 {
        var current = descriptor
        let names = directory.split(separator: UInt8(ascii: "/"))
        for name in names.dropLast() {
            current = Descriptor(owning: try step(name, in: current, linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW))
        }
        return try step(names.last ?? [UInt8(ascii: ".")], in: current, flags)
    }

    private func step(_ name: ArraySlice<UInt8>, in directory: Descriptor, _ flags: Int32) throws(Errno) -> Int32 {
        let number = try Errno.check(withName(name) { linux_openat(directory.number, $0, flags, 0) })
        var found = linux_stat()
        let result = linux_statfd(number, &found)
        if result == 0, found.mount == stat.mount, found.device == stat.state.device || found.mount != 0 { return number }
        _ = linux_close(number)
        try Errno.check(result)
        throw Errno(number: linux_EXDEV)
    }
}
