import SyncCore
package import SyncEngine
package import SyncModel

extension SimulatedIndex {
    package func load(_ paths: [RelativePath], below directories: [RelativePath]) -> Loaded {
        var loaded = Loaded()
        for path in paths { loaded.known[path] = KnownPath(row: rows[path], need: needs[path]) }
        for directory in directories { loaded.below[directory] = below(directory) }
        return loaded
    }

    package func loadStanding(below directories: [RelativePath], gone: Set<RelativePath>) -> Loaded {
        var standing: [RelativePath] = []
        for directory in directories {
            standing += entries(below: directory).filter { rows[$0]?.disk != nil && !gone.contains($0) }
        }
        standing = Array(standing.prefix(Loaded.standingGreatest))
        var loaded = load(standing, below: [])
        loaded.standing = standing
        return loaded
    }

    private func below(_ directory: RelativePath) -> BelowDirectory {
        let needed = needs.values.filter {
            $0.path.isBelow(directory) && $0.state != .unflushed && !$0.target.isDeleted
        }
        let live = entries(below: directory).filter { path in
            rows[path]?.standing != .local || needs[path]?.target.isDeleted == true
        }
        let living = Set(needed.map(\.path)).union(live.filter { needs[$0]?.target.isDeleted != true })
        if !living.isEmpty { return .staying(Array(living.sorted().prefix(Limits.waveRecords))) }
        return live.isEmpty ? .nothing : .leaving(live.count)
    }

    /// Paths of live rows, in order.
    package func entries(below directory: RelativePath?) -> [RelativePath] {
        rows.values.filter { row in !row.record.isDeleted && (directory.map { row.record.path.isBelow($0) } ?? true) }
            .map(\.record.path).sorted()
    }

    package func needs(_ state: NeedState, after path: RelativePath?, limit: Int) -> [Need] {
        let found = needs.values.filter { need in need.state == state && (path.map { $0 < need.path } ?? true) }
        return Array(found.sorted { $0.path < $1.path }.prefix(limit))
    }

    /// Live rows and needs between two paths, both included.
    package func load(from first: RelativePath, to last: RelativePath, limit: Int) -> Loaded {
        var paths: Set<RelativePath> = [first]
        let live = rows.values.filter { !$0.record.isDeleted && $0.record.path > first }
        paths.formUnion(live.map(\.record.path).sorted().prefix(limit).filter { $0 <= last })
        for state in NeedState.allCases {
            paths.formUnion(needs(state, after: first, limit: limit).map(\.path).filter { $0 <= last })
        }
        return load(paths.sorted(), below: [])
    }

    /// Rows that are found or old, in path order, with their needs.
    package func unsettled(after path: RelativePath?, limit: Int) -> Loaded {
        load(where: { $0.standing == .found || $0.standing == .old }, after: path, limit: limit)
    }

    /// Local rows in path order, with their needs.
    package func localRows(after path: RelativePath?, limit: Int) -> Loaded {
        load(where: { $0.standing == .local }, after: path, limit: limit)
    }

    private func load(where isWanted: (IndexRow) -> Bool, after path: RelativePath?, limit: Int) -> Loaded {
        let beyond = rows.values.filter { row in isWanted(row) && (path.map { $0 < row.record.path } ?? true) }
        let paths = beyond.map(\.record.path).sorted().prefix(limit)
        return load(Array(paths), below: [])
    }

    /// Agreed rows beyond a sequence in the order of the log, without those that `device` announced in its
    /// present log; and whether these are all.
    package func log(
        after sequence: IndexSequence, limit: Int, without device: DeviceID, in epoch: IndexEpoch?
    ) -> (rows: [IndexRow], upTo: IndexSequence, isLast: Bool) {
        let beyond = rows.values.filter { $0.sequence > sequence && $0.standing == .agreed }
            .sorted { $0.sequence < $1.sequence }
        let isKnown = epoch != nil && peers[device]?.epoch == epoch
        let rows = Array(beyond.filter { $0.source != device || !isKnown }.prefix(limit))
        let isLast = rows.count < limit
        return (rows, isLast ? max(mark.sequence, sequence) : rows.last?.sequence ?? sequence, isLast)
    }

    /// Live rows whose entry is this inode.
    package func rows(inode: UInt64) -> [IndexRow] {
        rows.values.filter { $0.disk?.inode == inode && !$0.record.isDeleted }.sorted { $0.sequence < $1.sequence }
    }
}

extension SimulatedIndex {
    /// Like `IndexReader.collectable`.
    func collectable(after path: RelativePath?, limit: Int) -> [IndexRow] {
        let paths = rows.filter { $0.value.counted?.isDeleted == true && needs[$0.key] == nil }.keys.sorted()
        return paths.filter { key in path.map { $0 < key } ?? true }.prefix(limit).compactMap { rows[$0] }
    }
}
