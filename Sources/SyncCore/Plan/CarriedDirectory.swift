public import SyncModel

/// A directory that goes to another place with all that is in it, by one rename (rule 6): possible where everything
/// below it that is known is to become, under its name at the new place, just what it is.
public struct CarriedDirectory: Hashable, Sendable {
    public let from: RelativePath
    /// Neither below `from` nor above it.
    public let to: RelativePath

    public init?(from: RelativePath, to: RelativePath) {
        guard from != to, !to.isBelow(from), !from.isBelow(to) else { return nil }
        (self.from, self.to) = (from, to)
    }

    /// Where a tombstone says that the directory went which a row has.
    public init?(_ tombstone: FileRecord, replacing row: IndexRow?) {
        guard case .deleted(let target?) = tombstone.content, row?.record.content == .directory, row?.disk != nil else {
            return nil
        }
        self.init(from: tombstone.path, to: target)
    }

    /// The paths that must be known before anything of it is decided.
    public var paths: [RelativePath] { Set([from, to, to.parent].compactMap { $0 }).sorted() }

    /// Where a path below the directory goes; nil if it has no room there.
    public func place(of path: RelativePath) -> RelativePath? { (try? path.rebased(from: from, to: to)) ?? nil }

    /// Whether the directory itself can go there now: both ends are needed, and the new one has a directory above it
    /// that stays.
    public func isPossible(_ known: [RelativePath: KnownPath]) -> Bool {
        guard let source = known[from], source.row?.record.content == .directory,
            Self.isCarried(source, to: to, known[to] ?? KnownPath(row: nil, need: nil))
        else { return false }
        guard let parent = to.parent else { return true }
        guard let above = known[parent], let row = above.row, row.standing == .agreed, row.disk?.kind == .directory,
            row.record.content.isDirectory
        else { return false }
        return above.need.map { $0.target.content.isDirectory } ?? true
    }

    /// The rename. Nothing may stand at the new place.
    public func step(_ known: [RelativePath: KnownPath]) -> ApplyStep? {
        guard let disk = known[from]?.row?.disk else { return nil }
        return ApplyStep(path: from, expected: .entry(disk), action: .move(to: to, EntryMetadata()))
    }

    /// Whether it is under way: the intents of both ends are there, and go with its last row.
    public func isUnderWay(_ known: [RelativePath: KnownPath]) -> Bool {
        guard let left = known[from], let arrived = known[to]?.need else { return false }
        return left.need?.state == .applying && left.need?.target.isDeleted == true && left.row?.disk != nil
            && arrived.state == .applying && arrived.target.content == .directory
    }

    // MARK: What is in it

    /// The new places of what is live below it; nil if something can't go along, whatever is known of its new place.
    /// - Parameter below: rows and needs below `from`.
    public func places(of below: [RelativePath: KnownPath]) -> [RelativePath]? {
        var places: [RelativePath] = []
        for (path, known) in below {
            if Self.isNothing(known) { continue }
            guard known.row?.record.isDeleted == false, let place = place(of: path) else { return nil }
            places.append(place)
        }
        return places.sorted()
    }

    /// Whether all of it goes along.
    /// - Parameters:
    ///   - below: rows and needs below `from`.
    ///   - known: what is known of their `places`.
    public func carries(_ below: [RelativePath: KnownPath], to known: [RelativePath: KnownPath]) -> Bool {
        below.allSatisfy { path, source in
            if Self.isNothing(source) { return true }
            guard let place = place(of: path), let target = known[place] else { return false }
            return Self.isCarried(source, to: place, target)
        }
    }

    /// Deleted, and to stay so.
    private static func isNothing(_ known: KnownPath) -> Bool {
        (known.row?.record.isDeleted ?? true) && (known.need?.target.isDeleted ?? true)
    }

    /// Whether an entry is to go from its path, and what it is, metadata included, is to come to `place`, where nothing
    /// stands: whoever has made what of which does not matter then.
    private static func isCarried(_ source: KnownPath, to place: RelativePath, _ target: KnownPath) -> Bool {
        guard let row = source.row, row.standing == .agreed, !row.record.isDeleted, row.disk != nil,
            let left = source.need, left.isUntouched, case .deleted(let movedTo) = left.target.content,
            movedTo == nil || movedTo == place,
            let arrived = target.need, arrived.isUntouched, arrived.target.content == row.record.content,
            EntryMetadata(from: row.record, to: arrived.target).isEmpty
        else { return false }
        guard let there = target.row else { return true }
        return there.standing == .agreed && there.record.isDeleted && there.disk == nil
    }

    // MARK: Rows

    /// The row of the directory at its new place; nil if it is there already. Of a directory's stat only what a rename
    /// leaves as it is counts.
    public func arrival(_ known: [RelativePath: KnownPath]) -> AppliedRow? {
        guard let need = known[to]?.need, known[to]?.row?.record != need.target else { return nil }
        return AppliedRow(record: need.target, disk: known[from]?.row?.disk, need: need)
    }

    /// The tombstone of the directory at its old place.
    public func departure(_ known: [RelativePath: KnownPath]) -> AppliedRow? {
        known[from]?.need.map { AppliedRow(record: $0.target, disk: nil, need: $0) }
    }

    /// The rows of what went along, in the order of the log: directories first, so that the other ends of all else can
    /// be told as one. Below `from`, directories keep their rows: others would take them for gone while something is
    /// still told to be in them.
    public func arrivals(_ below: [RelativePath: KnownPath], _ known: [RelativePath: KnownPath]) -> [AppliedRow] {
        var directories: [AppliedRow] = []
        var others: [AppliedRow] = []
        for (path, source) in below where !Self.isNothing(source) {
            guard let place = place(of: path), let target = known[place], let row = source.row,
                Self.isCarried(source, to: place, target), let arrived = target.need
            else { continue }
            let applied = AppliedRow(record: arrived.target, disk: row.disk, need: arrived)
            if row.record.content.isDirectory {
                directories.append(applied)
            } else if let left = source.need {
                others += [applied, AppliedRow(record: left.target, disk: nil, need: left)]
            }
        }
        return [directories, others].flatMap { LocalChanges.inLogOrder($0, record: \.record) }
    }

    /// The tombstones of directories below `from` that hold nothing live any more, in the order of the log.
    /// - Parameters:
    ///   - below: what is live below `from`, of a range of paths.
    ///   - isLast: whether nothing follows the range; else what follows may be in the last of these directories.
    public func departures(_ below: [RelativePath: KnownPath], isLast: Bool) -> [AppliedRow] {
        let live = below.filter { $0.value.row?.record.isDeleted == false }
        var full: Set<RelativePath> = []
        func keep(_ path: RelativePath?) {
            var next = path
            while let directory = next, full.insert(directory).inserted { next = directory.parent }
        }
        if !isLast { keep(live.keys.max()) }
        for (path, known) in live where !Self.hasLeft(known) { keep(path) }
        let rows = live.compactMap { path, known -> AppliedRow? in
            guard !full.contains(path), let need = known.need else { return nil }
            return AppliedRow(record: need.target, disk: nil, need: need)
        }
        return LocalChanges.inLogOrder(rows, record: \.record)
    }

    private static func hasLeft(_ known: KnownPath) -> Bool {
        guard let row = known.row, row.record.content.isDirectory, let need = known.need else { return false }
        return need.isUntouched && need.target.isDeleted
    }
}

extension Need {
    /// Whether nothing was done for it yet, and nothing is in its way.
    fileprivate var isUntouched: Bool { state == .wanted || state == .staged }
}
