internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// Reads paths of a folder beside its index: one thread's own.
final class PathReader: @unchecked Sendable {
    private let disk: FolderDisk
    private let entries: EntryReader
    private let reader: IndexReader

    init(_ disk: FolderDisk) throws(IndexError) {
        self.disk = disk
        entries = EntryReader(disk.folder.root, features: disk.features)
        reader = try disk.index.makeReader()
    }

    func close() { try? reader.close() }

    func cursor(below directory: RelativePath?) throws(IndexError) -> EntryCursor { reader.cursor(below: directory) }

    /// The folder's rules; none where the file is missing, unreadable or refused.
    func ignoreRules() -> IgnoreRules {
        guard let path = try? RelativePath(IgnoreRules.fileName),
            let state = try? disk.folder.root.entry(at: path)?.state,
            state.kind == .file, state.size <= UInt64(Limits.ignoreFileBytes),
            let file = try? ContentReader(opening: path, in: disk.folder.root, expecting: state)
        else { return .none }
        var bytes = [UInt8](repeating: 0, count: Int(state.size))
        guard (try? bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }) != nil else { return .none }
        return (try? IgnoreRules(bytes)) ?? .none
    }

    // MARK: Adding

    func add(_ difference: WalkDifference, to batch: inout ObservationBatch) {
        switch difference {
        case .changed(let path): add(path, to: &batch)
        case .gone(let path):
            // What was in a directory is told to be gone before the directory is.
            if let row = try? reader.row(path), row.record.content.isDirectory {
                batch.directories.append(path)
            } else {
                batch.add(Observation(path: path, found: .absent))
            }
        case .problem(let problem): batch.add(problem)
        }
    }

    /// Adds what stands at a path now; true if nothing does where the index has a directory.
    func add(_ due: AdaptiveDeferral.Due, to batch: inout ObservationBatch) -> Bool {
        let reading = entries.read(due.path, keepsChanging: due.keepsChanging)
        let row = try? reader.row(due.path)
        switch reading.found {
        case .absent:
            if row?.record.content == .directory, row?.disk != nil { return true }
            batch.add(Observation(path: due.path, found: .absent))
            return false
        default:
            if let disk = Observation(reading)?.found.disk, disk == row?.disk { return false }
            add(reading, isNew: row?.disk == nil, to: &batch)
            return false
        }
    }

    private func add(_ path: RelativePath, to batch: inout ObservationBatch) {
        let row = try? reader.row(path)
        if row?.disk == nil, let moved = moved(to: path) {
            batch.add(Observation(path: moved.from, found: .absent))
            if let found = moved.found {
                batch.add(Observation(path: path, found: found))
                if let chunks = moved.chunks { batch.add(chunks) }
                return
            }
        }
        add(entries.read(path), isNew: false, to: &batch)
    }

    private func add(_ reading: EntryReading, isNew: Bool, to batch: inout ObservationBatch) {
        if isNew, let moved = moved(to: reading.path) { batch.add(Observation(path: moved.from, found: .absent)) }
        for note in reading.notes { batch.add(note) }
        if case .unknown(let problem) = reading.found { batch.add(problem) }
        guard let observation = Observation(reading) else { return }
        batch.add(observation)
        if reading.isRacy { batch.racy.append(reading.path) }
        if case .file(_, let content, _, let chunks) = reading.found {
            batch.bytes += content.size
            if let chunks { batch.add(ContentChunks(content: content, chunks: chunks)) }
        }
    }

    /// Where the entry at a path that the index does not know came from: a path of the same inode where nothing stands
    /// any more. Its content is known where the stat, ctime included, is that of the row: so nothing in a renamed
    /// directory is read again.
    private func moved(to path: RelativePath) -> (from: RelativePath, found: Found?, chunks: ContentChunks?)? {
        guard let stat = try? disk.folder.root.entry(at: path)?.state, stat.kind == .file,
            let rows = try? reader.rows(inode: stat.inode, device: stat.device)
        else { return nil }
        for row in rows where row.record.path != path && !row.record.isDeleted && row.disk?.kind == .file {
            guard let gone = try? disk.folder.root.entry(at: row.record.path) == nil, gone else { continue }
            guard case .file(let content) = row.record.content, let disk = row.disk, disk.sameContent(as: stat),
                row.record.attributes.isEmpty
            else { return (row.record.path, nil, nil) }
            // The old path's row may be gone, and the list with it, before the new one is committed.
            let list = try? reader.chunkList(content)
            if list == nil, content.size > UInt64(Limits.chunkLeast) { return (row.record.path, nil, nil) }
            return (
                row.record.path, .file(stat, content, attributes: []),
                list.map { ContentChunks(content: content, chunks: $0) }
            )
        }
        return nil
    }
}

/// Observations on their way to the machine.
struct ObservationBatch: CustomStringConvertible {
    private var batch: ObservedBatch
    /// Before the first look that is in it, by the engine's clock: what was applied since is looked at again.
    private let begun: UInt64
    private var paths: Set<RelativePath> = []
    var racy: [RelativePath] = []
    /// Directories that are gone, in path order: to be told when all else is.
    var directories: [RelativePath] = []
    /// Bytes of content that were read for it.
    var bytes: UInt64 = 0
    private(set) var hasAbsent = false

    private static let bytesGreatest: UInt64 = 64 << 20

    /// - Parameter begun: monotonic nanoseconds (`Moment`), before anything was looked at.
    init(begun: UInt64 = Moment.now().monotonicNanoseconds) {
        self.begun = begun
        batch = ObservedBatch(begun: begun)
    }

    var isEmpty: Bool { batch.observations.isEmpty && batch.problems.isEmpty }
    var isFull: Bool {
        batch.observations.count >= Limits.waveRecords - 1 || batch.problems.count >= Limits.waveRecords
            || bytes >= Self.bytesGreatest
    }

    var description: String {
        batch.observations.map { observation in
            let kind: String =
                switch observation.found {
                case .absent: "absent"
                case .directory: "directory"
                case .symlink: "symlink"
                case .file(_, let content, _): "file \(content.hash.description.prefix(6))"
                }
            return "\(observation.path): \(kind)"
        }.joined(separator: ", ")
    }

    /// The first look at a path counts: a batch has one of each.
    mutating func add(_ observation: Observation) {
        guard paths.insert(observation.path).inserted else { return }
        batch.observations.append(observation)
        if observation.found == .absent { hasAbsent = true }
    }

    /// Takes the directories that are gone, the deepest first, as far as there is room.
    mutating func addDirectories() {
        while !isFull, let path = directories.popLast() { add(Observation(path: path, found: .absent)) }
    }

    mutating func add(_ problem: Problem) { batch.problems.append(problem) }
    mutating func add(_ chunks: ContentChunks) { batch.chunks.append(chunks) }

    mutating func take() -> ObservedBatch {
        defer {
            let directories = directories
            self = ObservationBatch(begun: begun)
            self.directories = directories
        }
        return batch
    }
}
