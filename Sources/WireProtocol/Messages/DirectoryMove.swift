public import SyncModel

/// A part of a directory's move, as one entry of the log (rule 6): what is live at `from` or below it, in a range of
/// paths, went to `to` in one edit. It stands for two records an entry, which the receiver makes of its own ones
/// (`MovedEntry`); where their digest is another, it asks for the records themselves.
public struct DirectoryMove: Hashable, Sendable {
    public var from: RelativePath
    /// Neither `from`, nor below it, nor above.
    public var to: RelativePath
    /// The range, both ends included: at `from` or below it, in the order of paths.
    public var first: RelativePath
    public var last: RelativePath
    /// How many entries moved: 1 ... `Limits.batchRecords` / 2.
    public var count: UInt32
    /// `digest(of:hashing:)` of the records that it stands for.
    public var digest: Bytes32
    /// The edit that moved them.
    public var origin: Origin

    public init(
        from: RelativePath, to: RelativePath, first: RelativePath, last: RelativePath, count: UInt32, digest: Bytes32,
        origin: Origin
    ) {
        self.from = from
        self.to = to
        self.first = first
        self.last = last
        self.count = count
        self.digest = digest
        self.origin = origin
    }

    /// Where a path of the range goes; nil for one that is not in it, or has no room there.
    public func target(of path: RelativePath) -> RelativePath? {
        guard first <= path, path <= last else { return nil }
        return (try? path.rebased(from: from, to: to)) ?? nil
    }

    /// SHA-256 of the encodings (`RecordEncoding`) of all records: of each entry, in the order of the old paths, the
    /// one at the new place and the tombstone at the old one.
    public static func digest(
        of records: [(arrived: FileRecord, left: FileRecord)], hashing: ([UInt8]) -> Bytes32
    ) throws(WireError) -> Bytes32 {
        var bytes: [UInt8] = []
        for record in records {
            bytes += try RecordEncoding.encode(record.arrived)
            bytes += try RecordEncoding.encode(record.left)
        }
        return hashing(bytes)
    }

    /// Nil unless the records are, in any order, the two ends of moves in one edit of what one directory holds.
    init?(standingFor records: ArraySlice<FileRecord>, hashing: ([UInt8]) -> Bytes32) {
        guard let origin = records.first?.origin else { return nil }
        var left: [RelativePath: FileRecord] = [:]
        for record in records where record.isDeleted { left[record.path] = record }
        var pairs: [(arrived: FileRecord, left: FileRecord)] = []
        for record in records where !record.isDeleted {
            guard let source = record.movedFrom?.path, let tombstone = left.removeValue(forKey: source),
                tombstone.content == .deleted(movedTo: record.path)
            else { return nil }
            pairs.append((record, tombstone))
        }
        pairs.sort { $0.left.path < $1.left.path }
        guard left.isEmpty, let first = pairs.first, let last = pairs.last else { return nil }
        let (from, to) = Self.directories(first.left.path, first.arrived.path)
        guard pairs.allSatisfy({ (try? $0.left.path.rebased(from: from, to: to)) == $0.arrived.path }),
            let digest = try? Self.digest(of: pairs, hashing: hashing)
        else { return nil }
        self.init(
            from: from, to: to, first: first.left.path, last: last.left.path, count: UInt32(pairs.count),
            digest: digest, origin: origin)
        guard isConsistent else { return nil }
    }

    /// The directories whose move moves one path to another: without what both have in common at their end.
    private static func directories(_ from: RelativePath, _ to: RelativePath) -> (RelativePath, RelativePath) {
        var (from, to) = (from, to)
        while from.name == to.name, let above = from.parent, let other = to.parent, above != other {
            (from, to) = (above, other)
        }
        return (from, to)
    }

    /// What a reader and a writer refuse otherwise.
    var isConsistent: Bool {
        count > 0 && from != to && !to.isBelow(from) && !from.isBelow(to) && first <= last
            && (first == from || first.isBelow(from)) && (last == from || last.isBelow(from))
    }
}

/// What the next batch of a log is made of.
public enum LogPart: Hashable, Sendable {
    /// So many records.
    case records(Int)
    /// So many records, for which one entry stands.
    case move(DirectoryMove, Int)

    /// - Parameters:
    ///   - records: the next ones in the log.
    ///   - isLast: whether nothing follows them.
    ///   - least: as few moved entries are told by their records.
    ///   - hashing: SHA-256.
    public static func next(
        of records: [FileRecord], isLast: Bool, least: Int = 8, hashing: ([UInt8]) -> Bytes32
    ) -> LogPart {
        var start = 0
        while start < records.count {
            var end = start + 1
            while end < records.count, records[start].isHalfOfMove, records[end].isHalfOfMove,
                records[end].origin == records[start].origin, end - start < Limits.batchRecords
            {
                end += 1
            }
            if end - start >= 2 * least {
                // The rest of it may be beyond these records.
                if start > 0 { return .records(start) }
                if isLast || end < records.count || end == Limits.batchRecords,
                    let move = DirectoryMove(standingFor: records[..<end], hashing: hashing)
                {
                    return .move(move, end)
                }
            }
            start = end
        }
        return .records(records.count)
    }
}

extension FileRecord {
    fileprivate var isHalfOfMove: Bool {
        switch content {
        case .deleted(let target): target != nil
        case .file, .directory, .symlink: movedFrom != nil
        }
    }
}
