internal import CLinux
public import SyncModel

/// The contents that are being fetched or wait to be placed, in `.lanyard/stage`, each named by its hash and size.
///
/// A whole content is one that was verified when it was completed. After a loss of power it may be torn all the same,
/// because nothing is flushed before it is placed: verify it again then (`verify(_:chunks:)`).
public final class Stage: Sendable {
    let folder: OpenFolder
    var directory: Int32 { folder.stageDirectory.number }

    public init(of folder: OpenFolder) { self.folder = folder }

    /// A content of the stage.
    public struct Item: Hashable, Sendable {
        public let content: FileContent
        /// False for one that is still being put together.
        public let isWhole: Bool
        /// Bytes that it occupies on the disk.
        public let occupiedBytes: UInt64
    }

    /// Whether the content is there, whole.
    public func contains(_ content: FileContent) -> Bool {
        let found = try? EntryStat.of(StageName.whole(content).bytes, in: directory)
        return found.map { $0.state.kind == .file && $0.state.size == content.size } ?? false
    }

    /// Opens a whole content for reading, past what memory has of it (decision 31); nil if it is not there.
    public func open(_ content: FileContent) throws(FileSystemError) -> Descriptor? {
        do throws(Errno) {
            let file = try open(StageName.whole(content).bytes, linux_O_RDONLY)
            if let file { _ = linux_fadvise(file.number, 0, 0, linux_POSIX_FADV_DONTNEED) }
            return file
        } catch {
            throw FileSystemError(error, "open the staged content", "\(content.hash)")
        }
    }

    /// Begins to put a content together, or goes on with what an earlier run left. What was left counts for nothing
    /// before `PartialFile.verify` has read it.
    /// - Throws: `.diskFull` when less than the reserve would stay free (`requireRoom`).
    public func begin(_ content: FileContent) throws(FileSystemError) -> PartialFile {
        let name = StageName.partial(content).bytes
        do throws(Errno) {
            if let file = try open(name, linux_O_RDWR) {
                _ = linux_fadvise(file.number, 0, 0, linux_POSIX_FADV_DONTNEED)
                return PartialFile(content, file, in: self)
            }
        } catch {
            throw FileSystemError(error, "go on with the staged content", "\(content.hash)")
        }
        try requireRoom(bytes: content.size)
        do throws(Errno) {
            let flags = linux_O_RDWR | linux_O_CREAT | linux_O_EXCL | linux_O_NOFOLLOW
            let number = withName(name) { linux_openat(directory, $0, flags, 0o600) }
            let partial = PartialFile(content, Descriptor(owning: try Errno.check(number)), in: self)
            try partial.allocate()
            return partial
        } catch {
            _ = withName(name) { linux_unlinkat(directory, $0, 0) }
            throw FileSystemError(error, "stage", "a content of \(content.size) bytes")
        }
    }

    /// Puts small `bytes`, which the caller has verified to be `content`, into the stage as a whole content.
    /// - Throws: `.diskFull` …
    public func store(_ bytes: [UInt8], as content: FileContent) throws(FileSystemError) {
        try requireRoom(bytes: content.size)
        let name = StageName.partial(content).bytes
        do throws(Errno) {
            let flags = linux_O_RDWR | linux_O_CREAT | linux_O_TRUNC | linux_O_NOFOLLOW
            let file = Descriptor(owning: try Errno.check(withName(name) { linux_openat(directory, $0, flags, 0o600) }))
            try file.writeAll(bytes, at: 0)
            try rename(name, to: StageName.whole(content).bytes)
        } catch {
            _ = withName(name) { linux_unlinkat(directory, $0, 0) }
            throw FileSystemError(error, "stage", "a content of \(content.size) bytes")
        }
    }

    /// Reads a whole content again; if it is not what `chunks` say it is removed.
    public func verify(_ content: FileContent, chunks: [ChunkReference]) throws(FileSystemError) -> Bool {
        guard let file = try open(content) else { return false }
        let check = PartialFile(content, file, in: self)
        if try check.verify(chunks: chunks).isEmpty, contains(content) { return true }
        try remove(content)
        return false
    }

    /// What is there, in no order: after a restart, what fetching can go on with.
    public func items() throws(FileSystemError) -> [Item] {
        do throws(Errno) {
            var items: [Item] = []
            for name in try DirectoryListing.names(of: directory) {
                guard let parsed = StageName(name), let found = try EntryStat.of(name, in: directory) else { continue }
                switch parsed {
                case .whole(let content): items.append(Item(content, true, found))
                case .partial(let content): items.append(Item(content, false, found))
                case .swap: break
                }
            }
            return items
        } catch {
            throw FileSystemError(error, "list the stage of", "'\(folder.root.path)'")
        }
    }

    /// Removes a content, whole or partial, if it is there.
    public func remove(_ content: FileContent) throws(FileSystemError) {
        for name in [StageName.whole(content).bytes, StageName.partial(content).bytes] {
            let result = withName(name) { linux_unlinkat(directory, $0, 0) }
            if result < 0, result != -linux_ENOENT {
                throw FileSystemError(Errno(number: -result), "remove the staged content", "\(content.hash)")
            }
        }
    }

    /// Removes every content that `isNeeded` does not want, and names that are none of ours. Never entries of swaps:
    /// they may hold what users wrote (`Applier.recover`).
    public func prune(isNeeded: (FileContent) -> Bool) throws(FileSystemError) {
        for item in try items() where !isNeeded(item.content) { try remove(item.content) }
    }

    /// Makes sure that `bytes` more fit while the reserve stays free: `Limits.diskReserveBytes`, of a small file system
    /// `Limits.diskReservePercent`.
    /// - Throws: `.diskFull`.
    public func requireRoom(bytes: UInt64) throws(FileSystemError) {
        var system = linux_statfs()
        guard linux_statfsfd(directory, &system) == 0 else { return }
        let (available, overflow) = system.available_blocks.multipliedReportingOverflow(by: system.block_bytes)
        let part = system.blocks.multipliedReportingOverflow(by: system.block_bytes * Limits.diskReservePercent / 100)
        let reserve = part.overflow ? Limits.diskReserveBytes : min(part.partialValue, Limits.diskReserveBytes)
        if overflow || available >= reserve && available - reserve >= bytes { return }
        throw FileSystemError(
            .diskFull,
            "\(bytes) bytes do not fit the file system of '\(folder.root.path)': \(available) are free and"
                + " \(reserve) stay so; free space there", cause: linux_ENOSPC)
    }

    func rename(_ name: [UInt8], to other: [UInt8]) throws(Errno) {
        try Errno.check(
            withName(name) { name in
                withName(other) { linux_renameat2(directory, name, directory, $0, 0) }
            })
    }

    /// Nil if it is missing.
    func open(_ name: [UInt8], _ flags: Int32) throws(Errno) -> Descriptor? {
        let number = withName(name) { linux_openat(directory, $0, flags | linux_O_NOFOLLOW | linux_O_NONBLOCK, 0) }
        if number == -linux_ENOENT { return nil }
        return Descriptor(owning: try Errno.check(number))
    }
}

extension Stage.Item {
    init(_ content: FileContent, _ isWhole: Bool, _ found: EntryStat) {
        self.init(content: content, isWhole: isWhole, occupiedBytes: found.blocks * 512)
    }
}
