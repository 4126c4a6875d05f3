internal import CLinux
internal import Chunking
public import SyncModel

/// Reads what stands at one path after the other: the stat, and of a file its content, cut and hashed, between two
/// equal stats. Holds a buffer of 1 MiB; for one thread at a time.
public final class EntryReader {
    let root: FolderRoot
    let buffer: UnsafeMutableRawBufferPointer
    let builder = ChunkListBuilder()
    /// How long after a change another may leave the stat as it is (rule 13).
    public let racyNanoseconds: Int64
    private let pastMemory: Bool
    /// Called between the reading of an entry and the second stat.
    private let hook: (RelativePath) -> Void

    /// - Parameters:
    ///   - features: of the folder's file system, for how coarse its times are.
    ///   - pastMemory: whether what the kernel has in memory and need not write is read from the disk all the same.
    public convenience init(_ root: FolderRoot, features: FileSystemFeatures, pastMemory: Bool = false) {
        let isCoarse = features.timestampNanoseconds > Limits.fineTimestampNanoseconds
        let racy = isCoarse ? Limits.coarseRacyNanoseconds : Limits.racyNanoseconds
        self.init(root, racyNanoseconds: racy, pastMemory: pastMemory) { _ in }
    }

    init(
        _ root: FolderRoot, racyNanoseconds: Int64, pastMemory: Bool = false, hook: @escaping (RelativePath) -> Void
    ) {
        self.root = root
        self.racyNanoseconds = racyNanoseconds
        self.pastMemory = pastMemory
        self.hook = hook
        buffer = .allocate(byteCount: Limits.readBytes, alignment: 4_096)
    }

    deinit { buffer.deallocate() }

    /// Looks at `path`. An entry that changes while it is read is read again, `Limits.readAttempts` times in all,
    /// and is then an unknown one with the problem `keepsChanging`.
    ///
    /// - Parameter keepsChanging: it is known never to rest (rule 13): when no reading is stable the last one counts,
    ///   with the stat from before it, so that the next look finds a difference.
    public func read(_ path: RelativePath, keepsChanging: Bool = false) -> EntryReading {
        do throws(FileSystemError) {
            for attempt in 1...Limits.readAttempts {
                let isLast = attempt == Limits.readAttempts
                if let reading = try look(path, takingUnstable: keepsChanging && isLast) { return reading }
            }
        } catch {
            return EntryReading(path: path, found: .unknown(EntryReader.problem(error, path)))
        }
        let message = "'\(path)' changes whenever it is read; it is synced when it rests"
        return EntryReading(path: path, found: .unknown(Problem(path: path, kind: .keepsChanging, message: message)))
    }

    static func problem(_ error: FileSystemError, _ path: RelativePath?) -> Problem {
        let kind = error.problemKind
        return Problem(path: path, kind: kind == .other ? .unreadable : kind, message: error.message)
    }

    /// One attempt; nil if the entry changed during it.
    private func look(_ path: RelativePath, takingUnstable: Bool) throws(FileSystemError) -> EntryReading? {
        let directory: ParentDirectory
        do throws(FileSystemError) {
            directory = try root.parent(of: path)
        } catch where error.code == .noParent {
            return EntryReading(path: path, found: .absent)
        }
        do throws(Errno) {
            guard let before = try EntryStat.of(path.name, in: directory.number) else {
                return EntryReading(path: path, found: .absent)
            }
            guard root.holds(before) else { throw Errno(number: linux_EXDEV) }
            switch before.state.kind {
            case .file: return try readFile(path, in: directory.number, before, takingUnstable)
            case .symlink: return try readSymlink(path, in: directory.number, before)
            case .directory: return try readDirectory(path, in: directory.number, before)
            case .other: break
            }
        } catch where [linux_ENOENT, linux_ELOOP, linux_ENOTDIR, linux_ENXIO, linux_EINVAL].contains(error.number) {
            // Of another kind, or gone, since the stat.
            return nil
        } catch {
            throw FileSystemError(error, "read", root.show(path))
        }
        throw EntryReader.unsupported(path)
    }

    static func unsupported(_ path: RelativePath) -> FileSystemError {
        FileSystemError(.unsupportedKind, "'\(path)' is a socket, FIFO or device, which are not synced")
    }

    private func readDirectory(
        _ path: RelativePath, in parent: Int32, _ before: EntryStat
    ) throws(Errno) -> EntryReading? {
        let entry = try open(path, in: parent, linux_O_PATH | linux_O_DIRECTORY)
        let state = try entry.stat().state
        guard state.sameContent(as: before.state) else { return nil }
        let attributes = try AttributeSet.read(entry.number)
        return EntryReading(path: path, found: .directory(state, attributes: attributes))
    }

    private func readSymlink(
        _ path: RelativePath, in parent: Int32, _ before: EntryStat
    ) throws(Errno) -> EntryReading? {
        let isRacy = isRacy(before.state)
        let target = try FolderRoot.target(of: path.name, in: parent)
        hook(path)
        guard try isUnchanged(path, in: parent, before.state) else { return nil }
        return EntryReading(path: path, found: .symlink(before.state, target: target), isRacy: isRacy)
    }

    private func readFile(
        _ path: RelativePath, in parent: Int32, _ before: EntryStat, _ takingUnstable: Bool
    ) throws(Errno) -> EntryReading? {
        let file = try open(path, in: parent, linux_O_RDONLY)
        let state = try file.stat().state
        guard state.sameContent(as: before.state) else { return nil }
        let isRacy = isRacy(state)
        let list = try list(of: file, size: state.size)
        let attributes = try AttributeSet.read(file.number)
        hook(path)
        let isUnchanged = try isUnchanged(path, in: parent, state)
        let isStable = isUnchanged && list.size == state.size
        guard isStable || takingUnstable else { return nil }
        var notes: [Problem] = []
        if state.links > 1 { notes.append(EntryReader.hardLinks(path, state.links)) }
        let chunks = list.count < 2 ? nil : Array(list)
        return EntryReading(
            path: path, found: .file(state, list.content, attributes: attributes, chunks: chunks), notes: notes,
            isRacy: isRacy || !isStable)
    }

    /// Reads as far as the file reaches, at most `size` bytes and one more buffer: a file that grows is stopped.
    private func list(of file: Descriptor, size: UInt64) throws(Errno) -> ChunkList {
        builder.reset()
        if pastMemory { _ = linux_fadvise(file.number, 0, 0, linux_POSIX_FADV_DONTNEED) }
        if size > Limits.readBytes { _ = linux_fadvise(file.number, 0, 0, linux_POSIX_FADV_SEQUENTIAL) }
        while builder.size < size {
            let wanted = min(size - builder.size, UInt64(buffer.count))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(wanted)])
            let count = try file.readAll(into: part, at: builder.size)
            if count == 0 { break }
            builder.update(UnsafeRawBufferPointer(rebasing: part[..<count]))
        }
        return builder.finish()
    }

    private func open(_ path: RelativePath, in parent: Int32, _ flags: Int32) throws(Errno) -> Descriptor {
        let flags = flags | linux_O_NOFOLLOW | linux_O_NONBLOCK
        return Descriptor(owning: try Errno.check(withName(path.name) { linux_openat(parent, $0, flags, 0) }))
    }

    private func isUnchanged(_ path: RelativePath, in parent: Int32, _ state: DiskState) throws(Errno) -> Bool {
        guard let after = try EntryStat.of(path.name, in: parent)?.state else { return false }
        return after.sameContent(as: state)
    }

    /// Asked right before the reading: a change during it shows in the second stat, unless the clock's tick hides it.
    private func isRacy(_ state: DiskState) -> Bool {
        let age = WallClock.now().nanoseconds(since: state.changed)
        return age < racyNanoseconds && age > -racyNanoseconds
    }

    /// Whether a write may have left an entry's stat as it is: it sets both times, so only where they are of the same
    /// instant.
    public func mayHideChange(_ state: DiskState) -> Bool {
        let distance = state.changed.nanoseconds(since: state.modified)
        return state.kind != .directory && distance < racyNanoseconds && distance > -racyNanoseconds
    }

    static func hardLinks(_ path: RelativePath, _ links: UInt32) -> Problem {
        Problem(
            path: path, kind: .hardLinks,
            message: "'\(path)' is one of \(links) hard links; each name is synced as a file of its own")
    }
}

extension FolderRoot {
    /// Whether an entry lies on the root's own mount (rule 14).
    func holds(_ found: EntryStat) -> Bool {
        found.mount == stat.mount && (found.mount != 0 || found.state.device == stat.state.device)
    }
}
