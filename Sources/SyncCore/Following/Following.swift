internal import SyncModel

/// A live record that goes where the directory above it was moved without it (rule 6): a new file, link or directory of
/// one device, in a directory that another one renamed meanwhile.
///
/// Both records are derived from the child and the places alone, so that every device makes the same ones. The child's
/// history goes along, under authors that stand for its own authors at the new place: counters are folder-wide, and
/// under its own authors it would cover edits of the new place that it has not seen.
struct Following: Hashable {
    /// The child at the new place.
    let arrived: FileRecord
    /// The tombstone at the old one.
    let left: FileRecord

    /// - Parameters:
    ///   - child: live.
    ///   - places: of the child or of a directory above it, from the one where it is, through each move, to the last.
    /// - Returns: nil if the path would be too long, or its versions, or if the child is no directory and its content
    ///   was carried along before.
    init?(_ child: FileRecord, along places: [RelativePath]) {
        var record = child
        var seen = child.version
        record.lineage = child.departing
        for (from, to) in zip(places, places.dropFirst()) {
            let authors = FollowedAuthors(from: from, to: to)
            guard let path = try? record.path.rebased(from: from, to: to),
                let (version, origin) = authors.carry(
                    record.version, record.origin, again: child.content.isDirectory)
            else { return nil }
            record.path = path
            record.version = version
            record.origin = origin
            record.lineage = record.lineage(appending: Place(path: path, arrival: origin))
            if let conflict = record.conflictOf {
                record.conflictOf = try? conflict.rebased(from: from, to: to) ?? conflict
            }
            seen = seen.joined(with: version)
        }
        guard record.path != child.path, seen.entries.count <= Limits.carriedEntries else { return nil }
        record.movedFrom = MoveSource(path: child.path, origin: child.origin)
        arrived = record
        left = FileRecord(
            path: child.path, content: .deleted(movedTo: record.path), version: seen, origin: record.origin,
            edits: child.edits + 1)
    }
}

/// The authors that stand for others at the new place of what followed a move, or lost a conflict.
///
/// They depend on the two places without what these have in common at their end, so that all that one move carries
/// along has the same ones, at any depth; below each place every path has come from one path only.
struct FollowedAuthors {
    private let places: [UInt8]

    private init(places: [UInt8]) { self.places = places }

    init(from: RelativePath, to: RelativePath) {
        var (left, right) = (from.components[...], to.components[...])
        while let one = left.last, let other = right.last, one == other {
            left.removeLast()
            right.removeLast()
        }
        places = [left, right].flatMap { side in side.flatMap { Array($0) + [0] } + [0] }
    }

    /// A version, and the origin of its content, at the new place: nil where that content was carried there before.
    ///
    /// What was carried there before is known by the entries that its tombstone left in the version. What has been
    /// made at the old place since then is something else, which has not seen it.
    /// - Parameter again: carries a content also where it was carried before, under an author of its own. A directory
    ///   may come back so: two devices made it, and each merged its own with the deletion of the other's.
    func carry(
        _ version: VersionVector, _ origin: Origin, again: Bool = false
    ) -> (version: VersionVector, origin: Origin)? {
        var carried: Set<Author> = []
        var stands: [Author: (author: Author, since: UInt64)] = [:]
        for author in version.entries.map(\.author) {
            var since: UInt64 = 0
            var next = standIn(for: author, since: since)
            while version[next] > since {
                carried.insert(next)
                since = version[next]
                next = standIn(for: author, since: since)
            }
            stands[author] = (next, since)
        }
        func place(_ entry: Origin) -> Origin? {
            guard !carried.contains(entry.author), let stand = stands[entry.author], entry.counter > stand.since else {
                return nil
            }
            return Origin(author: stand.author, counter: entry.counter)
        }
        let entries = VersionVector(version.entries.compactMap(place))
        if let origin = place(origin) { return (entries, origin) }
        guard again, let stand = stands[origin.author] else { return nil }
        let anew = Origin(author: stand.author, counter: max(origin.counter, stand.since))
        return (entries.inserting(anew), anew)
    }

    /// An edit that stands for one alone, and that no other one at the new place has seen.
    func carryAlone(_ origin: Origin) -> Origin {
        let author = standIn(for: standIn(for: origin.author, since: origin.counter), since: 0)
        return Origin(author: author, counter: origin.counter)
    }

    /// The origin of conflict copies, of which no other edit at their places has seen anything: one author stands for
    /// another in all of them, because an index can name only so many.
    static func copy(_ origin: Origin) -> Origin {
        Origin(author: FollowedAuthors(places: []).standIn(for: origin.author, since: .max), counter: origin.counter)
    }

    /// An author of the same device, in an epoch that no index is born with but by a chance of one in 2^64.
    private func standIn(for author: Author, since counter: UInt64) -> Author {
        var mixed: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { mixed = (mixed ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in author.device.raw.bytes { mix(byte) }
        for number in [author.epoch.number, counter] {
            for shift in stride(from: 56, through: 0, by: -8) {
                mix(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        for byte in places { mix(byte) }
        return Author(device: author.device, epoch: IndexEpoch(Self.spread(mixed)))
    }

    /// Every bit of the result depends on every bit of the number.
    private static func spread(_ number: UInt64) -> UInt64 {
        var mixed = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
