import AgentProcesses
import ControlAPI
import Glibc
import LanHosts
import LocalFileSystem
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// What a person asks about one path, and what comes back from history.
@Suite struct RestoreTests {
    private func file(_ world: DiskWorld, _ name: String, _ text: String, at seconds: Int64) throws {
        try world.write(name, Array(text.utf8))
        try delete(world, name, at: seconds)
    }

    /// As a wave deletes, so that it is kept.
    private func delete(_ world: DiskWorld, _ name: String, at seconds: Int64) throws {
        let path = try RelativePath(name)
        let state = try #require(try world.disk.folder.root.entry(at: path)?.state)
        let step = ApplyStep(path: path, expected: .entry(state), action: .delete)
        let report = try world.disk.applier.execute([step], at: seconds) { _ in nil }
        try #require(report.outcomes == [.applied(nil)])
    }

    private let now = Int64(time(nil))

    @Test func theVersionOfTheWantedTimeComesBack() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let path = try RelativePath("d/x")
        #expect(try world.disk.restore(path, at: nil) == nil)
        for (text, age) in [("first", 300), ("second", 200), ("third", 100)] as [(String, Int64)] {
            try file(world, "d/x", text, at: now - age)
        }
        // An entry stood there until it came to history.
        let wanted: [(Int64?, String?)] = [
            (now - 400, "first"), (now - 300, "first"), (now - 299, "second"), (now - 100, "third"), (now - 99, nil),
            (nil, "third"),
        ]
        for (moment, text) in wanted {
            let entry = try world.disk.restore(path, at: moment)
            #expect((entry == nil) == (text == nil))
            #expect(Files.text("\(world.path)/d/x") == text)
            if text != nil { try Files.remove("\(world.path)/d/x") }
        }
    }

    /// Saves follow one another faster than the seconds by which history tells them apart.
    @Test(arguments: [1, 2, 3]) func ofOneSecondTheLastIsTheNewest(round: Int) throws {
        let world = try DiskWorld()
        defer { world.close() }
        for number in 0..<20 { try file(world, "x", "version \(number)", at: now - 10) }
        let entry = try #require(try world.disk.restore(try RelativePath("x"), at: nil))
        #expect(entry.seconds == now - 10)
        #expect(Files.text("\(world.path)/x") == "version 19")
    }

    @Test func whatStandsThereGoesToHistory() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let path = try RelativePath("x")
        try file(world, "x", "old", at: now - 50)
        try world.write("x", Array("new".utf8))
        _ = try world.disk.restore(path, at: nil)
        #expect(Files.text("\(world.path)/x") == "old")
        #expect(try world.disk.history.entries(of: path).count == 2)
        // And back, as often as wanted.
        _ = try world.disk.restore(path, at: nil)
        #expect(Files.text("\(world.path)/x") == "new")
    }

    @Test func aLinkAndAnEmptyFileComeBack() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try file(world, "empty", "", at: now)
        try Files.link("\(world.path)/link", to: "some/where")
        try delete(world, "link", at: now)
        for name in ["empty", "link"] { #expect(try world.disk.restore(try RelativePath(name), at: nil) != nil) }
        #expect(Files.text("\(world.path)/empty") == "")
        #expect(try world.standing()[try RelativePath("link")] == .symlink(target: Array("some/where".utf8)))
    }

    @Test func whereItCannotStandNothingChanges() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try file(world, "d/x", "old", at: now)
        try Files.make("\(world.path)/d/x")
        try world.write("d/x/inside", [1])
        var before = try world.standing()
        #expect(throws: FileSystemError.self) { try world.disk.restore(try RelativePath("d/x"), at: nil) }
        #expect(try world.standing() == before)
        try Files.remove("\(world.path)/d")
        try Files.link("\(world.path)/d", to: world.directory.path)
        before = try world.standing()
        #expect(throws: FileSystemError.self) { try world.disk.restore(try RelativePath("d/x"), at: nil) }
        #expect(try world.standing() == before)
        #expect(!Files.exists(world.directory.path + "/x"))
    }

    @Test(.enabled(if: SmallDisk.skip.isPossible)) func onAFullDiskWhatStandsThereStays() throws {
        let directory = try TemporaryDirectory()
        try Files.make(directory.path + "/folder")
        let small = try SmallDisk(at: directory.path + "/folder", bytes: 8 << 20)
        defer { withExtendedLifetime(small) {} }
        let world = try DiskWorld(in: directory)
        defer { world.close() }
        var generator = SeededGenerator(seed: 1)
        try world.write("x", generator.bytes(3 << 20))
        try delete(world, "x", at: now)
        try world.write("x", Array("new".utf8))
        try world.write("filler", generator.bytes(4 << 20))
        let before = try world.standing()
        #expect(throws: FileSystemError.self) { try world.disk.restore(try RelativePath("x"), at: nil) }
        #expect(try world.standing() == before)
        try Files.remove("\(world.path)/filler")
        #expect(try world.disk.restore(try RelativePath("x"), at: nil) != nil)
    }

    @Test func thePathTellsWhyItIsAsItIs() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["fine", "changed", "gone", "needed", "held", "x.tmp"] { try world.write(name, [1]) }
        world.rest()
        try world.learn(try world.scan())
        try world.write("changed", [1, 2])
        try world.write("new", [1])
        try Files.remove("\(world.path)/gone")
        try world.write(".lanyardignore", Array("# first\n*.tmp\n".utf8))
        var transaction = IndexTransaction()
        var blocked = try world.need("needed", .directory, .blocked)
        blocked.reason = "It stands in the way."
        let content = FileContent(size: 1, hash: ContentHash(.zero))
        transaction.needs = [
            blocked, try world.need("held", .deleted(movedTo: nil), .held),
            try world.need("away", .file(content), .wanted), try world.need("here", .file(content), .staged),
        ]
        try world.disk.index.commit(transaction)
        let expected: [(String, Bool, String)] = [
            ("fine", true, "in sync"), ("changed", false, "was changed"), ("gone", false, "was changed"),
            ("new", false, "new here"), ("none", false, "no such file"), ("x.tmp", false, "line 2"),
            ("needed", false, "in the way"), ("held", false, "folder release"), ("away", false, "not connected"),
            ("here", false, "put in place"),
        ]
        for (name, isInSync, words) in expected {
            let finding = try world.disk.why(try RelativePath(name), status: nil, names: [:])
            #expect(finding.isInSync == isInSync, "\(name)")
            #expect(finding.reason.contains(words), "\(name): \(finding.reason)")
        }
    }
}
