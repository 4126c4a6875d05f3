public import SyncModel

/// One row as a local batch leaves it.
public struct LocalPut: Hashable, Sendable {
    public let record: FileRecord
    public let disk: DiskState?

    public init(record: FileRecord, disk: DiskState?) { (self.record, self.disk) = (record, disk) }
}

/// What a batch of observations makes of the index.
public struct LocalOutcome: Hashable, Sendable {
    /// New records in the order of the log. One that is the path's target completes its need; any other is to be merged
    /// with it, like an announced one.
    public var puts: [LocalPut] = []
    /// Rows of which only the stat changed.
    public var refreshes: [RelativePath: DiskState] = [:]
    /// Targets that the new record of their path only seems to have seen: edits of our own that follow from a move and
    /// are not on the disk yet. Counters are folder-wide, so whatever is edited next covers them. Each lives on as a
    /// conflict copy.
    public var unseen: [FileRecord] = []
}

extension LocalChanges {
    /// Decides a batch together, so that a disappearance and an appearance of the same inode and content become a move.
    ///
    /// A directory's move is told only together with the directory that it made, or after it: where that is gone before
    /// anyone saw it, who lets something follow the move would wait for it for ever.
    ///
    /// - Parameters:
    ///   - observations: one a path.
    ///   - rows: of their paths, and of where directories went.
    ///   - awaiting: paths whose target can't be adopted yet.
    public static func decide(
        _ observations: [Observation], rows: [RelativePath: IndexRow], targets: [RelativePath: FileRecord],
        awaiting: Set<RelativePath> = [], context: inout EditContext
    ) -> LocalOutcome {
        var outcome = LocalOutcome()
        let moves = MoveFinder.find(observations, rows: rows)
        var handled: Set<RelativePath> = []
        // All moves of a batch are one edit: they share one counter, as a directory's move does (rule 6).
        if !moves.isEmpty {
            let origin = context.nextOrigin()
            for move in moves {
                handled.insert(move.from.record.path)
                handled.insert(move.to.path)
                let records = records(of: move, existing: rows[move.to.path], origin: origin, context: &context)
                outcome.puts.append(LocalPut(record: records.arrived, disk: move.to.found.disk))
                outcome.puts.append(LocalPut(record: records.left, disk: nil))
            }
        }
        let directories = Set(observations.lazy.filter { $0.content == .directory }.map(\.path))
        for observation in observations where !handled.contains(observation.path) {
            let path = observation.path
            let isTold = observation.movedTo.map { directories.contains($0) || tells(rows[$0]) }
            let change = decide(
                isTold == false ? Observation(path: path, found: observation.found) : observation, row: rows[path],
                target: targets[path], isAwaiting: awaiting.contains(path),
                context: &context)
            switch change {
            case .none: break
            case .refresh(let disk): outcome.refreshes[path] = disk
            case .put(let record, let disk): outcome.puts.append(LocalPut(record: record, disk: disk))
            }
        }
        outcome.puts = inOrder(outcome.puts)
        outcome.unseen = outcome.puts.compactMap { put in
            guard let target = targets[put.record.path] else { return nil }
            return isUnseen(target, by: put.record, after: rows[put.record.path]?.record) ? target : nil
        }
        return outcome
    }

    /// Whether others hear of a directory with the row, or of where it went on.
    private static func tells(_ row: IndexRow?) -> Bool {
        guard let row, row.standing == .agreed || row.standing == .local else { return false }
        switch row.record.content {
        case .directory, .deleted(_?): return true
        case .deleted(nil), .file, .symlink: return false
        }
    }

    private static func isUnseen(_ target: FileRecord, by record: FileRecord, after row: FileRecord?) -> Bool {
        if target.isDeleted || target.content.isDirectory || target.content == record.content { return false }
        return record.version.covers(target.origin) && row?.version.covers(target.origin) != true
    }

    /// Puts in the order of the log.
    public static func inOrder(_ puts: [LocalPut]) -> [LocalPut] { inLogOrder(puts, record: \.record) }

    /// The order in which records of one transaction enter the log: live ones with directories before what is in
    /// them, so that a parent is known first; then tombstones with directories last. What was below a directory that
    /// is now a file comes before that file, so that no one who has heard only half takes it for something that lives
    /// on there.
    static func inLogOrder<Item>(_ items: [Item], record: (Item) -> FileRecord) -> [Item] {
        var files: Set<RelativePath> = []
        for item in items {
            let record = record(item)
            if !record.isDeleted, !record.content.isDirectory { files.insert(record.path) }
        }
        let keyed = items.map { (item: $0, record: record($0), group: group(of: record($0), below: files)) }
        return keyed.sorted { left, right in
            if left.group != right.group { return left.group < right.group }
            let isReversed = left.record.isDeleted
            return isReversed ? right.record.path < left.record.path : left.record.path < right.record.path
        }.map(\.item)
    }

    private static func group(of record: FileRecord, below files: Set<RelativePath>) -> Int {
        guard record.isDeleted else { return 1 }
        var next = record.path.parent
        while let directory = next {
            if files.contains(directory) { return 0 }
            next = directory.parent
        }
        return 2
    }

    /// The new place, with the metadata that was found there, and the old one.
    private static func records(
        of move: LocalMove, existing: IndexRow?, origin: Origin, context: inout EditContext
    ) -> (arrived: FileRecord, left: FileRecord) {
        var moved = MovedEntry(
            move.from.record, to: move.to.path, replacing: existing?.record, origin: origin)
        let row = IndexRow(record: moved.arrived, sequence: 0, disk: move.from.disk, source: nil)
        if case .put(let record, _) = decide(move.to, row: row, target: nil, context: &context) {
            moved.arrived = record
        }
        return (moved.arrived, moved.left)
    }
}

/// A row whose entry went to another path.
struct LocalMove {
    let from: IndexRow
    let to: Observation
}

/// Recognises moves: an entry that is gone from one path and stands, by inode and content, at a new one.
enum MoveFinder {
    static func find(_ observations: [Observation], rows: [RelativePath: IndexRow]) -> [LocalMove] {
        var gone: [UInt64: IndexRow] = [:]
        for observation in observations {
            guard case .absent = observation.found, let row = rows[observation.path], !row.record.isDeleted,
                let disk = row.disk
            else { continue }
            gone[disk.inode] = row
        }
        if gone.isEmpty { return [] }
        var files: [LocalMove] = []
        var directories: [LocalMove] = []
        for observation in observations {
            guard let disk = observation.found.disk, let row = gone[disk.inode],
                row.disk?.device == disk.device, rows[observation.path]?.record.isDeleted ?? true,
                observation.content == row.record.content
            else { continue }
            let move = LocalMove(from: row, to: observation)
            if disk.kind == .directory { directories.append(move) } else { files.append(move) }
        }
        return files + carrying(files, among: directories)
    }

    /// Inodes are reused, and directories have no content to compare: a directory counts as moved only when something
    /// recognised moved along with it, directly or inside a directory that did.
    private static func carrying(_ files: [LocalMove], among directories: [LocalMove]) -> [LocalMove] {
        var pairs = Set(files.map { Pair(from: $0.from.record.path, to: $0.to.path) })
        var confirmed: [LocalMove] = []
        // Deepest first, so that a confirmed directory can confirm the one that holds it.
        for move in directories.sorted(by: { $0.to.path.depth > $1.to.path.depth }) {
            let pair = Pair(from: move.from.record.path, to: move.to.path)
            let carries = pairs.contains { $0.from.parent == pair.from && $0.to.parent == pair.to && $0.sameName }
            if carries {
                pairs.insert(pair)
                confirmed.append(move)
            }
        }
        return confirmed
    }

    private struct Pair: Hashable {
        let from: RelativePath
        let to: RelativePath
        var sameName: Bool { from.name == to.name }
    }
}
