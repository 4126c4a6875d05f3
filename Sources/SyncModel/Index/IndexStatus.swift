/// How many needs there are of one state, and how much content they are.
public struct NeedCount: Hashable, Sendable {
    public var needs: Int
    /// Sizes of the targets together, in bytes.
    public var bytes: UInt64

    public init(needs: Int = 0, bytes: UInt64 = 0) { (self.needs, self.bytes) = (needs, bytes) }
}

/// A place in a log and the running hash of all before it: tells forks and rollbacks (rule 9).
public struct LogMark: Hashable, Sendable {
    public var sequence: IndexSequence
    public var hash: Bytes32

    public init(sequence: IndexSequence, hash: Bytes32) { (self.sequence, self.hash) = (sequence, hash) }
}

/// The counters and totals of an index after a commit.
public struct IndexStatus: Hashable, Sendable {
    public var folder: FolderID
    public var device: DeviceID
    public var epoch: IndexEpoch
    /// The counter that our next edit takes.
    public var nextEdit: UInt64
    /// Our log's last sequence and its running hash.
    public var mark: LogMark
    /// The greatest stamp counter seen: the next stamp is at least one more (rule 3).
    public var stampCounter: UInt64
    /// What this device has durably covered (rule 1).
    public var frontier: VersionVector
    /// Every member has durably covered it: deletions that it covers are forgotten (rule 7).
    public var cut: VersionVector
    /// What is to become part of the cut when it has been known for long enough.
    public var proposedCut: ProposedCut?
    /// Live rows by kind, and the files' sizes together.
    public var files: Int
    public var directories: Int
    public var symlinks: Int
    public var bytes: UInt64
    public var tombstones: Int
    /// Live conflict copies.
    public var conflicts: Int
    /// Whether the index follows one that was lost and no scan of everything was completed since (rule 8).
    public var isRebuilding: Bool
    /// Rows that stand as `found` and as `old`.
    public var found: Int
    public var old: Int
    /// Rows that stand as `local`.
    public var local: Int
    /// Every state is present.
    public var needs: [NeedState: NeedCount]

    public init(
        folder: FolderID, device: DeviceID, epoch: IndexEpoch, nextEdit: UInt64, mark: LogMark, stampCounter: UInt64,
        frontier: VersionVector, cut: VersionVector = VersionVector(), proposedCut: ProposedCut? = nil,
        files: Int, directories: Int, symlinks: Int, bytes: UInt64, tombstones: Int, conflicts: Int,
        isRebuilding: Bool = false, found: Int = 0, old: Int = 0, local: Int = 0, needs: [NeedState: NeedCount]
    ) {
        self.folder = folder
        self.device = device
        self.epoch = epoch
        self.nextEdit = nextEdit
        self.mark = mark
        self.stampCounter = stampCounter
        self.frontier = frontier
        self.cut = cut
        self.proposedCut = proposedCut
        self.files = files
        self.directories = directories
        self.symlinks = symlinks
        self.bytes = bytes
        self.tombstones = tombstones
        self.conflicts = conflicts
        self.isRebuilding = isRebuilding
        self.found = found
        self.old = old
        self.local = local
        self.needs = needs
    }

    /// Needs that are not applied yet: every state but `unflushed` (rule 27).
    public var needFiles: Int { needs.reduce(0) { $0 + ($1.key == .unflushed ? 0 : $1.value.needs) } }

    /// Sizes of the targets of `needFiles` together, in bytes; announced sizes that make no sense may wrap it.
    public var needBytes: UInt64 { needs.reduce(0) { $0 &+ ($1.key == .unflushed ? 0 : $1.value.bytes) } }
}

/// What is known of another member's index, and it of ours.
public struct PeerState: Hashable, Sendable {
    public var device: DeviceID
    /// The epoch of its index that the positions below belong to; nil before the first contact.
    public var epoch: IndexEpoch?
    /// Up to here its log is in our rows and needs.
    public var receivedSequence: IndexSequence
    /// The running hash of its log at a position received: shown to it at the next connection (rule 9).
    public var mark: LogMark
    /// How far it acknowledged our log, and in which epoch of ours.
    public var acknowledgedEpoch: IndexEpoch?
    public var acknowledgedSequence: IndexSequence
    /// How far our log was sent to it.
    public var sentSequence: IndexSequence
    /// What it has durably covered.
    public var frontier: VersionVector
    /// What it had durably covered when its records were last found to equal ours.
    public var agreed: AgreedFrontier?

    public init(
        device: DeviceID, epoch: IndexEpoch? = nil, receivedSequence: IndexSequence = 0,
        mark: LogMark = LogMark(sequence: 0, hash: .zero), acknowledgedEpoch: IndexEpoch? = nil,
        acknowledgedSequence: IndexSequence = 0, sentSequence: IndexSequence = 0,
        frontier: VersionVector = VersionVector(), agreed: AgreedFrontier? = nil
    ) {
        self.device = device
        self.epoch = epoch
        self.receivedSequence = receivedSequence
        self.mark = mark
        self.acknowledgedEpoch = acknowledgedEpoch
        self.acknowledgedSequence = acknowledgedSequence
        self.sentSequence = sentSequence
        self.frontier = frontier
        self.agreed = agreed
    }
}

/// The two digests of an index: of its live records and of its tombstones (rule 7).
public struct RootDigest: Hashable, Sendable {
    public let live: Bytes32
    public let tombstones: Bytes32

    public init(live: Bytes32, tombstones: Bytes32) { (self.live, self.tombstones) = (live, tombstones) }
}
