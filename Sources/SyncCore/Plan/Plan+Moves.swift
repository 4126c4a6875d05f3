internal import SyncModel

extension Planner {
    /// The rename that brings the target's content from its old path: both halves of the move are needed, the old entry
    /// is there unchanged, and the new place is free. A directory is made anew: one that goes as a whole was renamed
    /// before the wave (`CarriedDirectory`).
    func move(to need: Need) -> (left: Need, step: ApplyStep)? {
        guard !need.target.content.isDirectory, let (left, row, disk) = source(of: need) else { return nil }
        let metadata = EntryMetadata(from: row.record, to: need.target)
        return (left, ApplyStep(path: left.path, expected: .entry(disk), action: .move(to: need.path, metadata)))
    }

    private func source(of need: Need) -> (left: Need, row: IndexRow, disk: DiskState)? {
        guard disk(need.path) == nil, let old = need.target.movedFrom?.path, let left = wave[old],
            left.target.content == .deleted(movedTo: need.path), !done.contains(old), let row = row(old),
            let disk = row.disk, row.record.content == need.target.content
        else { return nil }
        return (left, row, disk)
    }
}

extension BelowDirectory {
    /// Whether something lives on there.
    public var isStaying: Bool { if case .staying = self { true } else { false } }

    /// How many live rows must go before the directory can be deleted.
    var leavingRows: Int {
        switch self {
        case .leaving(let rows): rows
        case .nothing, .staying: 0
        }
    }
}
