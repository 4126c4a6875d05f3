internal import SyncModel

/// How far deletions are forgotten that every member has covered (rule 7).
struct CollectionBook: Sendable {
    /// For how long a cut is known before it counts.
    let seconds: Int64
    /// Of the members that we know: agreements with others than these make no cut.
    var members = Bytes32.zero
    /// Whether anything changed that a cut depends on.
    var isDue = false
    /// Cuts are looked at, and put down, now and then: not after every edit.
    private(set) var notBefore: UInt64 = 0
    /// Members whose agreement is not in the index yet.
    var unsaved: Set<DeviceID> = []
    /// The cut of the last walk over the deletions, and where it goes on.
    private(set) var cut = VersionVector()
    private(set) var position: RelativePath?
    /// Whether nothing is left that the cut covers.
    private(set) var isComplete = true
    /// The most needs that there were during the last walk: it passed over their paths.
    private var needs = 0

    init(seconds: Int64) { self.seconds = seconds }

    mutating func looked(at now: UInt64) {
        if isDue { notBefore = now + UInt64(max(0, min(seconds, Limits.collectionPauseSeconds))) * 1_000_000_000 }
        isDue = false
    }

    /// All deletions are to be looked at.
    mutating func restart(over cut: VersionVector) {
        (self.cut, position, isComplete, needs) = (cut, nil, cut.isEmpty, 0)
    }

    /// A page is done.
    mutating func advance(to next: RelativePath?, needs: Int) {
        (position, isComplete) = (next, next == nil)
        self.needs = max(self.needs, needs)
    }

    /// Where needs went that were in the way, a deletion may be left that others have forgotten.
    mutating func restart(whereFewerThanBefore needs: Int) {
        if isComplete, needs < self.needs { restart(over: cut) }
    }
}
