public import SyncModel

/// When a changed file is read: at once if it was closed after writing, later and later while it keeps changing.
///
/// Each change of a path that is being watched for quiet sets its interval to
/// `T_i = min(T_(i-1) / 2 + Δt_i / 2 + ε, T_max)`, where `Δt_i` is the time since the change before, and the read is
/// due when no change came for `T_i`. So a writer with a steady period is waited out, whatever the period. `T_max`
/// after the first unread change the file is read anyway, as a stat-stable read (rule 13). A path without a change for
/// `T_max` is forgotten: its next close is acted on at once again.
///
/// A pure value: times are nanoseconds of a monotonic clock. At most `Limits.deferredPaths` paths are remembered.
public struct AdaptiveDeferral: Sendable {
    /// ε and T_max.
    public struct Configuration: Hashable, Sendable {
        public var slackNanoseconds: UInt64
        public var greatestNanoseconds: UInt64

        /// Slack 200 ms, at most 15 s.
        public static let standard = Configuration(slackNanoseconds: 200_000_000, greatestNanoseconds: 15_000_000_000)

        public init(slackNanoseconds: UInt64, greatestNanoseconds: UInt64) {
            (self.slackNanoseconds, self.greatestNanoseconds) = (slackNanoseconds, greatestNanoseconds)
        }
    }

    /// What to do about a change.
    public enum Decision: Hashable, Sendable {
        /// Read it; nothing is pending for the path.
        case now
        /// `due(at:)` gives the path when its time has come.
        case deferred(until: UInt64)
    }

    /// A path to be read.
    public struct Due: Hashable, Sendable {
        public let path: RelativePath
        /// It never rested: read it stat-stable, and don't retake it when it changed meanwhile (rule 13).
        public let keepsChanging: Bool
        /// Whether it is read also where its stat is the known one: it was written to, or nobody can read it elsewhere.
        public let mustRead: Bool

        public init(path: RelativePath, keepsChanging: Bool, mustRead: Bool = true) {
            (self.path, self.keepsChanging, self.mustRead) = (path, keepsChanging, mustRead)
        }

        /// One look for both.
        public func joined(_ other: Due?) -> Due {
            guard let other else { return self }
            return Due(
                path: path, keepsChanging: keepsChanging || other.keepsChanging, mustRead: mustRead || other.mustRead)
        }
    }

    private struct Entry: Sendable {
        var interval: UInt64
        var lastChange: UInt64
        /// When the oldest change that has not been read came; nil if all were.
        var pendingSince: UInt64?
        /// Whether a read of it was ever due since it is remembered.
        var wasRead: Bool
        var deadline: UInt64
    }

    public let configuration: Configuration
    private var entries: [RelativePath: Entry] = [:]
    /// No pending path is due before; exact after `due(at:)`.
    private var earliest: UInt64 = .max
    private var pendingCount = 0

    public init(configuration: Configuration = .standard) { self.configuration = configuration }

    /// How many paths wait for their read.
    public var pending: Int { pendingCount }

    /// How many paths are remembered.
    public var remembered: Int { entries.count }

    /// When `due(at:)` is to be called next, nil if nothing waits. It may be too early, never too late.
    public var nextDeadline: UInt64? { pendingCount == 0 ? nil : earliest }

    /// The file was closed after writing, or renamed into place: `.now` unless it was read a short while ago.
    public mutating func closed(_ path: RelativePath, at now: UInt64) -> Decision {
        guard let entry = live(path, at: now), entry.wasRead else {
            remember(path, readAt: now)
            return .now
        }
        return change(path, entry, at: now)
    }

    /// The file was written and is still open.
    public mutating func modified(_ path: RelativePath, at now: UInt64) -> Decision {
        if let entry = live(path, at: now) { return change(path, entry, at: now) }
        guard makeRoom(at: now) else { return .now }
        let fresh = Entry(interval: 0, lastChange: now, pendingSince: nil, wasRead: false, deadline: 0)
        return change(path, fresh, at: now)
    }

    /// The path is gone, or was renamed away: nothing of it is due any more.
    public mutating func removed(_ path: RelativePath) { forget(path) }

    /// The paths whose time has come, in path order; each is given once a change.
    public mutating func due(at now: UInt64) -> [Due] {
        guard pendingCount > 0, now >= earliest else { return [] }
        var due: [Due] = []
        earliest = .max
        for (path, entry) in entries {
            guard let since = entry.pendingSince else { continue }
            guard entry.deadline <= now else {
                earliest = min(earliest, entry.deadline)
                continue
            }
            let restless = adding(entry.lastChange, entry.interval) > entry.deadline && entry.deadline > since
            due.append(Due(path: path, keepsChanging: restless))
        }
        for item in due {
            entries[item.path]?.pendingSince = nil
            entries[item.path]?.wasRead = true
            pendingCount -= 1
        }
        return due.sorted { $0.path < $1.path }
    }

    private mutating func change(_ path: RelativePath, _ old: Entry, at now: UInt64) -> Decision {
        var entry = old
        let now = max(now, entry.lastChange)
        let greatest = configuration.greatestNanoseconds
        let elapsed = min(now - entry.lastChange, greatest)
        entry.interval = min(adding(entry.interval / 2 + elapsed / 2, configuration.slackNanoseconds), greatest)
        entry.lastChange = now
        if entry.pendingSince == nil { pendingCount += 1 }
        let since = entry.pendingSince ?? now
        entry.pendingSince = since
        entry.deadline = min(adding(now, entry.interval), adding(since, greatest))
        earliest = min(earliest, entry.deadline)
        entries[path] = entry
        return .deferred(until: entry.deadline)
    }

    /// The entry of `path`, unless it has been quiet for so long that it counts as new.
    private mutating func live(_ path: RelativePath, at now: UInt64) -> Entry? {
        guard let entry = entries[path] else { return nil }
        guard isQuiet(entry, at: now) else { return entry }
        forget(path)
        return nil
    }

    private func isQuiet(_ entry: Entry, at now: UInt64) -> Bool {
        entry.pendingSince == nil && now > adding(entry.lastChange, configuration.greatestNanoseconds)
    }

    private mutating func remember(_ path: RelativePath, readAt now: UInt64) {
        forget(path)
        guard makeRoom(at: now) else { return }
        entries[path] = Entry(interval: 0, lastChange: now, pendingSince: nil, wasRead: true, deadline: 0)
    }

    private mutating func forget(_ path: RelativePath) {
        if let old = entries.removeValue(forKey: path), old.pendingSince != nil { pendingCount -= 1 }
    }

    /// Drops what is quiet, then an eighth of what waits for nothing, oldest first. False if everything waits.
    private mutating func makeRoom(at now: UInt64) -> Bool {
        guard entries.count >= Limits.deferredPaths else { return true }
        entries = entries.filter { !isQuiet($0.value, at: now) }
        guard entries.count >= Limits.deferredPaths else { return true }
        let idle = entries.filter { $0.value.pendingSince == nil }
            .sorted { ($0.value.lastChange, $0.key) < ($1.value.lastChange, $1.key) }
        for (path, _) in idle.prefix(Limits.deferredPaths / 8) { entries[path] = nil }
        return entries.count < Limits.deferredPaths
    }

    private func adding(_ time: UInt64, _ span: UInt64) -> UInt64 {
        let (sum, overflow) = time.addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
