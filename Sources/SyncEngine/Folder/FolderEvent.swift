public import SyncCore
public import SyncModel
public import WireProtocol

/// What the folder's databases and disk say when the folder is opened, after what a crash left was mended.
public struct FolderOpening: Sendable {
    public var status: IndexStatus
    public var digest: RootDigest
    public var peers: [SyncModel.PeerState]
    /// What stands at the paths of intents (rule 12), each read whole: their needs are `applying` or `unflushed`.
    public var intents: [Observation]
    /// Of these paths, the ones at which a need was applied and something stands that stood there before: it came back
    /// with a loss of power.
    public var returned: Set<RelativePath>
    /// Directories to which something went back that a wave had taken from them: that they were changed since the
    /// machine's start says nothing of what people did.
    public var refilled: Set<RelativePath>
    /// The machine's start, if it may have been since the intents were written: until then what they made may be torn,
    /// and nothing that changed later is. Nil if it runs since before, or all of that is mended.
    public var restart: MachineStart?
    /// Releases of held deletions that the index kept.
    public var releases: [ReleaseRow]
    /// Whether it follows a flush that failed.
    public var afterFailedFlush: Bool

    public init(
        status: IndexStatus, digest: RootDigest, peers: [SyncModel.PeerState], intents: [Observation],
        returned: Set<RelativePath> = [], refilled: Set<RelativePath> = [], releases: [ReleaseRow],
        restart: MachineStart?, afterFailedFlush: Bool = false
    ) {
        self.status = status
        self.digest = digest
        self.peers = peers
        self.intents = intents
        self.returned = returned
        self.refilled = refilled
        self.releases = releases
        self.restart = restart
        self.afterFailedFlush = afterFailedFlush
    }
}

/// Observations that are decided on together, at most `Limits.waveRecords`.
public struct ObservedBatch: Sendable {
    public var observations: [Observation]
    /// Monotonic nanoseconds before the first of them was read: what a wave touched since then is read again. `.max`
    /// where that can't be.
    public var begun: UInt64
    /// The chunk lists of observed files of more than one chunk.
    public var chunks: [ContentChunks]
    /// Paths that could not be observed, and why.
    public var problems: [Problem]
    /// Whether paths of it are looked at once more, because their stat may hide a change (rule 13): `secondLookEnded`
    /// follows.
    public var hasSecondLook = false
    /// Whether whoever gave it waits until it is taken: `FolderEffect.tookObservations`.
    public var isPaced = false

    public init(
        observations: [Observation] = [], begun: UInt64 = .max, chunks: [ContentChunks] = [], problems: [Problem] = []
    ) {
        self.observations = observations
        self.begun = begun
        self.chunks = chunks
        self.problems = problems
    }
}

/// What an index said of paths and directories.
public struct Loaded: Sendable {
    public var known: [RelativePath: KnownPath]
    public var below: [RelativePath: BelowDirectory]
    /// What stands below directories (`loadStanding`), in path order for each of them; the first of it where there are
    /// `standingGreatest`: more than directories in one another.
    public var standing: [RelativePath] = []
    public static let standingGreatest = Limits.pathComponents

    public init(known: [RelativePath: KnownPath] = [:], below: [RelativePath: BelowDirectory] = [:]) {
        (self.known, self.below) = (known, below)
    }
}

/// The index after a commit.
public struct Committed: Sendable {
    public var status: IndexStatus
    public var digest: RootDigest
    /// For each member with needs: the least sequence of its log that one of them waits for.
    public var leastNeeds: [DeviceID: IndexSequence]

    public init(status: IndexStatus, digest: RootDigest, leastNeeds: [DeviceID: IndexSequence]) {
        self.status = status
        self.digest = digest
        self.leastNeeds = leastNeeds
    }
}

/// A content that came inside an index batch and is held in memory under a number.
public struct HeldContent: Hashable, Sendable {
    public var content: FileContent
    public var handle: UInt64

    public init(content: FileContent, handle: UInt64) { (self.content, self.handle) = (content, handle) }
}

/// What the watcher saw, before anything was read.
public enum WatchNotice: Hashable, Sendable {
    /// Closed after writing.
    case closed(RelativePath)
    /// Written, and still open.
    case modified(RelativePath)
    /// Made, removed, renamed, or its metadata changed.
    case changed(RelativePath)
    /// Events were lost, or a directory came in: look at all of it (nil: the whole folder).
    case rescan(RelativePath?)
    /// A directory is gone with all that was in it: look at it after what came in, which it may have become.
    case left(RelativePath)
    /// So many directories can't be watched; 0 when all are again.
    case watchLimit(uncovered: Int)
}

/// Why a content could not be fetched.
public enum FetchObstacle: Hashable, Sendable {
    /// Nobody can be asked for it now.
    case noSource
    case disk(Problem.Kind, message: String)
}

/// What happens to a folder.
public enum FolderEvent: Sendable {
    case opened(FolderOpening)
    /// The folder could not be opened; it is in error until the agent tries again.
    case unopened(Problem)
    case watched([WatchNotice])
    case observed(ObservedBatch)
    /// All observations of a scan were given before. `complete` is false when it had to stop.
    case scanEnded(subtree: RelativePath?, complete: Bool)
    /// A `read` was served: its observations, and what else was noticed, were given before.
    case readEnded
    /// The second look of a batch that has one has come to its end.
    case secondLookEnded
    case loaded(Ticket, Loaded)
    case needsLoaded(Ticket, [Need])
    case committed(Ticket, Committed)
    /// The wave's outcomes, one a step.
    case executed(Ticket, [ApplyOutcome])
    case flushed(Ticket)
    /// Exactly 256, by bucket.
    case digestsLoaded(Ticket, [Bytes32])
    /// In any order; `next` is where the bucket goes on, nil at its end.
    case itemsLoaded(Ticket, [BucketListing.Item], next: RelativePath?)
    /// The paths whose content stood there by the index, and does no more.
    case heldLoaded(Ticket, Set<RelativePath>)
    /// What a member showed is no place in our log (rule 9).
    case markRefused(DeviceID)
    /// Deletions, and where to go on; nil at the end.
    case deletionsLoaded(Ticket, [IndexRow], next: RelativePath?)
    /// An effect with a ticket failed as a whole; nothing of it was done.
    case failed(Ticket, Problem)
    case memberConnected(DeviceID)
    case memberDisconnected(DeviceID)
    case membersChanged([FolderMember])
    case message(DeviceID, Message)
    /// A batch without its inline contents, which are held under their numbers; `bytes` is what it cost of its stream's
    /// credit.
    case indexBatch(DeviceID, IndexBatch, inline: [HeldContent], bytes: Int)
    case fetched([FileContent])
    case fetchFailed(FileContent, FetchObstacle)
    case setPaused(Bool)
    /// A person said that the held deletions are meant, here and at all members.
    case release
    /// A person said that they are not: the files come back, or stay.
    case discard
    /// Local changes at these paths and below them are not meant; all of them where none is named.
    case revert([RelativePath])
    /// Answers `signRelease`.
    case released(DeletionRelease)
    case setBudget(DeletionBudget.Threshold)
    /// Scan now; `wait` and people ask for it.
    case rescan
    case barrier(UInt64)
    case tick
}

/// A member of the folder as the folder's machine has to know it.
public struct FolderMember: Hashable, Sendable {
    public var device: DeviceID
    public var role: Role
    /// As frozen in the membership record: for conflict copies.
    public var name: String
    /// 1 for its first membership; each return after a removal has the next.
    public var incarnation: UInt64

    public init(device: DeviceID, role: Role, name: String, incarnation: UInt64 = 1) {
        self.incarnation = incarnation
        self.device = device
        self.role = role
        self.name = name
    }
}
