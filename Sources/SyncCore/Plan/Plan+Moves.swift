internal import SyncModel

extension Planner {
    /// The rename that brings the target's content from its old path: both halves of the move are needed, the old entry
    /// is there unchanged, and the new place is free. A directory goes as a whole, and only if all in it goes along.
    mutating func move(to need: Need) -> (left: Need, step: ApplyStep)? {
        guard let (left, row, disk) = source(of: need) else { return nil }
        if need.target.content.isDirectory {
            guard case .carried = below(left.path), !kept.contains(left.path), !need.path.isBelow(left.path) else {
                return nil
            }
            places[left.path] = need.path
            plan.carried.append(CarriedDirectory(from: left.path, to: need.path))
        }
        let metadata = EntryMetadata(from: row.record, to: need.target)
        return (left, ApplyStep(path: left.path, expected: .entry(disk), action: .move(to: need.path, metadata)))
    }

    /// What came along with its directory, in this wave or an earlier one: it is only looked at.
    mutating func carried(to need: Need) -> (left: Need, step: ApplyStep)? {
        guard let (left, row, disk) = source(of: need), left.path.name == need.path.name, let old = left.path.parent,
            let new = need.path.parent
        else { return nil }
        guard places[old] == new || self.row(old)?.record.content == .deleted(movedTo: new) else { return nil }
        if need.target.content.isDirectory { places[left.path] = need.path }
        let metadata = EntryMetadata(from: row.record, to: need.target)
        return (left, ApplyStep(path: need.path, expected: .entry(disk), action: .setMetadata(metadata)))
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
        case .leaving(let rows), .carried(let rows): rows
        case .nothing, .staying: 0
        }
    }
}
