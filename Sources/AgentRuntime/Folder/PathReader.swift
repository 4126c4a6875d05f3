internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// Reads paths of a folder beside its index, and notes what it saw move: one thread's own.
final class PathReader: @unchecked Sendable {
    private let disk: FolderDisk
    private let entries: EntryReader
    private let reader: IndexReader
    private let moves: MoveBook
    /// Of the look under way. What is ignored came from nowhere and went nowhere (rule 16).
    var rules = IgnoreRules.none
    /// A content that differs under a stat that has been the same for longer is no edit: no change is told so late. The
    /// disk has lost it, and it must not be told to others.
    private let editSeconds: Int64
    static let editSeconds: Int64 = 60

    init(
        _ disk: FolderDisk, moves: MoveBook = MoveBook(), editSeconds: Int64 = PathReader.editSeconds
    ) throws(IndexError) {
        (self.disk, self.moves) = (disk, moves)
        self.editSeconds = editSeconds
        entries = EntryReader(disk.folder.root, features: disk.features)
        reader = try disk.index.makeReader()
    }

    /// How long a stat may hide a further change.
    var racyNanoseconds: Int64 { entries.racyNanoseconds }

    func close() { try? reader.close() }

    func cursor(below directory: RelativePath?) throws(IndexError) -> EntryCursor { reader.cursor(below: directory) }

    /// Whether what stands at a path is left out: some patterns are for directories alone.
    func ignores(_ path: RelativePath) -> Bool {
        !rules.isEmpty && rules.ignores(path, isDirectory: standsDirectory(at: path))
    }

    // MARK: Adding

    /// Adds what stands there; what is gone is kept for later, while there is room, and so is what stands in the place
    /// of a directory: whoever heard of it before what was in the directory is gone would take that for alive.
    func add(_ difference: WalkDifference, to batch: inout ObservationBatch, _ departures: inout Departures) {
        if case .changed(let path) = difference {
            if !add(path, to: &batch) { departures.add(directory: path) }
            return
        }
        guard case .gone(let path) = difference else { return add(difference, to: &batch) }
        if departures.covers(path) { return }
        if isKnownDirectory(path) {
            departures.add(directory: path)
        } else if !departures.add(file: path) {
            add(difference, to: &batch)
        }
    }

    func add(_ difference: WalkDifference, to batch: inout ObservationBatch) {
        switch difference {
        case .changed(let path): _ = add(path, to: &batch)
        // A walk's list of names may be of long before this batch.
        case .gone(let path): if isGone(path) { batch.add(Observation(path: path, found: .absent)) }
        case .problem(let problem): batch.add(problem)
        }
    }

    /// What the first look of a read found.
    enum FirstLook {
        /// What is told, or known.
        case taken
        case nothing
        /// Something in the place of a directory.
        case replacement
    }

    /// Adds what stands at a path now, but not in the place of a directory. What was not written to and has the stat of
    /// its row is not read: it is most often what a wave placed.
    func add(_ due: AdaptiveDeferral.Due, to batch: inout ObservationBatch) -> FirstLook {
        let row = try? reader.row(due.path)
        if !due.mustRead, let disk = row?.disk, !entries.mayHideChange(disk) || !isRecent(disk),
            (try? self.disk.folder.root.entry(at: due.path)?.state) == disk
        {
            return .taken
        }
        let reading = entries.read(due.path, keepsChanging: due.keepsChanging)
        if add(reading, row, hidingNothing: { !self.isRecent($0) }, to: &batch) { return .taken }
        if case .absent = reading.found { return .nothing }
        return .replacement
    }

    /// Looks again, when all else was read, at a path of which the first look told nothing. What was found where it
    /// went was told with that.
    /// - Returns: the directory with which it went, which is to be walked; the path itself where it was one.
    func add(gone due: AdaptiveDeferral.Due, _ first: FirstLook, to batch: inout ObservationBatch) -> RelativePath? {
        if batch.gone.contains(due.path) { return nil }
        if !isGone(due.path), !isKnownDirectory(due.path) {
            // What came there since is told by itself, when it is whole. But what stood in a directory's place is told
            // by nobody else where an earlier look came into the index between the two.
            let isKnown = (try? reader.row(due.path))?.disk != nil
            if first == .nothing, !isKnown { return nil }
            return add(due, to: &batch) == .taken ? nil : due.path
        }
        if let directory = goneDirectory(of: due.path) { return directory }
        batch.add(Observation(path: due.path, found: .absent))
        return nil
    }

    private func isRecent(_ disk: DiskState) -> Bool {
        let (age, overflow) = Moment.now().unixSeconds.subtractingReportingOverflow(disk.changed.seconds)
        return !overflow && age <= editSeconds && age >= -editSeconds
    }

    /// False if nothing stands there, or something in the place of a directory. What is as its row says is not added,
    /// but what has the row's stat and another content is where the stat may hide that (rule 13).
    private func add(
        _ reading: EntryReading, _ row: IndexRow?, hidingNothing isTrusted: (DiskState) -> Bool,
        to batch: inout ObservationBatch
    ) -> Bool {
        if case .absent = reading.found { return false }
        if let observation = Observation(reading), let disk = observation.found.disk {
            if let row, disk == row.disk,
                disk.kind == .directory || observation.content == row.record.content || isTrusted(disk)
            {
                return true
            }
            if disk.kind != .directory, row?.isSeenDirectory == true { return false }
        }
        add(reading, isNew: row?.disk == nil, to: &batch)
        return true
    }

    /// Adds what stands in the place of a directory, when what was in that is told.
    func add(inPlaceOf directory: RelativePath, to batch: inout ObservationBatch) {
        add(entries.read(directory), isNew: false, to: &batch)
    }

    /// Adds what stands at a path that was told of just before, whatever its stat: also in the place of a directory,
    /// because the index may still have that.
    func add(again path: RelativePath, to batch: inout ObservationBatch) {
        let isAdded = add(entries.read(path), try? reader.row(path), hidingNothing: { _ in false }, to: &batch)
        if !isAdded, !isGone(path) { add(inPlaceOf: path, to: &batch) }
    }

    /// False if something stands in the place of a directory, and is not added.
    private func add(_ path: RelativePath, to batch: inout ObservationBatch) -> Bool {
        let row = try? reader.row(path)
        if row?.isSeenDirectory == true, !standsDirectory(at: path) { return false }
        if row?.disk == nil, let moved = moved(to: path) {
            for old in moved.from { batch.add(Observation(path: old, found: .absent)) }
            if let found = moved.found {
                moves.note(found.disk, at: path)
                batch.add(Observation(path: path, found: found))
                if let chunks = moved.chunks { batch.add(chunks) }
                return true
            }
        }
        let reading = entries.read(path)
        add(reading, isNew: false, to: &batch)
        if row?.disk == nil { moves.note(Observation(reading)?.found.disk, at: path) }
        return true
    }

    private func add(_ reading: EntryReading, isNew: Bool, to batch: inout ObservationBatch) {
        if isNew {
            for old in moved(to: reading.path)?.from ?? [] { batch.add(Observation(path: old, found: .absent)) }
            moves.note(Observation(reading)?.found.disk, at: reading.path)
        }
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

    // MARK: Moves

    private struct Move {
        /// Where nothing stands any more: as the index knows it, and where the file was seen on its way since.
        var from: [RelativePath]
        var found: Found?
        var chunks: ContentChunks?
    }

    /// Where the entry at a path that the index does not know came from: a path of the same inode where nothing stands
    /// any more. Its content is known where the stat, ctime included, is that of the row: so nothing in a renamed
    /// directory is read again.
    private func moved(to path: RelativePath) -> Move? {
        guard let stat = try? disk.folder.root.entry(at: path)?.state, stat.kind == .file else { return nil }
        var move = Move(from: [])
        let rows = (try? reader.rows(inode: stat.inode, device: stat.device)) ?? []
        let old = rows.first { row in
            row.record.path != path && !row.record.isDeleted && row.disk?.kind == .file && isGone(row.record.path)
                && !rules.ignores(row.record.path, isDirectory: false)
        }
        if let old {
            move.from.append(old.record.path)
            (move.found, move.chunks) = unchanged(old, as: stat)
        }
        if stat.links <= 1, let seen = moves.place(of: stat), seen != path, seen != old?.record.path, isGone(seen),
            !rules.ignores(seen, isDirectory: false)
        {
            move.from.append(seen)
        }
        for old in move.from { moves.note(move: old, to: path) }
        return move.from.isEmpty ? nil : move
    }

    private func unchanged(_ row: IndexRow, as stat: DiskState) -> (Found?, ContentChunks?) {
        guard case .file(let content) = row.record.content, let disk = row.disk, disk.sameContent(as: stat),
            row.record.attributes.isEmpty
        else { return (nil, nil) }
        // The old path's row may be gone, and the list with it, before the new one is committed.
        let list = try? reader.chunkList(content)
        if list == nil, content.size > UInt64(Limits.chunkLeast) { return (nil, nil) }
        return (.file(stat, content, attributes: []), list.map { ContentChunks(content: content, chunks: $0) })
    }

    // MARK: What is gone

    /// Whether nothing stands there; false also where that can't be told.
    func isGone(_ path: RelativePath) -> Bool { (try? disk.folder.root.entry(at: path) == nil) ?? false }

    /// The directory with which a path went that is gone: the uppermost one, maybe the path itself. What was in it is
    /// looked for where it may have gone before any of it counts as deleted.
    func goneDirectory(of path: RelativePath) -> RelativePath? {
        var top = isKnownDirectory(path) ? path : nil
        var next = path.parent
        while let directory = next, !standsDirectory(at: directory) {
            top = directory
            next = directory.parent
        }
        return top
    }

    func standsDirectory(at path: RelativePath) -> Bool {
        guard let found = try? disk.folder.root.entry(at: path) else { return false }
        return found.state.kind == .directory
    }

    /// Whether the index has a directory there that was seen.
    func isKnownDirectory(_ path: RelativePath) -> Bool { (try? reader.row(path))?.isSeenDirectory ?? false }

    /// Where a directory that is gone went, if something in it was seen to go along: the directory of the same inode.
    /// Asked for the deepest first, so that one which holds only directories is recognised by them.
    func whereabouts(of directory: RelativePath) -> RelativePath? {
        guard let new = moves.takeDestination(of: directory), let row = try? reader.row(directory),
            let found = try? disk.folder.root.entry(at: new)?.state, found.kind == .directory,
            found.inode == row.disk?.inode, found.device == row.disk?.device
        else { return nil }
        moves.note(move: directory, to: new)
        return new
    }
}

extension IndexRow {
    fileprivate var isSeenDirectory: Bool { record.content == .directory && disk != nil }
}
