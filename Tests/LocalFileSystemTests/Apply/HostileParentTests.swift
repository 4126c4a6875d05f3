import AgentProcesses
import CLinux
import Glibc
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

/// Directories that are links to elsewhere, or may not be written, at any instant of a step.
@Suite struct HostileParentTests {
    private func expectAllThere(_ fixture: FolderFixture, _ comment: Comment) throws {
        let all = try Set(fixture.image().values).union(fixture.kept()).union(fixture.onItsWay())
        for value in ["file old", "file inside", "file other", "link old"] { #expect(all.contains(value), comment) }
    }

    /// A link that takes the directory's place while the step is under way leads nothing of it out of the folder.
    @Test(arguments: ParentCase.allCases, [FeatureVariant.all, .noExchange, .nothing])
    func nothingIsDoneThroughALinkThatWasSwappedIn(step: ParentCase, variant: FeatureVariant) throws {
        let directory = try TemporaryDirectory.inMemory()
        for (number, point) in try step.points(variant).enumerated() {
            try directory.makeDirectory("\(number)/folder")
            let fixture = try FolderFixture(
                directory, at: "\(directory.path)/\(number)/folder", variant, creating: true)
            try ParentCase.prepare(fixture)
            let outside = try Outside.make(fixture, "\(number)/outside")
            let asked = try step.step(fixture)
            let full = fixture.path + "/" + ParentCase.parent
            let isDone = Atomic(false)
            let report = try fixture.run(asked) { at, _ in
                if at == point, !isDone.load(ordering: .relaxed) {
                    isDone.store(outside.takePlace(of: full), ordering: .relaxed)
                }
                return 0
            }
            let comment: Comment = "\(point) \(report)"
            let isSwapped = isDone.load(ordering: .relaxed)
            #expect(isSwapped, comment)
            #expect(try outside.now() == outside, comment)
            try expectAllThere(fixture, comment)
            #expect(try fixture.leftovers().isEmpty, comment)
        }
    }

    /// What a crash left in the stage goes back into the folder, or into its history: never through a link.
    @Test(arguments: [ParentCase.replace, .delete, .deleteLink])
    func recoveryDoesNotGoThroughALink(step: ParentCase) throws {
        let fixture = try FolderFixture(.nothing)
        try ParentCase.prepare(fixture)
        let asked = try step.step(fixture)
        _ = try fixture.run(asked) { point, _ in [.taken, .putBack, .file, .place].contains(point) ? linux_EIO : 0 }
        try #require(!fixture.leftovers().isEmpty)
        let outside = try Outside.make(fixture, "outside")
        #expect(outside.takePlace(of: fixture.path + "/" + ParentCase.parent))
        let recovered = try fixture.applier().recover(intents: [asked.path], at: FolderFixture.seconds)
        #expect(recovered.map(\.path) == [asked.path] && recovered.allSatisfy { $0.entry != nil })
        #expect(try outside.now() == outside)
        try expectAllThere(fixture, "\(recovered)")
        #expect(try fixture.leftovers().isEmpty)
    }

    /// A directory that may not be written: each step says so, what stands there stays, and others go on.
    @Test(arguments: ParentCase.allCases, [FeatureVariant.all, .nothing])
    func whatMayNotBeWrittenIsToldAndLeft(step: ParentCase, variant: FeatureVariant) throws {
        let fixture = try FolderFixture(variant)
        try ParentCase.prepare(fixture)
        let other = ApplyStep(
            path: try path("beside"), expected: .absent,
            action: .placeSymlink(target: Array("x".utf8), EntryMetadata()))
        let open = "cd '\(fixture.path)' && chmod -R 777 .lanyard . && chmod 644 p/f && chmod 555 p"
        #expect(chmod(fixture.directory.path, 0o755) == 0 && Shell(open).wait() == 0)
        let asked = try step.step(fixture)
        let before = try fixture.image()
        let report = try withoutPrivileges {
            try fixture.applier().execute([asked, other], at: FolderFixture.seconds) { ApplyCase.inline($0) }
        }
        guard case .failed(.permissionDenied, _) = report.outcomes[0] else {
            Issue.record("\(report)")
            return
        }
        var after = before
        after["beside"] = "link x"
        #expect(try fixture.image() == after)
        #expect(try fixture.kept().isEmpty && fixture.leftovers().isEmpty)
    }

    /// A directory whose rename is given up leaves nothing at the place where it was to go.
    @Test(arguments: FeatureVariant.allCases)
    func aDirectoryThatIsGoneLeavesNothingWhereItWasToGo(variant: FeatureVariant) throws {
        let fixture = try FolderFixture(variant)
        try ParentCase.prepare(fixture)
        let asked = try ParentCase.moveDirectory.step(fixture)
        let full = fixture.path + "/p/d"
        let report = try fixture.run(asked) { point, _ in
            if point == .move { _ = rename(full, full + ".away") }
            return 0
        }
        #expect(report.outcomes == [.changed])
        let image = try fixture.image()
        #expect(image["p/e2"] == nil && image["p/d.away/x"] == "file inside")
    }
}
