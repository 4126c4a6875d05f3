import CLinux
import Glibc
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

/// Nothing that a user writes while a step is carried out is lost: it is at its path or in history.
@Suite struct ApplyRaceTests {
    /// What a user does at a path, once.
    enum Deed: String, CaseIterable {
        case writesOver, writesInPlace, removes, makesDirectory, appears

        /// Whether it was possible.
        func happen(_ full: String) -> Bool {
            switch self {
            case .writesOver:
                return ApplyRaceTests.put("user", full + ".n") && rename(full + ".n", full) == 0
            case .writesInPlace:
                // Without waiting: a lease makes a writer wait until it is given up.
                let file = open(full, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_TRUNC)
                defer { close(file) }
                return file >= 0 && write(file, "user", 4) == 4
            case .removes: return unlink(full) == 0
            case .makesDirectory: return mkdir(full, 0o755) == 0 && ApplyRaceTests.put("user", full + "/u")
            case .appears:
                let file = open(full, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0o600)
                defer { close(file) }
                return file >= 0 && write(file, "user", 4) == 4
            }
        }

        var leavesContent: Bool { self != .removes }
    }

    static func put(_ text: String, _ full: String) -> Bool {
        let file = open(full, O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        return file >= 0 && write(file, text, text.utf8.count) == text.utf8.count
    }

    @Test(arguments: ApplyCase.allCases, FeatureVariant.allCases)
    func whatAUserWritesMeanwhileIsKept(step: ApplyCase, variant: FeatureVariant) throws {
        let directory = try TemporaryDirectory.inMemory()
        var count = 0
        let names = step == .move || step == .moveLink ? [step.path, ApplyCase.target] : [step.path]
        for point in try FolderFixture.points(of: step, variant) {
            for deed in Deed.allCases {
                for name in names {
                    let fixture = try FolderFixture(variant, in: directory, number: &count)
                    try check(step, fixture, point, deed, name)
                }
            }
        }
    }

    /// Who takes away what was just placed has seen it: the step is done, and the next look finds his deletion. It was
    /// placed again where it had been told as undone. Where something stood before, he may have meant that.
    @Test(arguments: [ApplyCase.placeInline, .placeStaged, .placeLink, .replaceInline, .replaceStaged])
    func whatIsRemovedAsSoonAsItStandsWasPlaced(step: ApplyCase) throws {
        let directory = try TemporaryDirectory.inMemory()
        var count = 0
        let fixture = try FolderFixture(.all, in: directory, number: &count)
        let full = fixture.path + "/" + step.path
        let asked = try step.step(fixture)
        let report = try fixture.run(asked) { point, _ in
            if point == .placed { unlink(full) }
            return 0
        }
        let image = try fixture.image()
        #expect(report.outcomes.count == 1 && image[step.path] == nil)
        let isNew = ![.replaceInline, .replaceStaged].contains(step)
        for outcome in report.outcomes { #expect(outcome.isApplied == isNew, "\(report)") }
    }

    private func check(
        _ step: ApplyCase, _ fixture: FolderFixture, _ point: ApplyPoint, _ deed: Deed, _ name: String
    ) throws {
        let before = try fixture.image()
        let asked = try step.step(fixture)
        let full = fixture.path + "/" + name
        let state = Mutex((isTried: false, isDone: false, destroyed: ""))
        let report = try fixture.run(asked) { at, _ in
            state.withLock { state in
                guard at == point, !state.isTried else { return }
                state.isTried = true
                var found = Glibc.stat()
                let kind: EntryKind = lstat(full, &found) == 0 && found.st_mode & S_IFMT == S_IFLNK ? .symlink : .file
                state.destroyed = access(full, F_OK) == 0 || kind == .symlink ? FolderFixture.text(kind, full) : ""
                state.isDone = deed.happen(full)
            }
            return 0
        }
        let (_, isDone, destroyed) = state.withLock { $0 }
        guard isDone else { return }
        let comment: Comment = "\(point) \(deed) \(name) \(report)"
        let (image, kept) = (try fixture.image(), try fixture.kept())
        let all = Set(image.values).union(kept)
        if deed.leavesContent { #expect(all.contains("file user"), comment) }
        // And never taken away as if it had been what the step was to take.
        let isKept = report.notes.contains { if case .keptInHistory = $0 { true } else { false } }
        if deed.leavesContent, case .applied = report.outcomes[0], !isKept {
            #expect(image.values.contains("file user"), comment)
        }
        if step.isMove, point == .move, name == step.path, deed.leavesContent {
            #expect(report.outcomes == [.undone], comment)
        }
        // What the user himself destroyed is his; everything else is still there.
        for value in before.values where value != "dir" && value != destroyed { #expect(all.contains(value), comment) }
        #expect(try fixture.leftovers().isEmpty, comment)
        if case .applied(let disk?) = report.outcomes[0], step.path == name, !step.isMove {
            // Told as done only with the stat of what was placed, so that the next look finds the user's.
            let now = try fixture.folder.root.entry(at: asked.path)?.state
            let isUsers = image[name] == "file user" || image[name] == nil
            if isUsers { #expect(now.map { !$0.sameContent(as: disk) } ?? true, comment) }
        }
    }
}
