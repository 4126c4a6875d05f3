public import SyncModel

/// One row as a local batch leaves it.
public struct LocalPut: Hashable, Sendable {
    public let record: FileRecord
    public let disk: DiskState?
}

/// What a batch of observations makes of the index.
public struct LocalOutcome: Hashable, Sendable {
    /// New records in the order of the log: live ones with directories before what is in them, then tombstones with
    /// directories after what was in them.
    public var puts: [LocalPut] = []
    /// Rows of which only the stat changed.
    public var refreshes: [RelativePath: DiskState] = [:]
}

extension LocalChanges {
    /// Decides a batch together, so that a disappearance and an appearance of the same inode and content become a move.
    ///
    /// - Parameter observations: one a path.
    public static func decide(
        _ observations: [Observation], rows: [RelativePath: IndexRow], targets: [RelativePath: FileRecord],
        context: inout EditContext
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
        for observation in observations where !handled.contains(observation.path) {
            let path = observation.path
            switch decide(observation, row: rows[path], target: targets[path], context: &context) {
            case .none: break
            case .refresh(let disk): outcome.refreshes[path] = disk
            case .put(let record, let disk): outcome.puts.append(LocalPut(record: record, disk: disk))
            }
        }
        outcome.puts.sort { logOrder($0.record, $1.record) }
        return outcome
    }

    /// The order in which records of one transaction enter the log.
    public static func logOrder(_ left: FileRecord, _ right: FileRecord) -> Bool {
        if left.isDeleted != right.isDeleted { return !left.isDeleted }
        return left.isDeleted ? right.path < left.path : left.path < right.path
    }

    /// A moved record keeps its content's origin; its version and the tombstone's are those of the old path and the
    /// move.
    private static func records(
        of move: LocalMove, existing: IndexRow?, origin: Origin, context: inout EditContext
    ) -> (arrived: FileRecord, left: FileRecord) {
        let source = move.from.record
        let left = deletion(of: source, movedTo: move.to.path, origin: origin)
        var arrived = source
        arrived.path = move.to.path
        arrived.version = left.version.joined(with: existing?.record.version ?? VersionVector())
        arrived.edits = max(source.edits, existing.map { $0.record.edits + 1 } ?? 0)
        arrived.movedFrom = MoveSource(path: source.path, origin: source.origin)
        arrived.conflictOf = nil
        if let disk = move.to.found.disk {
            var renamed = move.from
            renamed.record = arrived
            if case .put(let record, _) = decide(
                move.to, row: IndexRow(record: arrived, sequence: 0, disk: renamed.disk, source: nil), target: nil,
                context: &context)
            {
                arrived = record
            }
            _ = disk
        }
        return (arrived, left)
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
