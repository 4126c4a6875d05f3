import CLinux
import Glibc
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

/// Nothing is lost, and every path holds its old or its new content, whatever fails, and wherever a crash comes.
@Suite struct ApplyFailureTests {
    private static let variants = FeatureVariant.allCases

    /// Everything that was at a path before is at one, in history, or waits in the stage for the next start.
    private func expectNothingLost(_ before: [String: String], _ fixture: FolderFixture, _ comment: Comment) throws {
        let all = try Set(fixture.image().values).union(fixture.kept()).union(fixture.onItsWay())
        for value in before.values where value != "dir" { #expect(all.contains(value), comment) }
    }

    @Test(arguments: ApplyCase.allCases, variants)
    func aPointThatFailsLeavesTheOldOrTheNew(step: ApplyCase, variant: FeatureVariant) throws {
        let directory = try TemporaryDirectory.inMemory()
        var count = 0
        for point in try FolderFixture.points(of: step, variant) {
            for (number, isLasting) in [(linux_EIO, false), (linux_ENOSPC, true)] {
                let fixture = try FolderFixture(variant, in: directory, number: &count)
                let before = try fixture.image()
                let hasFailed = Atomic(false)
                var report = WaveReport()
                do {
                    report = try fixture.run(try step.step(fixture)) { at, _ in
                        let isFailing = hasFailed.load(ordering: .relaxed) ? isLasting : at == point
                        if isFailing { hasFailed.store(true, ordering: .relaxed) }
                        return isFailing ? number : 0
                    }
                } catch let error as FileSystemError where point == .flushPrepared {
                    // The wave ended before its first step.
                    report.outcomes = [.failed(error.problemKind, message: error.message)]
                    #expect(try fixture.image() == before)
                }
                let comment: Comment = "\(point) \(number) \(report)"
                try expectNothingLost(before, fixture, comment)
                try expectOldOrNew(step, before, fixture, report, comment)
            }
        }
    }

    private func expectOldOrNew(
        _ step: ApplyCase, _ before: [String: String], _ fixture: FolderFixture, _ report: WaveReport,
        _ comment: Comment
    ) throws {
        let image = try fixture.image()
        let after = step.result(before)
        var allowed = [before, after]
        // Without an exchange the path is free for a moment, and stays so if nothing can be put back: until `recover`.
        let isStuck = report.notes.contains { if case .leftInStage = $0 { true } else { false } }
        let isKept = report.notes.contains { if case .keptInHistory = $0 { true } else { false } }
        if isStuck || isKept { allowed.append(before.filter { $0.key != step.path }) }
        #expect(allowed.contains(image), comment)
        if case .applied = report.outcomes[0] { #expect(image == after, comment) }
        let recovered = try fixture.applier().recover(intents: step.intents, at: FolderFixture.seconds)
        #expect(isStuck == !recovered.isEmpty, comment)
        #expect(try fixture.leftovers().isEmpty, comment)
        try expectNothingLost(before, fixture, comment)
        if !isKept { #expect(try [before, after].contains(fixture.image()), comment) }
    }

    /// The folder as it is at each effect of the step, which is what a crash there leaves to the next start.
    @Test(arguments: ApplyCase.allCases, variants)
    func aCrashAnywhereIsRecoveredFrom(step: ApplyCase, variant: FeatureVariant) throws {
        let directory = try TemporaryDirectory.inMemory()
        var count = 0
        let fixture = try FolderFixture(variant, in: directory, number: &count)
        let before = try fixture.image()
        let after = step.result(before)
        let (source, target) = (fixture.path, fixture.directory.path)
        let crashes = Mutex<[String]>([])
        _ = try fixture.run(try step.step(fixture)) { _, _ in
            crashes.withLock { crashes in
                let copy = "\(target)/crash\(crashes.count)"
                // Links keep the inodes, by which recovery tells what is ours. Held files are only linked, not opened.
                let command = "cp -al '\(source)' '\(copy)' && rm '\(copy)/.lanyard/lock'"
                if Shell(command).wait() == 0 { crashes.append(copy) }
            }
            return 0
        }
        let copies = crashes.withLock { $0 }
        #expect(!copies.isEmpty)
        for copy in copies {
            let next = try FolderFixture(fixture.directory, at: copy, variant, creating: false)
            let recovered = try next.applier().recover(intents: step.intents, at: FolderFixture.seconds)
            let comment: Comment = "\(copy) \(recovered)"
            #expect(try next.leftovers().isEmpty, comment)
            let image = try next.image()
            #expect(image == before || image == after, comment)
            try expectNothingLost(before, next, comment)
            #expect(try next.applier().recover(intents: step.intents, at: FolderFixture.seconds).isEmpty, comment)
        }
    }

    @Test func whatNoIntentNamesIsKeptInHistory() throws {
        let fixture = try FolderFixture(.nothing)
        try ApplyCase.prepare(fixture)
        _ = try fixture.run(try ApplyCase.delete.step(fixture)) { point, _ in
            [.taken, .putBack, .file].contains(point) ? linux_EIO : 0
        }
        let recovered = try fixture.applier().recover(intents: [], at: FolderFixture.seconds)
        #expect(recovered.count == 1 && recovered[0].path == nil && recovered[0].entry != nil)
        #expect(try fixture.kept() == ["file old"] && fixture.leftovers().isEmpty)
    }
}
