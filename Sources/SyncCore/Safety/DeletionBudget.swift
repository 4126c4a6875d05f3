public import SyncModel

/// The deletion budget of one folder (rule 15): a device that deletes more of its files within a rolling hour than a
/// person is likely to mean is held and asked about. A pure value; times are nanoseconds of a monotonic clock.
///
/// Deletions are counted for the device, over all its index epochs: a new epoch is no new budget.
public struct DeletionBudget: Hashable, Sendable {
    /// How many deletions an hour may bring.
    public enum Threshold: Hashable, Sendable {
        /// The greater of `Limits.deletionBudgetFiles` and `Limits.deletionBudgetPercent` of the live files.
        case automatic
        case files(Int)
        /// Nothing is ever held.
        case off
    }

    /// What becomes of deletions that were asked about.
    public enum Verdict: Hashable, Sendable {
        case allowed
        /// Nothing of it may be done: with it the hour would hold `count` deletions, more than `limit`.
        case held(count: Int, limit: Int)
    }

    public var threshold: Threshold
    private var windows: [DeviceID: Window] = [:]
    private var released: [Author: UInt64] = [:]

    public init(threshold: Threshold = .automatic) { self.threshold = threshold }

    /// Whether a record counts: deletions of files, not moves. Directories are not asked about.
    public static func counts(_ content: Content) -> Bool { content == .deleted(movedTo: nil) }

    /// Whether `count` deletions by `device` may be done now; if so they are counted. What was released is not asked
    /// about. `liveFiles` is how many files the folder holds before them.
    public mutating func admit(
        _ count: Int, by device: DeviceID, of liveFiles: Int, at nanoseconds: UInt64
    ) -> Verdict {
        guard count > 0, threshold != .off else { return .allowed }
        var window = windows[device] ?? Window()
        window.advance(to: nanoseconds)
        let (total, overflow) = window.total.addingReportingOverflow(count)
        let limit = limit(liveFiles: liveFiles, deleted: window.total)
        if overflow || total > limit { return .held(count: overflow ? .max : total, limit: limit) }
        guard makeRoom(for: device, at: nanoseconds) else { return .held(count: total, limit: 0) }
        window.add(count)
        windows[device] = window
        return .allowed
    }

    /// What was counted since then was not done.
    public mutating func forget(since before: DeletionBudget) { windows = before.windows }

    /// Whether a person said that this deletion is meant: it is neither counted nor held.
    public func isReleased(_ deletion: Origin) -> Bool { deletion.counter <= released[deletion.author] ?? 0 }

    /// A signed release (rule 15): deletions by `author` up to `counter` are meant.
    public mutating func release(_ author: Author, upTo counter: UInt64) {
        if released[author] == nil, released.count >= Limits.vectorEntries, let least = released.keys.min() {
            released[least] = nil
        }
        released[author] = max(released[author] ?? 0, counter)
    }

    /// A release whose signer's word counts no longer.
    public mutating func withdraw(_ author: Author) { released[author] = nil }

    /// The live files are those before the hour's deletions, so that a steady trickle meets the same limit as a burst.
    private func limit(liveFiles: Int, deleted: Int) -> Int {
        switch threshold {
        case .automatic:
            let (files, overflow) = max(0, liveFiles).addingReportingOverflow(deleted)
            let share =
                (overflow ? Int.max : files) / 100 * Limits.deletionBudgetPercent
                + (overflow ? 0 : files % 100 * Limits.deletionBudgetPercent / 100)
            return max(Limits.deletionBudgetFiles, share)
        case .files(let number): return max(0, number)
        case .off: return .max
        }
    }

    /// At most `Limits.members` devices are counted: those whose hour has passed are forgotten first.
    private mutating func makeRoom(for device: DeviceID, at nanoseconds: UInt64) -> Bool {
        guard windows[device] == nil, windows.count >= Limits.members else { return true }
        windows = windows.filter { _, window in
            var window = window
            window.advance(to: nanoseconds)
            return window.total > 0
        }
        return windows.count < Limits.members
    }
}

/// Sixty-one buckets of a minute: the hour is never cut short, and at most a minute too long.
private struct Window: Hashable, Sendable {
    private static let minute: UInt64 = 60_000_000_000
    private static let buckets = 61
    private var counts = [Int](repeating: 0, count: buckets)
    private var newest: UInt64 = 0
    private(set) var total = 0

    /// Empties the buckets that fell out; a clock that steps back changes nothing.
    mutating func advance(to nanoseconds: UInt64) {
        let now = nanoseconds / Self.minute
        guard now > newest else { return }
        for step in 1...min(now - newest, UInt64(Self.buckets)) {
            let index = Int((newest + step) % UInt64(Self.buckets))
            total -= counts[index]
            counts[index] = 0
        }
        newest = now
    }

    mutating func add(_ count: Int) {
        counts[Int(newest % UInt64(Self.buckets))] += count
        total += count
    }
}
