public import SyncModel

/// How hard what is sent is compressed.
public enum CompressionLevel: Int, Hashable, Sendable, CaseIterable {
    case fast = 1
    case strong = 3
}

/// What has one way of shrinking, as far as one can tell from what was sent of it.
public enum CompressionSubject: Hashable, Sendable {
    /// Logs, with the small contents inside them, and answers about records.
    case records
    /// Contents that fit one frame, whichever they are.
    case smallContents
    case content(ContentHash)
}

/// Decides for each frame that is to be sent whether it is compressed: where it shrinks, and where the time that the
/// link saves is worth the compressor's.
///
/// - What the link saves must be twice the compressor's time. So a link that is no bottleneck is slowed by nothing but
///   the first few frames.
/// - What did not shrink by a tenth is sent plain, 8, 16, 32 ... `Limits.plainFrames` frames long, and tried again.
/// - On a link eight times slower than the fast level the strong one is taken.
///
/// Sizes, rates and durations are told by its user; it has no clock. For what one thread sends on one connection.
public struct CompressionChoice: Hashable, Sendable {
    private struct Trial: Hashable {
        let subject: CompressionSubject
        var failures = 0
        /// Frames that go plain before the next attempt.
        var plainFrames = 0
        /// What is left of a thousand bytes.
        var kept: UInt64 = 500

        /// What will be left: of what did not shrink, something else may follow.
        var expected: UInt64 { failures > 0 ? 500 : kept }
    }

    /// Nanoseconds that the compressor takes for 1,024 bytes, by level, before it was measured.
    static let assumedCost: [CompressionLevel: UInt64] = [.fast: 5_000, .strong: 10_000]
    /// The first plain frames after one that did not shrink.
    private static let firstPlainFrames = 8
    /// A measurement of fewer bytes says more about the clock.
    private static let measuredBytes = 16 << 10
    private static let trialsKept = 8

    private var costs = assumedCost
    /// What was used last stands last.
    private var trials: [Trial] = []

    public init() {}

    /// How the next frame of a subject is compressed; nil for plain.
    /// - Parameters:
    ///   - bytes: Of the frame, or of as much as is there.
    ///   - linkBytesPerSecond: What the link takes.
    public mutating func level(
        of subject: CompressionSubject, bytes: Int, linkBytesPerSecond: UInt64
    ) -> CompressionLevel? {
        guard bytes >= Limits.packedLeast else { return nil }
        let place = place(of: subject)
        let link = 1_024_000_000_000 / max(1, linkBytesPerSecond)
        let saved = link * (1_000 - trials[place].expected) / 1_000
        guard saved >= 2 * cost(.fast) else {
            forgetCosts()
            return nil
        }
        guard trials[place].plainFrames == 0 else {
            trials[place].plainFrames -= 1
            return nil
        }
        return link >= 8 * cost(.fast) ? .strong : .fast
    }

    /// How many bytes of a subject may be put together: as many as fit `frameBytes` on the wire if they shrink as
    /// before, so that what is urgent waits no longer behind them than behind a plain frame.
    public func packedBytes(of subject: CompressionSubject, frameBytes: Int) -> Int {
        let kept = trials.last { $0.subject == subject }?.kept ?? 1_000
        return kept < 500 ? max(frameBytes, min(Limits.packedBytes, frameBytes * 2)) : frameBytes
    }

    /// What became of a frame.
    public mutating func note(
        _ subject: CompressionSubject, _ level: CompressionLevel, bytes: Int, compressed: Int, nanoseconds: UInt64
    ) {
        guard bytes > 0 else { return }
        let place = place(of: subject)
        let kept = min(1_000, UInt64(compressed) * 1_000 / UInt64(bytes))
        trials[place].kept = kept
        if kept > 900 {
            trials[place].plainFrames = min(Limits.plainFrames, Self.firstPlainFrames << trials[place].failures)
            trials[place].failures = min(8, trials[place].failures + 1)
        } else {
            trials[place].failures = 0
        }
        if bytes >= Self.measuredBytes {
            // One that was interrupted counts for no more than four times what is known.
            let found = min(4 * cost(level), nanoseconds * 1_024 / UInt64(bytes))
            costs[level] = max(1, (3 * cost(level) + found) / 4)
        }
    }

    private func cost(_ level: CompressionLevel) -> UInt64 { costs[level] ?? 0 }

    /// While nothing is compressed nothing is measured: what is known of a busy machine is given up little by little.
    private mutating func forgetCosts() {
        for (level, assumed) in Self.assumedCost where cost(level) > assumed {
            costs[level] = cost(level) - (cost(level) - assumed + 63) / 64
        }
    }

    /// Its trial, which now stands last.
    private mutating func place(of subject: CompressionSubject) -> Int {
        if let index = trials.lastIndex(where: { $0.subject == subject }) {
            if index != trials.count - 1 { trials.append(trials.remove(at: index)) }
        } else {
            if trials.count == Self.trialsKept { trials.removeFirst() }
            trials.append(Trial(subject: subject))
        }
        return trials.count - 1
    }
}
