import ModelFolder
import SeededRandom
import SyncCore
import SyncModel
import Testing

@Suite struct AdaptiveDeferralTests {
    private static let millisecond: UInt64 = 1_000_000
    private let configuration = AdaptiveDeferral.Configuration(
        slackNanoseconds: 100 * millisecond, greatestNanoseconds: 10_000 * millisecond)
    private let path: RelativePath

    init() throws { path = try RelativePath("d/f") }

    private func milliseconds(_ number: UInt64) -> UInt64 { number * Self.millisecond }

    @Test func theFirstCloseIsImmediate() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        #expect(deferral.closed(path, at: 0) == .now)
        #expect(deferral.nextDeadline == nil && deferral.due(at: .max).isEmpty)
    }

    @Test func aCloseAfterWritesIsImmediateAndClearsThem() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        #expect(deferral.modified(path, at: 0) == .deferred(until: milliseconds(100)))
        #expect(deferral.closed(path, at: milliseconds(5)) == .now)
        #expect(deferral.pending == 0 && deferral.due(at: .max).isEmpty)
    }

    @Test func intervalsFollowTheFormula() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        #expect(deferral.closed(path, at: 0) == .now)
        // T1 = 0/2 + 1000/2 + 100 = 600, T2 = 600/2 + 1000/2 + 100 = 900, T3 = 450 + 500 + 100 = 1050.
        #expect(deferral.closed(path, at: milliseconds(1_000)) == .deferred(until: milliseconds(1_600)))
        #expect(deferral.due(at: milliseconds(1_600)) == [due(false)])
        #expect(deferral.closed(path, at: milliseconds(2_000)) == .deferred(until: milliseconds(2_900)))
        #expect(deferral.closed(path, at: milliseconds(3_000)) == .deferred(until: milliseconds(4_050)))
    }

    @Test func aRestingFileIsDueOnceAtItsDeadline() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        #expect(deferral.modified(path, at: 0) == .deferred(until: milliseconds(100)))
        #expect(deferral.nextDeadline == milliseconds(100))
        #expect(deferral.due(at: milliseconds(99)).isEmpty)
        #expect(deferral.due(at: milliseconds(100)) == [due(false)])
        #expect(deferral.due(at: milliseconds(200)).isEmpty)
        #expect(deferral.nextDeadline == nil)
    }

    @Test func aFileThatNeverRestsIsReadAfterTheGreatestDelay() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        var reads: [UInt64] = []
        for step in 0..<250 {
            let now = milliseconds(UInt64(step) * 90)
            for item in deferral.due(at: now) {
                #expect(item == due(true))
                reads.append(now)
            }
            _ = deferral.modified(path, at: now)
        }
        #expect(reads == [milliseconds(10_080), milliseconds(20_160)])
    }

    @Test func aQuietFileIsNewAgain() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        #expect(deferral.closed(path, at: 0) == .now)
        #expect(deferral.closed(path, at: milliseconds(10_000)) != .now)
        #expect(deferral.due(at: milliseconds(30_000)).count == 1)
        #expect(deferral.closed(path, at: milliseconds(30_000)) == .now)
    }

    @Test func removedPathsAreNotDue() {
        var deferral = AdaptiveDeferral(configuration: configuration)
        _ = deferral.modified(path, at: 0)
        deferral.removed(path)
        #expect(deferral.pending == 0 && deferral.nextDeadline == nil)
        #expect(deferral.due(at: .max).isEmpty)
    }

    @Test func timesAtTheEndsAreTaken() {
        var deferral = AdaptiveDeferral(configuration: .init(slackNanoseconds: .max, greatestNanoseconds: .max))
        #expect(deferral.modified(path, at: .max) == .deferred(until: .max))
        #expect(deferral.modified(path, at: 0) == .deferred(until: .max))
        #expect(deferral.due(at: .max).count == 1)
    }

    @Test func theTableIsBounded() throws {
        var deferral = AdaptiveDeferral(configuration: configuration)
        for number in 0..<(Limits.deferredPaths * 2) {
            #expect(try deferral.closed(RelativePath("c\(number)"), at: 0) == .now)
            #expect(deferral.remembered <= Limits.deferredPaths)
        }
        for number in 0..<Limits.deferredPaths {
            #expect(try deferral.modified(RelativePath("m\(number)"), at: 0) != .now)
        }
        #expect(try deferral.modified(RelativePath("late"), at: 0) == .now)
        #expect(deferral.remembered == Limits.deferredPaths && deferral.pending == Limits.deferredPaths)
        #expect(deferral.due(at: milliseconds(100)).count == Limits.deferredPaths)
    }

    /// Every change is read: at once, or no later than the greatest delay after it; and deadlines are never late.
    @Test(arguments: 0..<20)
    func everyChangeIsReadInTime(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var deferral = AdaptiveDeferral(configuration: configuration)
        let paths = try (0..<5).map { try RelativePath("p\($0)") }
        var unread: [RelativePath: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<2_000 {
            let next = now + UInt64.random(in: 0...milliseconds(800), using: &generator)
            while let deadline = deferral.nextDeadline, deadline <= next {
                for item in deferral.due(at: deadline) {
                    let since = try #require(unread[item.path])
                    unread[item.path] = nil
                    #expect(deadline - since <= configuration.greatestNanoseconds)
                }
            }
            now = next
            let path = try #require(paths.randomElement(using: &generator))
            let isClose = Bool.random(using: &generator)
            switch isClose ? deferral.closed(path, at: now) : deferral.modified(path, at: now) {
            case .now: unread[path] = nil
            case .deferred: unread[path] = unread[path] ?? now
            }
            #expect(deferral.pending == unread.count)
        }
        #expect(deferral.due(at: .max).count == unread.count)
    }

    private func due(_ keepsChanging: Bool) -> AdaptiveDeferral.Due {
        AdaptiveDeferral.Due(path: path, keepsChanging: keepsChanging)
    }
}
