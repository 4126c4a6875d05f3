internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// A directory's move becomes the records that it stands for, made of what we have (rule 6).
extension FolderMachine {
    mutating func beginExpanding(_ move: DirectoryMove, _ task: MergeTask) {
        lane.task = .merging(task)
        emit(
            .loadRange(
                lane.newTicket(), first: move.first, last: move.last, limit: min(Int(move.count) * 2, Limits.queryRows))
        )
    }

    /// Whether the task has its records. If not, something is being loaded, or the member is asked for the records
    /// themselves: what is here is not what moved there.
    mutating func expand(_ move: DirectoryMove, _ task: inout MergeTask) -> Bool {
        guard task.records.isEmpty else { return true }
        let known = task.view.records
        var sources = known.values.compactMap { $0 }.filter { !$0.isDeleted && move.target(of: $0.path) != nil }
            .sorted { $0.path < $1.path }
        // Who renamed the directory with all that is in it tells of directories by themselves.
        if sources.count > move.count { sources.removeAll(where: \.content.isDirectory) }
        let targets = sources.compactMap { move.target(of: $0.path) }
        guard sources.count == move.count, let sequence = task.remote?.batch.entries.first?.sequence else {
            declineMoves(task)
            return false
        }
        let missing = targets.filter { known[$0] == nil }
        if !missing.isEmpty {
            lane.task = .merging(task)
            load(missing)
            return false
        }
        let moved = zip(sources, targets).map { source, target in
            MovedEntry(source, to: target, replacing: known[target] ?? nil, origin: move.origin)
        }
        guard
            let digest = try? DirectoryMove.digest(of: moved.map { ($0.arrived, $0.left) }, hashing: hashing),
            digest == move.digest, let device = task.remote?.device
        else {
            declineMoves(task)
            return false
        }
        task.records = moved.flatMap { [$0.arrived, $0.left] }
        task.announced = task.records.map { Announced(device: device, sequence: sequence, record: $0) }
        return true
    }

    /// The member tells all of its log by records from here on, as long as it is connected.
    private mutating func declineMoves(_ task: MergeTask) {
        lane.finish()
        guard let device = task.remote?.device else { return }
        members[device]?.takesMoves = false
        dropStream(device)
        startStream(device)
    }
}
