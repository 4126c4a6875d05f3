import AgentProcesses
import Glibc
import LocalFileSystem
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// What moved is told with where it was, in one batch, and is not read again.
@Suite struct MoveTests {
    private func world(_ files: (String, Int)...) throws -> DiskWorld {
        let world = try DiskWorld()
        var generator = SeededGenerator(seed: 1)
        for (name, size) in files { try world.write(name, generator.bytes(size)) }
        world.rest()
        try world.learn(try world.scan())
        return world
    }

    private func move(_ world: DiskWorld, _ from: String, _ to: String) throws {
        try Files.move("\(world.path)/\(from)", "\(world.path)/\(to)")
        world.rest()
    }

    @Test(arguments: [0, 1, 9_000, 400_000], [true, false])
    func aFileIsFoundWhereItWent(size: Int, byScan: Bool) throws {
        let world = try world(("a", size), ("d/other", 3))
        defer { world.close() }
        let before = try #require(try world.known()[try RelativePath("a")])
        try move(world, "a", "d/b")
        let look = byScan ? try world.scan() : try world.read("d/b", "a")
        #expect(look.absent == [try RelativePath("a")])
        #expect(look.contents[try RelativePath("d/b")] == before)
        let (old, new) = (try #require(look.place(of: "a")), try #require(look.place(of: "d/b")))
        #expect(old < new)
        // The list of its chunks outlives the row of the old path.
        try world.learn(look)
        if case .file(let content) = before, size > 131_072 {
            #expect(try world.disk.reader.chunkList(content)?.isEmpty == false)
        }
        #expect(try world.known() == world.standing())
    }

    /// What is told and not yet in the index is found where it went all the same, as often as it goes.
    @Test(arguments: [true, false]) func whatIsOnItsWayToTheIndexIsFoundWhereItWent(byScan: Bool) throws {
        let world = try world(("d/other", 3))
        defer { world.close() }
        try world.write("d/a", [1, 2, 3])
        world.rest()
        let first = byScan ? try world.scan() : try world.read("d/a")
        #expect(first.contents.keys.contains(try RelativePath("d/a")))
        for (from, to) in [("d/a", "b"), ("b", "d/c")] {
            try move(world, from, to)
            let look = byScan ? try world.scan() : try world.read(to)
            #expect(look.absent == [try RelativePath(from)])
            #expect(look.contents[try RelativePath(to)] != nil)
        }
    }

    /// So it is where both looks are in one batch.
    @Test func whatWasSeenAndWentInOneBatchIsGone() throws {
        let world = try world(("a", 3))
        defer { world.close() }
        let path = try RelativePath("a")
        let disk = try #require(try world.disk.folder.root.entry(at: path)?.state)
        var batch = ObservationBatch()
        batch.add(Observation(path: path, found: .symlink(disk, target: [1])))
        #expect(!batch.hasAbsent)
        batch.add(Observation(path: path, found: .absent))
        #expect(batch.hasAbsent)
        #expect(batch.take().observations == [Observation(path: path, found: .absent)])
    }

    /// A directory went with what was in it, whichever reader saw that.
    @Test func aDirectoryIsFoundByWhatAnotherReaderSaw() throws {
        let world = try world(("d/a", 3))
        defer { world.close() }
        try move(world, "d", "e")
        try world.learn(try world.read("e", "e/a"))
        #expect(try world.scan("d").order.first { "\($0.path)" == "d" }?.movedTo == (try RelativePath("e")))
    }

    @Test func oneThatWasChangedOnTheWayHasItsNewContent() throws {
        let world = try world(("a", 400_000))
        defer { world.close() }
        try Files.move("\(world.path)/a", "\(world.path)/b")
        try Files.write("\(world.path)/b", "new")
        world.rest()
        let look = try world.scan()
        #expect(look.absent == [try RelativePath("a")])
        #expect(look.contents == (try world.standing()))
    }

    @Test func whatIsLinkedDidNotMove() throws {
        let world = try world(("a", 100))
        defer { world.close() }
        try #require(link(world.path + "/a", world.path + "/b") == 0)
        world.rest()
        let look = try world.scan()
        #expect(look.absent.isEmpty)
        #expect(look.contents[try RelativePath("b")] != nil)
        #expect(Set(look.problems.map(\.kind)) == [.hardLinks])
    }

    @Test func twoThatChangedPlacesAreBothThere() throws {
        let world = try world(("a", 100), ("b", 200))
        defer { world.close() }
        try Files.move("\(world.path)/a", "\(world.path)/c")
        try Files.move("\(world.path)/b", "\(world.path)/a")
        try move(world, "c", "b")
        let look = try world.scan()
        #expect(look.absent.isEmpty)
        try world.learn(look)
        #expect(try world.known() == world.standing())
    }

    @Test(arguments: [true, false]) func aDirectoryIsFoundByTheFilesThatWentAlong(byScan: Bool) throws {
        let world = try world(("d/x", 100), ("d/e/deep/y", 200), ("stays/z", 3))
        defer { world.close() }
        try move(world, "d", "stays/new")
        var look: Look
        if byScan {
            look = try world.scan()
        } else {
            // As the watcher tells it: the new directory is scanned, then the one that was left.
            try world.learn(try world.read("d", "stays/new"))
            try world.learn(try world.scan("stays/new"))
            look = try world.scan("d")
        }
        let moves = [("d", "stays/new"), ("d/e", "stays/new/e"), ("d/e/deep", "stays/new/e/deep")]
        for (from, to) in moves {
            let observation = try #require(look.found[try RelativePath(from)])
            #expect(observation.found == .absent)
            #expect(observation.movedTo == (try RelativePath(to)), "\(from)")
        }
        try world.learn(look)
        #expect(try world.known() == world.standing())
    }

    @Test func aDirectoryThatOthersTookOverIsNoMove() throws {
        let world = try world(("d/x", 100), ("e/other", 3))
        defer { world.close() }
        try Files.move("\(world.path)/d/x", "\(world.path)/e/x")
        try Files.remove("\(world.path)/d")
        world.rest()
        let look = try world.scan()
        let gone = try #require(look.found[try RelativePath("d")])
        #expect(gone.found == .absent)
        #expect(gone.movedTo == nil)
        #expect(look.absent == Set(try ["d", "d/x"].map { try RelativePath($0) }))
    }

    @Test func anEmptyDirectoryIsANewOne() throws {
        let world = try world(("d/x", 100))
        defer { world.close() }
        try Files.make("\(world.path)/empty")
        try world.learn(try world.scan())
        try move(world, "empty", "moved")
        let look = try world.scan()
        #expect(look.found[try RelativePath("empty")]?.movedTo == nil)
        #expect(look.absent == [try RelativePath("empty")])
        #expect(look.contents == [try RelativePath("moved"): .directory])
    }

    @Test func whatMovedOutOfTheFolderIsGone() throws {
        let world = try world(("d/x", 100), ("a", 100))
        defer { world.close() }
        try Files.move("\(world.path)/d", world.directory.path + "/d")
        try Files.move("\(world.path)/a", world.directory.path + "/a")
        let look = try world.scan()
        #expect(look.absent == Set(try ["a", "d", "d/x"].map { try RelativePath($0) }))
        // And back.
        try world.learn(look)
        try Files.move(world.directory.path + "/d", "\(world.path)/d")
        world.rest()
        try world.learn(try world.scan("d"))
        #expect(try world.known()[try RelativePath("d/x")] != nil)
    }
}
