internal import SyncCore
internal import SyncModel

/// Waves: which needs are to be looked at.
struct WaveBook: Sendable {
    /// Ready needs are planned in path order; this is how far the present pass has come.
    private(set) var cursor: RelativePath?
    /// Whether a pass is under way or due.
    private(set) var isDue = false
    /// Whether the present pass completed anything: then what waited may go on in another.
    var progressed = false
    /// Whether anything was passed over because it waits for something of this folder.
    var hasWaiting = false
    /// Conflict copies whose content is still to come, or that could not be made, by the path of their conflict. The
    /// winner is not settled there before them: whoever hears that it has seen the loser replaces the loser.
    var copies: [RelativePath: [RelativePath: Need]] = [:]
    /// Of what came from another place and whose content is still to come: that place, and the content. It may stand
    /// there and nowhere else.
    private(set) var carried: [RelativePath: (from: RelativePath, content: Content)] = [:]
    /// Whether anything was applied since the last flush.
    var isDirty = false
    /// What is not to be tried before it was looked at.
    private(set) var surprises = Surprises()
    /// When blocked needs are tried again.
    var retryAt: UInt64?
    /// Batches that were merged since the last wave began, and how many may be while one is due.
    var merges = 0
    /// The same for what was observed.
    var observed = 0

    /// At most this many applied needs are left unflushed while more are ready.
    static let unflushedGreatest = 8_192
    /// With so many staged needs a wave waits for no more.
    static let staged = Limits.waveRecords / 2
    static let mergesGreatest = 16
    static let observedGreatest = 16
    static let retryNanoseconds: UInt64 = 10_000_000_000
    /// How much longer than looking in vain took nobody looks again, as long as more is to come; how long at least, and
    /// at most.
    static let restFactor: UInt64 = 4
    static let restLeast: UInt64 = 250_000_000
    static let restGreatest: UInt64 = 15_000_000_000

    /// Whether a restart came while a page of needs was on its way.
    private var isRestarted = false
    /// Whether something is new that the present pass may have gone by: another follows it.
    private var isOutdated = false
    /// Needs in the page under way, and when it began.
    private var page = (count: 0, began: UInt64(0))
    /// Needs that the present pass looked at and left, and how long that took.
    private var left = (count: 0, nanoseconds: UInt64(0))
    /// When the next pass may begin, if more is to come before that.
    private var restsUntil: UInt64 = 0

    // MARK: Passes

    /// The next page is asked for; after a restart, the first one.
    mutating func beginPage(at time: UInt64) {
        if cursor == nil {
            (hasWaiting, progressed, isOutdated) = (false, false, false)
            left = (0, 0)
        }
        page = (0, time)
        isRestarted = false
        (merges, observed) = (0, 0)
    }

    /// So many needs are in the page, the last at `last`. A restart meanwhile holds.
    mutating func took(_ count: Int, upTo last: RelativePath) {
        page.count = count
        if !isRestarted { cursor = last }
    }

    /// It is known what of the page can't be done: all but so many needs wait.
    mutating func leave(allBut count: Int, at time: UInt64) {
        guard page.count > max(0, count) else { return }
        let inVain = page.count - max(0, count)
        left.count += inVain
        left.nanoseconds += (time - min(time, page.began)) / UInt64(page.count) * UInt64(inVain)
    }

    /// Nothing more is ready. What waited for something that is done now goes on in another pass.
    mutating func endPass(at time: UInt64) {
        guard !isRestarted else { return }
        isDue = isOutdated || hasWaiting && progressed
        cursor = nil
        let rest = min(max(Self.restFactor * left.nanoseconds, Self.restLeast), Self.restGreatest)
        restsUntil = hasLeftMany ? time + rest : 0
    }

    /// Something is new: look at all ready needs. A pass that has left very many comes to its end before: members may
    /// tell of a whole tree before they tell of its root, and each batch, and each content, is something new.
    mutating func restart() {
        isDue = true
        surprises.missedRestart = true
        if cursor != nil, hasLeftMany {
            isOutdated = true
        } else {
            isRestarted = true
            cursor = nil
        }
    }

    private var hasLeftMany: Bool { left.count >= Limits.waveRecords }

    /// When the pass that is due may begin; nil if that is now, or none is due.
    func rest(after time: UInt64) -> UInt64? { isDue && cursor == nil && restsUntil > time ? restsUntil : nil }

    // MARK: Surprises

    /// Steps of these needs found something else than the index says.
    mutating func surprise(at paths: Set<RelativePath>, _ now: UInt64) {
        surprises.add(paths, until: now + Self.retryNanoseconds)
    }

    /// What is at these paths is in the index now.
    mutating func noteSeen(_ paths: some Sequence<RelativePath>) {
        if !surprises.isEmpty { surprises.paths.subtract(paths) }
    }

    /// All that was asked for was looked at, or that takes too long. If the index says what it said before, the needs
    /// wait for their retry.
    mutating func endSurprises(areSeen: Bool, at time: UInt64) {
        guard !surprises.isEmpty, areSeen || surprises.isOver(time) else { return }
        let isAnew = surprises.missedRestart || !areSeen
        surprises = Surprises()
        if isAnew { restart() }
    }

    // MARK: Retries

    func isRetryDue(_ now: UInt64) -> Bool { retryAt.map { $0 <= now } ?? false }

    /// What is ready waits, because nothing can be applied now.
    mutating func pause(_ now: UInt64) {
        isDue = false
        retryAt = now + Self.retryNanoseconds
    }

    mutating func retrySoon(_ now: UInt64) {
        if retryAt == nil { retryAt = now + Self.retryNanoseconds }
    }

    // MARK: What is still to come

    /// Remembers what came from another place as long as its content is to come.
    mutating func noteCarried(_ need: Need) {
        if need.state == .wanted, need.target.conflictOf == nil, let source = need.target.movedFrom,
            carried.count < Limits.transactionItems
        {
            carried[need.path] = (source.path, need.target.content)
        } else if !carried.isEmpty {
            carried[need.path] = nil
        }
    }

    /// What came from another place, and lost a conflict where it came: who hears at the place before that it was seen
    /// there replaces it there, too.
    mutating func noteCarriedCopy(_ need: Need) {
        guard let origin = need.target.conflictOf, need.state == .wanted || need.state == .blocked,
            let carried = carried[origin], carried.content == need.target.content,
            copies.count < Limits.transactionItems
        else { return }
        copies[carried.from, default: [:]][need.path] = need
    }

    /// What was to come there can't be had now.
    mutating func isNotCarried(to path: RelativePath) { carried[path] = nil }

    /// A conflict copy is no longer waited for.
    mutating func arrived(_ copy: RelativePath) {
        if !carried.isEmpty { carried[copy] = nil }
        if copies.isEmpty { return }
        for origin in copies.keys where copies[origin]?[copy] != nil { arrived(copy, of: origin) }
    }

    mutating func arrived(_ copy: RelativePath, of origin: RelativePath) {
        copies[origin]?[copy] = nil
        if copies[origin]?.isEmpty == true { copies[origin] = nil }
    }
}

/// Needs whose steps found something else than the index says. What is there now is being looked at.
struct Surprises: Sendable {
    /// They wait until they are seen, or all that was asked for is.
    fileprivate(set) var paths: Set<RelativePath> = []
    /// Too many to be known by path: no need is tried.
    private(set) var areTooMany = false
    /// When they are tried again without that.
    private(set) var deadline: UInt64?
    /// Whether anything came meanwhile that asks for a look at all needs.
    fileprivate(set) var missedRestart = false

    var isEmpty: Bool { deadline == nil }

    func hold(_ path: RelativePath) -> Bool { areTooMany || paths.contains(path) }

    fileprivate func isOver(_ time: UInt64) -> Bool { deadline.map { $0 <= time } ?? false }

    fileprivate mutating func add(_ found: Set<RelativePath>, until time: UInt64) {
        if isEmpty { (deadline, missedRestart) = (time, false) }
        if paths.count + found.count > Limits.transactionItems { areTooMany = true }
        if !areTooMany { paths.formUnion(found) }
    }
}
