internal import SyncModel

extension FileRecord {
    /// Its places, the last one where it stands.
    var placed: [Place] { lineage.isEmpty ? [Place(path: path, arrival: origin)] : lineage }

    /// Its places, with what was edited at the last one.
    var departing: [Place] {
        var places = placed
        if let last = places.last, last.arrival != origin { places[places.count - 1].edit = origin }
        return places
    }

    /// The places of what a move takes from here.
    func lineage(movedTo path: RelativePath, by move: Origin) -> [Place] {
        Self.bounded(departing + [Place(path: path, arrival: move)])
    }

    /// The places of what stands at one more.
    func lineage(appending place: Place) -> [Place] { Self.bounded(lineage + [place]) }

    private static func bounded(_ places: [Place]) -> [Place] { Array(places.suffix(Limits.lineagePlaces)) }
}

/// How two records of one file stand to each other: moves took it from one place to two.
///
/// Moves of a file form a tree, because each was made of what stood at one place. The order of its branches is that of
/// the origins of the moves where they part, so it is one order of all ends of a file, whoever compares which of them.
struct Kinship: Hashable {
    /// What became of one record since both were one.
    struct Branch: Hashable {
        /// Whether the content was edited.
        let isEdited: Bool
        /// The move with which it begins; nil where the record still stands where the other one left.
        let move: Place?
    }

    let left: Branch
    let right: Branch

    /// Nil if no place is known at which both were one.
    init?(_ left: FileRecord, _ right: FileRecord) {
        let (ours, theirs) = (left.departing, right.departing)
        guard
            let (here, there) = ours.indices.reversed().lazy.compactMap({ index in
                theirs.lastIndex { $0.isSame(as: ours[index]) }.map { (index, $0) }
            }).first
        else { return nil }
        // What went after its file, and met it only later, came to the same place with other content: what was edited
        // before says so. What has become of it since can be told only if it was one until then.
        let before = zip(ours[..<here], theirs[..<there])
        let isKnown = here == there && before.allSatisfy(==)
        let isTogether = isKnown && ours[here].edit == theirs[there].edit
        func branch(_ places: ArraySlice<Place>) -> Branch {
            let isEditedThere = !isTogether && places.first?.edit != nil
            let later = places.dropFirst()
            return Branch(
                isEdited: !isKnown || isEditedThere || later.contains { $0.edit != nil }, move: later.first)
        }
        self.left = branch(ours[here...])
        self.right = branch(theirs[there...])
    }

    /// Whether the left one's place is that of both, nil where nothing can be told.
    var isLeftFirst: Bool? {
        guard let one = left.move, let other = right.move else { return nil }
        return one.arrival == other.arrival ? one.path < other.path : one.arrival < other.arrival
    }
}

extension Place {
    fileprivate func isSame(as other: Place) -> Bool { path == other.path && arrival == other.arrival }
}
