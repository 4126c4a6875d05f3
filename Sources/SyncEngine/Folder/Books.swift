internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// Inputs that wait for the lane, in the order in which they came.
struct InputQueue: Sendable {
    enum Local: Sendable {
        case batch(ObservedBatch)
        case scanEnded(subtree: RelativePath?, complete: Bool)
        case readEnded
    }

    struct Remote: Sendable {
        let device: DeviceID
        let batch: IndexBatch
        let inline: [HeldContent]
    }

    var local: [Local] = []
    var remote: [Remote] = []
    /// What the plan found to be edited by us.
    var edits: [FileRecord] = []
    /// What is to become of held deletions.
    var verdicts: [VerdictTask] = []
    /// Authors whose releases are to be put down.
    var releases: Set<Author> = []
    /// Local changes that people take back.
    var reverts: [LocalPass] = []
    /// Whether the last input that was taken was a local one: the two kinds take turns.
    var lastWasLocal = false
    /// Whether the last task carried out what was decided about held deletions: such tasks take turns with all others.
    var lastWasAnswer = false

    var isEmpty: Bool {
        local.isEmpty && remote.isEmpty && edits.isEmpty && verdicts.isEmpty && releases.isEmpty
            && reverts.isEmpty
    }
}

/// Scans: asked for, under way, done.
struct ScanBook: Sendable {
    /// How often the whole folder is scanned without cause, in nanoseconds: watching may have missed something.
    static let interval: UInt64 = 3_600_000_000_000
    /// The same where not all directories can be watched.
    static let uncoveredInterval: UInt64 = 120_000_000_000

    /// Counts requests for a scan of everything; a scan that begins serves all requests before it.
    var requested: UInt64 = 0
    var begun: UInt64 = 0
    var completed: UInt64 = 0
    var isUnderWay = false
    /// Whether some directories are not watched.
    var isUncovered = false
    /// Subtrees asked for and not yet scanned.
    var subtrees: [RelativePath] = []
    /// Directories that are gone: scanned after the others, so that what moved is found where it went.
    var left: [RelativePath] = []
    var scanningSubtree = false
    /// What the scans under way are to the problem book, that of everything and that of a subtree.
    var number = 0
    var numberOfSubtree = 0
    /// Looks at single paths that were asked for and are not decided on yet.
    var reads = 0
    /// Grows with each scan of everything that was completed.
    var generation: UInt64 = 0
    var completedSeconds: Int64?
    var nextDue: UInt64 = .max
    /// After a failed one, when to try again.
    var retryAt: UInt64?

    /// Whether anything is being looked at, or soon will be.
    var isLooking: Bool {
        reads > 0 || isUnderWay || scanningSubtree || requested > completed || !subtrees.isEmpty || !left.isEmpty
    }
}

/// When paths were last seen or changed: what was read there before that would undo it.
struct SightBook: Sendable {
    /// Two generations, so that what is on its way to us is never older than both.
    private var recent: [RelativePath: UInt64] = [:]
    private var older: [RelativePath: UInt64] = [:]
    /// Of what was before this nothing is known any more.
    private var horizon: UInt64 = 0
    private var turned: UInt64 = 0
    /// What was read again because a look at it came too late, and not taken since.
    private var late: Set<RelativePath> = []
    /// What the wave under way is at, and what is to be looked at when it has ended: before its rows are committed
    /// nothing tells our own doing from somebody else's.
    private var underWay: Set<RelativePath> = []
    private var waiting: [RelativePath: AdaptiveDeferral.Due] = [:]

    mutating func beginWave(at paths: Set<RelativePath>) { underWay = paths }

    /// What is now to be looked at.
    mutating func endWave() -> [AdaptiveDeferral.Due] {
        defer { (underWay, waiting) = ([], [:]) }
        return waiting.isEmpty ? [] : waiting.values.sorted { $0.path < $1.path }
    }

    /// Puts the looks off if the wave is at one of the paths; false if they are to be done now. All of them: both ends
    /// of a rename are looked at together.
    mutating func putOff(_ due: [AdaptiveDeferral.Due]) -> Bool {
        guard !underWay.isEmpty, waiting.count < Limits.transactionItems,
            due.contains(where: { underWay.contains($0.path) })
        else { return false }
        for item in due { waiting[item.path] = item.joined(waiting[item.path]) }
        return true
    }

    /// Whether it is the first time, since a look at the path was taken, that one came too late.
    mutating func isLateAnew(_ path: RelativePath) -> Bool {
        if late.count >= Limits.transactionItems { late = [] }
        return late.insert(path).inserted
    }

    /// Looks at these paths are taken.
    mutating func inTime(_ paths: [RelativePath]) {
        if !late.isEmpty { late.subtract(paths) }
    }

    mutating func note(_ paths: some Sequence<RelativePath>, at time: UInt64) {
        for path in paths { recent[path] = time }
        guard recent.count >= Limits.transactionItems else { return }
        (horizon, turned) = (max(horizon, turned), time)
        (older, recent) = (recent, [:])
    }

    /// A scan begins, which knows nothing of what is decided later on.
    mutating func forget(before time: UInt64) { horizon = max(horizon, time) }

    /// Whether what was read of a path, after `begun`, may be from before that.
    func isStale(_ path: RelativePath, seenAfter begun: UInt64) -> Bool {
        begun < horizon || isKnownSince(begun, path)
    }

    /// Whether the path itself was seen or changed since `begun`.
    func isKnownSince(_ begun: UInt64, _ path: RelativePath) -> Bool {
        (recent[path] ?? older[path]).map { begun <= $0 } ?? false
    }
}

/// Contents that are being fetched, and for which paths.
struct FetchBook: Sendable {
    var active: [FileContent: Set<RelativePath>] = [:]
    /// Fetched, and their needs not yet marked as staged.
    var done: [FileContent] = []
    /// What could not be fetched: not asked for again until something changes.
    var failed: [FileContent: FetchObstacle] = [:]
    /// How often in a row nobody who was asked had a content.
    var misses: [FileContent: Int] = [:]
    /// After so many, it is taken to be nowhere.
    static let missesGreatest = 4
    /// What nobody who was asked had so often. Nothing waits for it; it is still asked for.
    private(set) var givenUp: Set<FileContent> = []
    /// Contents that rows say to have and nobody could give, and how often their paths were read again over it.
    var misread: [FileContent: Int] = [:]
    /// After so many, it is taken to be nowhere all the same: what stands there is another, under the stat of the row.
    static let misreadGreatest = 3
    /// Contents whose fetching the disk refused, and why: their needs are to be blocked.
    var blocked: [FileContent: String] = [:]
    var cursor: RelativePath?
    /// Whether not all wanted needs were looked at since the folder was opened: waves must know of conflict copies.
    private(set) var isFirst = true
    /// Whether the first pass found no room for some.
    var hasPassedOver = false
    /// Whether wanted needs are to be looked through.
    var isDue = false
    /// When what failed is tried again, and how often it was in a row: a file may just have been on the move.
    var retryAt: UInt64?
    private var retries: UInt64 = 0

    mutating func failed(_ content: FileContent, _ obstacle: FetchObstacle, at now: UInt64) {
        failed[content] = obstacle
        guard retryAt == nil else { return }
        retryAt = now + min(500_000_000 << min(retries, 7), 60_000_000_000)
        retries += 1
    }

    /// The content is announced anew: also one that was about to be given up, which is no longer under way.
    mutating func renew(_ content: FileContent) {
        failed[content] = nil
        givenUp.remove(content)
        misread[content] = nil
        if misses.removeValue(forKey: content) ?? 0 >= Self.missesGreatest { active[content] = nil }
    }

    /// What was told of in vain, and by whom; their logs were read again for it, and are not once more until one of
    /// them connects.
    private var reread: [FileContent: Set<DeviceID>] = [:]
    /// How often a member's log was read again since it connected.
    private var rereads: [DeviceID: Int] = [:]
    /// So often it is for what the member made itself: it may be all of its log, and its disk may have lost much.
    private static let rereadsGreatest = 8

    /// Whether the logs of those who told of a content are not read again for it.
    func isReread(_ content: FileContent, of devices: Set<DeviceID>, derived: Bool) -> Bool {
        guard let known = reread[content] else {
            if reread.count >= Limits.transactionItems { return true }
            return !derived && devices.contains { rereads[$0] ?? 0 >= Self.rereadsGreatest }
        }
        return devices.isSubset(of: known)
    }

    mutating func reread(_ contents: [FileContent: Set<DeviceID>]) {
        var all: Set<DeviceID> = []
        for (content, devices) in contents {
            reread[content, default: []].formUnion(devices)
            all.formUnion(devices)
        }
        for device in all { rereads[device, default: 0] += 1 }
    }

    mutating func connected(_ device: DeviceID) {
        if !reread.isEmpty { reread = reread.filter { !$0.value.contains(device) } }
        rereads[device] = nil
        forgive()
    }

    mutating func came(_ content: FileContent) {
        (misses[content], misread[content]) = (nil, nil)
        givenUp.remove(content)
    }

    mutating func giveUp(_ content: FileContent) {
        misses[content] = nil
        if givenUp.count >= Limits.transactionItems { givenUp = [] }
        givenUp.insert(content)
    }

    /// Contents of moves that were fetched and not used since.
    private(set) var staged: Set<FileContent> = []

    mutating func isStaged(_ content: FileContent) {
        if staged.count >= Limits.transactionItems { staged = [] }
        staged.insert(content)
    }

    /// The stage was emptied.
    mutating func forgetStaged() {
        staged = []
        for content in done { active[content] = nil }
        done = []
    }

    mutating func used(_ content: Content) {
        if !staged.isEmpty, case .file(let file) = content { staged.remove(file) }
    }

    /// Something is new: what failed may succeed.
    mutating func forgive() {
        failed = [:]
        retryAt = nil
        retries = 0
    }

    mutating func retry(at now: UInt64) {
        guard let due = retryAt, due <= now else { return }
        retryAt = nil
        failed = [:]
        restart()
    }

    /// Whether a restart came while a page of needs was on its way.
    private var isRestarted = false

    mutating func beginPage() { isRestarted = false }

    /// All wanted needs are to be looked at before anything else.
    mutating func beginFirst() {
        cursor = nil
        isFirst = true
        restart()
    }

    /// All wanted needs were looked at once.
    mutating func endFirst() {
        isFirst = false
        if hasPassedOver { restart() }
        hasPassedOver = false
    }

    /// How far the pass has come; nil ends it. A restart meanwhile holds.
    mutating func endPage(_ last: RelativePath?) {
        guard !isRestarted else { return }
        cursor = last
        isDue = last != nil
    }

    /// Contents that are to be given up.
    var missing: [FileContent] {
        misses.isEmpty ? [] : misses.filter { $0.value >= Self.missesGreatest }.map(\.key)
    }

    mutating func restart() {
        isDue = true
        // The first pass comes to its end, and another follows.
        if isFirst, cursor != nil { return hasPassedOver = true }
        isRestarted = true
        cursor = nil
    }
}

/// Contents held in memory for needs.
struct InlineBook: Sendable {
    struct Entry: Sendable {
        var handle: UInt64
        var paths: Set<RelativePath>
    }

    private(set) var entries: [FileContent: Entry] = [:]
    private var byPath: [RelativePath: Set<FileContent>] = [:]
    private(set) var bytes: UInt64 = 0

    func contents(of path: RelativePath) -> Set<FileContent> { byPath[path] ?? [] }

    /// The number under which runners know the empty content.
    static let emptyHandle: UInt64 = 0

    var handles: [FileContent: UInt64] { entries.mapValues(\.handle) }
    var contents: Set<FileContent> { Set(entries.keys) }

    /// Holds a content for a path; returns a handle that is not needed because the content is held already.
    mutating func hold(_ inline: HeldContent, for path: RelativePath) -> UInt64? {
        byPath[path, default: []].insert(inline.content)
        if entries[inline.content] != nil {
            entries[inline.content]?.paths.insert(path)
            return entries[inline.content]?.handle == inline.handle ? nil : inline.handle
        }
        entries[inline.content] = Entry(handle: inline.handle, paths: [path])
        bytes += inline.content.size
        return nil
    }

    /// What is held already is held for this path, too.
    mutating func share(_ content: FileContent, with path: RelativePath) {
        guard entries[content]?.paths.insert(path).inserted == true else { return }
        byPath[path, default: []].insert(content)
    }

    /// The path has no more use for the content: returns its handle if nobody has.
    mutating func release(_ content: FileContent, for path: RelativePath) -> UInt64? {
        byPath[path]?.remove(content)
        if byPath[path]?.isEmpty == true { byPath[path] = nil }
        guard var entry = entries[content], entry.paths.remove(path) != nil else { return nil }
        if !entry.paths.isEmpty {
            entries[content] = entry
            return nil
        }
        entries[content] = nil
        bytes -= content.size
        return entry.handle
    }
}

/// Problems by path, the oldest kept where there are too many.
struct ProblemBook: Sendable {
    struct Key: Hashable, Sendable {
        let path: RelativePath?
    }

    private(set) var entries: [Key: (problem: Problem, since: Int64)] = [:]
    private(set) var overflow = 0
    /// How many scans have begun, and before which of them each problem was seen that looks at the disk found.
    private(set) var scans = 0
    private var seen: [RelativePath: Int] = [:]

    mutating func beginScan() -> Int {
        scans += 1
        return scans
    }

    /// What was wrong below a path, before the scan of it began that is complete now, is not any more.
    mutating func endScan(_ number: Int, of subtree: RelativePath?) {
        for (path, scan) in seen where scan < number && (subtree.map { path == $0 || path.isBelow($0) } ?? true) {
            clear(path)
        }
    }

    /// What a look at the disk found.
    mutating func addSeen(_ problem: Problem, at seconds: Int64) {
        add(problem, at: seconds)
        if let path = problem.path, entries[Key(path: path)] != nil { seen[path] = scans }
    }

    mutating func add(_ problem: Problem, at seconds: Int64) {
        let key = Key(path: problem.path)
        if let path = problem.path { seen[path] = nil }
        if let known = entries[key], known.problem.kind == problem.kind {
            entries[key] = (problem, known.since)
            return
        }
        guard entries[key] != nil || entries.count < Limits.problems else {
            overflow += 1
            return
        }
        entries[key] = (problem, seconds)
    }

    /// What is wrong with the folder as a whole.
    var ofFolder: String? { entries[Key(path: nil)]?.problem.message }

    func has(_ path: RelativePath) -> Bool { !entries.isEmpty && entries[Key(path: path)] != nil }

    mutating func clear(_ path: RelativePath?) {
        entries[Key(path: path)] = nil
        if let path, !seen.isEmpty { seen[path] = nil }
    }

    mutating func clearAll(where isGone: (Problem) -> Bool) {
        entries = entries.filter { !isGone($0.value.problem) }
        seen = seen.filter { entries[Key(path: $0.key)] != nil }
        overflow = 0
    }

    var isEmpty: Bool { entries.isEmpty }
}

/// Barriers that members asked for and that are not reached yet.
struct BarrierBook: Sendable {
    struct Entry: Sendable {
        let device: DeviceID
        let token: UInt64
        /// Reached when this request for a scan was served.
        let scan: UInt64
    }

    var entries: [Entry] = []
}
