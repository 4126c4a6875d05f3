public import SyncCore
public import SyncModel
internal import WireProtocol

/// All that a device decides about one folder: what happened goes in, what is to be done comes out, as data.
///
/// Whatever reads or changes the index is a *task*, and one task is under way at a time (`Lane`): it asks for what it
/// must know, decides, and commits. Everything else waits in bounded queues. Contents never pass through here.
public struct FolderMachine: Sendable {
    public let folder: FolderID
    public let device: DeviceID
    let hashing: @Sendable ([UInt8]) -> Bytes32

    /// Nil until the folder is opened.
    var index: IndexState?
    var isPaused: Bool
    var hold: Hold?
    /// Held deletions that a failure hides.
    var suspended: Hold?
    /// What is still to be mended before anything else.
    var recovery: RecoveryTask?
    /// Since a flush failed nobody knows what of it reached the disk: another would succeed all the same (rule 12).
    var doubt = FlushDoubt.none
    var lane = Lane()
    var queue = InputQueue()
    var scans = ScanBook()
    var sights = SightBook()
    var parts = PartBook()
    var deferral = AdaptiveDeferral()
    var waves = WaveBook()
    var fetches = FetchBook()
    var inline = InlineBook()
    var budget: DeletionBudget
    /// What it was before the transaction under way, if that counts deletions.
    var budgetBefore: DeletionBudget?
    /// Signed releases of held deletions that some member may not have heard of.
    var releases: [Author: DeletionRelease] = [:]
    var members: [DeviceID: MemberLink] = [:]
    /// Of these, the ones that are connected, sorted.
    var connections: [DeviceID] = []
    /// The members' logs as they are read: the stream's number, never given twice, and the sequence it was opened with.
    var streams: [DeviceID: (number: UInt32, after: IndexSequence)] = [:]
    /// By device, of everyone who is or was a member: roles, and names for conflict copies.
    var roster: [DeviceID: FolderMember] = [:]
    /// Whether this device belongs to the folder; so it is thought until the members are told. Who was removed hears
    /// nothing more, and places nothing of what it heard: it could tell nobody of what it would replace, and may belong
    /// to the folder again.
    var isMember = true
    /// Since when it is known not to belong to it, in seconds since 1970.
    var removedSeconds: Int64?
    /// Of these, the ones that are members no more: nobody waits for them.
    var formerMembers: Set<DeviceID> = []
    var barriers = BarrierBook()
    /// What the rebuild of a lost index left open.
    var found = FoundBook()
    var repairs = RepairBook()
    var collection: CollectionBook
    /// Of the last question to a member: each has a number of its own.
    private var lastQuestion: UInt32 = 0
    var problems = ProblemBook()
    /// When a state was told last, and when the next is due.
    var lastTold: UInt64 = 0
    var stateDue: UInt64?
    var now = Moment(monotonicNanoseconds: 0, unixSeconds: 0, random: 0)
    var effects: [FolderEffect] = []

    /// - Parameters:
    ///   - collectionSeconds: for how long a cut is known before deletions are forgotten by it.
    ///   - hashing: SHA-256, for the names of conflict copies.
    public init(
        folder: FolderID, device: DeviceID, isPaused: Bool, members: [FolderMember] = [],
        budget: DeletionBudget = DeletionBudget(), collectionSeconds: Int64 = Limits.collectionSeconds,
        hashing: @escaping @Sendable ([UInt8]) -> Bytes32
    ) {
        self.folder = folder
        self.device = device
        self.isPaused = isPaused
        self.budget = budget
        self.hashing = hashing
        collection = CollectionBook(seconds: collectionSeconds)
        for member in members { roster[member.device] = member }
        isMember = members.isEmpty || roster[device] != nil
        collection.members = membersDigest
    }

    /// Takes an event and says what is to be done, in this order.
    public mutating func handle(_ event: FolderEvent, at moment: Moment) -> [FolderEffect] {
        now = moment
        effects = []
        take(event)
        repeat {
            advance()
            publish()
        } while considerRepair()
        defer { effects = [] }
        return effects
    }

    /// The same, and when `tick` is to come next.
    mutating func handle(_ event: FolderEvent, at moment: Moment, deadline: inout UInt64?) -> [FolderEffect] {
        defer { deadline = nextDeadline }
        return handle(event, at: moment)
    }

    private mutating func take(_ event: FolderEvent) {
        switch event {
        case .opened(let opening): open(opening)
        case .unopened(let problem):
            stop(.index, problem.message)
            problems.add(problem, at: now.unixSeconds)
            emit(.changed)
        case .watched(let notices): watched(notices)
        case .observed, .scanEnded, .readEnded, .secondLookEnded: observed(event)
        case .loaded(let ticket, let loaded): if lane.isAwaiting(ticket) { took(loaded) }
        case .needsLoaded(let ticket, let needs): if lane.isAwaiting(ticket) { took(needs) }
        case .committed(let ticket, let committed): if lane.isAwaiting(ticket) { took(committed) }
        case .executed(let ticket, let outcomes): if lane.isAwaiting(ticket) { took(outcomes) }
        case .flushed(let ticket): if lane.isAwaiting(ticket) { tookFlush() }
        case .digestsLoaded(let ticket, let digests): if lane.isAwaiting(ticket) { took(digests) }
        case .itemsLoaded(let ticket, let items, let next): if lane.isAwaiting(ticket) { took(items, next: next) }
        case .heldLoaded(let ticket, let held): if lane.isAwaiting(ticket) { took(held) }
        case .markRefused(let device): doubtIdentity(device)
        case .deletionsLoaded(let ticket, let rows, let next):
            if lane.isAwaiting(ticket) { collect(rows, next: next) }
        case .failed(let ticket, let problem): if lane.isAwaiting(ticket) { failed(problem) }
        case .memberConnected(let device): connected(device)
        case .memberDisconnected(let device): disconnected(device)
        case .membersChanged(let members): changed(members)
        case .message(let device, let message): take(message, from: device)
        case .indexBatch(let device, let batch, let inline, let bytes):
            take(batch, inline: inline, bytes: bytes, from: device)
        case .fetched(let contents): fetched(contents)
        case .fetchFailed(let content, let failure): fetchFailed(content, failure)
        case .setPaused(let paused): setPaused(paused)
        case .release: release()
        case .discard: discard()
        case .revert(let paths): queue.reverts.append(LocalPass(.revert(paths)))
        case .released(let release): keep(release, from: nil)
        case .setBudget(let threshold): budget.threshold = threshold
        case .rescan: requestScan()
        case .barrier: break
        case .tick: tick()
        }
    }

    // MARK: Helpers

    mutating func newQuestion() -> UInt32 {
        lastQuestion = lastQuestion == .max ? 1 : lastQuestion + 1
        return lastQuestion
    }

    mutating func emit(_ effect: FolderEffect) { effects.append(effect) }

    /// Whether the index may be worked on.
    var isRunning: Bool { index != nil && !isPaused && hold?.stopsEverything != true }

    /// Where the loser of a conflict lives on; the path itself for what has no copy.
    func copyPath(of record: FileRecord) -> RelativePath {
        let name = roster[record.origin.author.device]?.name ?? record.origin.author.device.short
        return ConflictName.path(of: record, deviceName: name, hashing: hashing) ?? record.path
    }

    var editContext: EditContext {
        let status = index?.status
        return EditContext(
            author: Author(device: device, epoch: status?.epoch ?? IndexEpoch(0)),
            counter: (status?.nextEdit ?? 1) - 1, stampCounter: status?.stampCounter ?? 0,
            mayAnnounce: mayAnnounce)
    }
}

/// What is known of the index after the last commit.
struct IndexState: Sendable {
    var status: IndexStatus
    var digest: RootDigest
    var leastNeeds: [DeviceID: IndexSequence]
    /// Whether `leastNeeds` is known: an opening does not say it.
    var isExact: Bool

    var needCount: Int { status.needs.values.reduce(0) { $0 + $1.needs } }
    func count(_ state: NeedState) -> Int { status.needs[state]?.needs ?? 0 }
}

/// What is known of the last flush.
enum FlushDoubt: Sendable {
    /// It succeeded.
    case none
    /// It failed.
    case failed
    /// What was to be flushed is being read from the disk.
    case reading
}

/// Why a folder waits for a person.
public struct Hold: Hashable, Sendable {
    /// What kind of decision is waited for.
    public enum Cause: Hashable, Sendable {
        /// More deletions than the budget (rule 15).
        case deletions
        /// The disk is not the folder's, or can't be written.
        case disk
        /// Another index goes by this identity (rule 9).
        case identity
        /// The index can't be read or written.
        case index
        /// The device is no member of the folder any more.
        case membership
    }

    public var cause: Cause
    public var message: String
    /// Seconds since 1970.
    public var since: Int64

    public init(cause: Cause, message: String, since: Int64) {
        (self.cause, self.message, self.since) = (cause, message, since)
    }

    /// Held deletions stop nothing else.
    var stopsEverything: Bool { cause != .deletions }
}
