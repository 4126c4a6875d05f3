import Chunking
import CLinux
import Glibc
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct ApplierTests {
    @Test(arguments: ApplyCase.allCases, FeatureVariant.allCases)
    func aStepDoesWhatItSays(step: ApplyCase, variant: FeatureVariant) throws {
        let fixture = try FolderFixture(variant, onDisk: true)
        try ApplyCase.prepare(fixture)
        let before = try fixture.image()
        let applied = try step.step(fixture)
        let report = try fixture.runAlone(applied)
        #expect(try fixture.image() == step.result(before))
        #expect(try fixture.kept() == step.filed(before))
        #expect(report.filed.count == step.filed(before).count)
        #expect(try fixture.leftovers().isEmpty)
        var place = applied.path
        if case .move(let target, _) = applied.action { place = target }
        #expect(try report.outcomes == [.applied(fixture.folder.root.entry(at: place)?.state)])
    }

    @Test(arguments: [ApplyCase.placeInline, .replaceStaged, .setMetadata, .move])
    func metadataIsSetAsAsked(step: ApplyCase) throws {
        let fixture = try FolderFixture()
        try ApplyCase.prepare(fixture)
        guard case .applied(let state?) = try fixture.runAlone(try step.step(fixture)).outcomes.first else {
            Issue.record("not applied")
            return
        }
        #expect(state.mode == 0o640)
        #expect(state.modified == Timestamp(seconds: 1_000, nanoseconds: 123_456_789))
    }

    /// Found in simulation: the file that was to make room had become a directory of the user's, whose mode was set.
    @Test func aDirectoryThatCameInAFilesPlaceIsNotTakenForTheOneToBeMade() throws {
        let fixture = try FolderFixture()
        try fixture.write("n", "old")
        let (path, old) = (try RelativePath("n"), try fixture.state("n"))
        let removal = ApplyStep(path: path, expected: .entry(old), action: .delete)
        let making = ApplyStep(
            path: path, expected: .absent, action: .createDirectory(EntryMetadata(mode: FileMode(0o755))))
        #expect(Shell("cd '\(fixture.path)' && rm n && mkdir -m 700 n").wait() == 0)
        let report = try fixture.applier().execute([removal, making], at: FolderFixture.seconds) { _ in nil }
        #expect(report.outcomes == [.changed, .changed])
        #expect(try fixture.state("n").mode == 0o700)
    }

    @Test(arguments: ApplyCase.allCases, FeatureVariant.allCases)
    func somethingElseIsLeftAsItIs(step: ApplyCase, variant: FeatureVariant) throws {
        // Adopting a directory that stands there is right whoever made it.
        if step == .adoptDirectory { return }
        let mutations: [(String) -> String] = [
            { "rm -rf '\($0)'" },
            { "rm -rf '\($0)' && echo user > '\($0)'" },
            { "rm -rf '\($0)' && ln -s user '\($0)'" },
            { "echo user > '\($0).n' && mv -T '\($0).n' '\($0)' 2>/dev/null || rm '\($0).n'" },
        ]
        for mutation in mutations {
            let fixture = try FolderFixture(variant)
            try ApplyCase.prepare(fixture)
            let asked = try step.step(fixture)
            let before = try fixture.image()
            #expect(Shell(mutation(fixture.path + "/" + step.path)).wait() == 0)
            let image = try fixture.image()
            if image == before { continue }
            let report = try fixture.runAlone(asked)
            #expect(report.outcomes == [.changed])
            #expect(try fixture.image() == image)
            #expect(try fixture.kept().isEmpty && fixture.leftovers().isEmpty)
        }
    }

    @Test(arguments: [ApplyCase.move, .moveLink, .moveDirectory], FeatureVariant.allCases)
    func aMoveNeverReplaces(step: ApplyCase, variant: FeatureVariant) throws {
        let fixture = try FolderFixture(variant)
        try ApplyCase.prepare(fixture)
        let target = step == .moveDirectory ? "t" : ApplyCase.target
        for make in ["echo user >", "mkdir", "ln -s user"] {
            let full = fixture.path + "/" + target
            #expect(Shell("rm -rf '\(full)'; \(make) '\(full)'").wait() == 0)
            let image = try fixture.image()
            #expect(try fixture.runAlone(try step.step(fixture)).outcomes == [.changed])
            #expect(try fixture.image() == image)
        }
    }

    @Test func aDirectoryWithSomethingInItStays() throws {
        let fixture = try FolderFixture()
        try fixture.write("d/x", "1")
        let step = ApplyStep(path: try path("d"), expected: .entry(try fixture.state("d")), action: .delete)
        #expect(try fixture.run(step).outcomes == [.notEmpty])
        #expect(try fixture.image() == ["d": "dir", "d/x": "file 1"])
    }

    @Test func aMissingDirectoryIsToldAsThat() throws {
        let fixture = try FolderFixture()
        try fixture.write("f", "1")
        let metadata = EntryMetadata()
        let source = ContentSource.inline(handle: 1, ApplyCase.content(ApplyCase.inlineText))
        for way in ["n/x", "f/x"] {
            let step = ApplyStep(path: try path(way), expected: .absent, action: .placeFile(source, metadata))
            #expect(try fixture.run(step).outcomes == [.noParent])
        }
    }

    @Test func aSourceThatIsMissingIsToldAsThat() throws {
        let fixture = try FolderFixture()
        let content = ApplyCase.content("nowhere")
        for source in [ContentSource.staged(content), .inline(handle: 2, content)] {
            let step = ApplyStep(path: try path("n"), expected: .absent, action: .placeFile(source, EntryMetadata()))
            guard case .failed(.noSource, _) = try fixture.run(step).outcomes[0] else {
                Issue.record("not told")
                continue
            }
        }
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test(arguments: [ApplyCase.replaceInline, .replaceStaged, .replaceByLink, .delete, .setMetadata])
    func aFileThatIsOpenForWritingWaits(step: ApplyCase) throws {
        let fixture = try FolderFixture()
        guard fixture.features.leases else {
            withKnownIssue("no leases here: open writers are not tested") { Issue.record("skipped") }
            return
        }
        try ApplyCase.prepare(fixture)
        let image = try fixture.image()
        let asked = try step.step(fixture)
        let writer = open(fixture.path + "/f", O_WRONLY | O_CLOEXEC)
        #expect(try fixture.run(asked).outcomes == [.openForWriting])
        #expect(try fixture.image() == image && fixture.kept().isEmpty && fixture.leftovers().isEmpty)
        close(writer)
        let report = try fixture.runAlone(asked)
        #expect(try fixture.image() == step.result(image))
        #expect(report.notes.isEmpty)
    }

    @Test func aStagedContentServesSeveralSteps() throws {
        let fixture = try FolderFixture()
        try ApplyCase.prepare(fixture)
        let source = ContentSource.staged(ApplyCase.content(ApplyCase.stagedText))
        let names = ["n1", "n2", "n3"]
        let steps = try names.map {
            ApplyStep(path: try path($0), expected: .absent, action: .placeFile(source, EntryMetadata()))
        }
        let report = try fixture.applier().execute(steps, at: FolderFixture.seconds) { _ in nil }
        for name in names { #expect(try fixture.image()[name] == "file " + ApplyCase.stagedText) }
        #expect(report.outcomes.count == 3)
        #expect(try fixture.state("n1").inode != fixture.state("n2").inode)
        #expect(try fixture.stage.items().isEmpty)
    }

    @Test func manyReplacementsAreFlushedTogether() throws {
        let fixture = try FolderFixture()
        let count = Wave.singleFlushes + 3
        for index in 0..<count { try fixture.write("f\(index)", "old \(index)") }
        let source = ContentSource.inline(handle: 1, ApplyCase.content(ApplyCase.inlineText))
        let steps = try (0..<count).map {
            ApplyStep(
                path: try path("f\($0)"), expected: .entry(try fixture.state("f\($0)")),
                action: .placeFile(source, EntryMetadata()))
        }
        // It may be about what earlier waves wrote.
        #expect(throws: FileSystemError(.inputOutput, "")) {
            try fixture.applier { point, _ in point == .flushPrepared ? linux_EIO : 0 }
                .execute(steps, at: FolderFixture.seconds) { ApplyCase.inline($0) }
        }
        #expect(try fixture.image()["f0"] == "file old 0" && fixture.leftovers().isEmpty)
        let report = try fixture.applier().execute(steps, at: FolderFixture.seconds) { ApplyCase.inline($0) }
        #expect(report.filed.count == count)
        #expect(try fixture.image().values.allSatisfy { $0 == "file " + ApplyCase.inlineText })
    }

    @Test func aFolderThatIsNoLongerThereIsNotTouched() throws {
        let fixture = try FolderFixture()
        try ApplyCase.prepare(fixture)
        let step = try ApplyCase.delete.step(fixture)
        try fixture.directory.rename("folder", "moved")
        try fixture.directory.makeDirectory("folder")
        #expect(throws: FileSystemError(.volumeChanged, "")) { try fixture.run(step) }
        #expect(fixture.directory.read("moved/f") == "old")
    }

    /// Another flush of it would succeed, whatever is on the disk (rule 12).
    @Test func aContentThatCouldNotBeFlushedIsNotKept() throws {
        let fixture = try FolderFixture()
        try fixture.write("f", "old")
        let bytes = Array("new".utf8)
        let content = ChunkListBuilder.list(of: bytes).content
        try fixture.stage.store(bytes, as: content)
        let step = ApplyStep(
            path: try path("f"), expected: .entry(try fixture.state("f")),
            action: .placeFile(.staged(content), EntryMetadata()))
        #expect(throws: FileSystemError(.inputOutput, "")) {
            try fixture.applier { point, _ in point == .flushPrepared ? linux_EIO : 0 }
                .execute([step], at: FolderFixture.seconds) { _ in nil }
        }
        #expect(try fixture.image()["f"] == "file old" && fixture.leftovers().isEmpty)
        #expect(!fixture.stage.contains(content))
    }

    @Test func aFlushThatFailsIsTold() throws {
        let fixture = try FolderFixture()
        try fixture.applier().flush()
        #expect(throws: FileSystemError(.inputOutput, "")) {
            try fixture.applier { point, _ in point == .flush ? linux_EIO : 0 }.flush()
        }
    }
}
