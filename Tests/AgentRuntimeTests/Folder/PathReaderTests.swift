import AgentProcesses
import Chunking
import Glibc
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// When a stat is enough, and when only the content tells (rule 13).
@Suite struct PathReaderTests {
    /// A folder with the file "f", and an index in which that has its stat and the content `known`.
    private func makeWorld(_ bytes: [UInt8], known: [UInt8], isFresh: Bool = false) throws -> DiskWorld {
        let world = try DiskWorld()
        try world.write("f", bytes)
        if !isFresh { try Files.touch("\(world.path)/f", seconds: 1_000_000_000, nanoseconds: 7) }
        world.rest()
        var look = try world.scan()
        let path = try RelativePath("f")
        let disk = try #require(look.found[path]?.found.disk)
        let content = ChunkListBuilder.list(of: known).content
        look.found[path] = Observation(path: path, found: .file(disk, content, attributes: []))
        try world.learn(look)
        return world
    }

    private func read(
        _ world: DiskWorld, mustRead: Bool = false, editSeconds: Int64 = PathReader.editSeconds
    ) throws -> [Observation] {
        let reader = try PathReader(world.disk, editSeconds: editSeconds)
        defer { reader.close() }
        var batch = ObservationBatch()
        let due = AdaptiveDeferral.Due(path: try RelativePath("f"), keepsChanging: false, mustRead: mustRead)
        #expect(reader.add(due, to: &batch) == .taken)
        return batch.take().observations
    }

    /// What it does opens the file.
    private func isOpened(_ path: String, during act: () throws -> Void) throws -> Bool {
        let events = inotify_init1(Int32(IN_NONBLOCK))
        try #require(events >= 0)
        defer { close(events) }
        try #require(inotify_add_watch(events, path, UInt32(IN_OPEN)) >= 0)
        try act()
        var buffer = [UInt8](repeating: 0, count: 4_096)
        return Glibc.read(events, &buffer, buffer.count) > 0
    }

    @Test func aChangeThatTheStatHidesIsFoundByTheSecondLook() throws {
        let world = try makeWorld([1], known: [2])
        defer { world.close() }
        let reader = try PathReader(world.disk)
        defer { reader.close() }
        var batch = ObservationBatch()
        reader.add(again: try RelativePath("f"), to: &batch)
        #expect(batch.take().observations.map(\.content) == [.file(ChunkListBuilder.list(of: [1]).content)])
    }

    @Test func theSecondLookTellsNothingOfWhatIsKnown() throws {
        let world = try makeWorld([1], known: [1], isFresh: true)
        defer { world.close() }
        let reader = try PathReader(world.disk)
        defer { reader.close() }
        var batch = ObservationBatch()
        reader.add(again: try RelativePath("f"), to: &batch)
        #expect(batch.isEmpty)
    }

    /// Found in simulation: an earlier look at what stands in the place of a directory came into the index between the
    /// two looks of a read: that something stood there, or nothing. Neither told of what the file had become.
    @Test(arguments: [false, true])
    func whatStandsInADirectorysPlaceIsToldThoughAnEarlierLookCameBetween(wasGone: Bool) throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("d/x", [9])
        world.rest()
        try world.learn(try world.scan())
        try Files.remove("\(world.path)/d/x")
        #expect(rmdir("\(world.path)/d") == 0)
        if !wasGone { try world.write("d", [1]) }
        let earlier = try world.scan()
        try world.write("d", [1, 2])
        let reader = try PathReader(world.disk)
        defer { reader.close() }
        var batch = ObservationBatch()
        let due = AdaptiveDeferral.Due(path: try RelativePath("d"), keepsChanging: false)
        #expect(reader.add(due, to: &batch) == .replacement)
        try world.learn(earlier)
        #expect(reader.add(gone: due, .replacement, to: &batch) == nil)
        #expect(batch.take().observations.map(\.content) == [.file(ChunkListBuilder.list(of: [1, 2]).content)])
    }

    /// As what was just placed is: it has the mtime of its origin.
    @Test func whatHasTheStatOfItsRowIsNotRead() throws {
        let world = try makeWorld([1], known: [1])
        defer { world.close() }
        var told: [Observation] = []
        let isOpenedForNothing = try isOpened("\(world.path)/f") { told = try read(world) }
        #expect(told.isEmpty && !isOpenedForNothing)
        try world.write("f", [3])
        let isOpened = try isOpened("\(world.path)/f") { told = try read(world) }
        #expect(told.count == 1 && isOpened)
    }

    @Test func whatWasWrittenToIsReadWhateverItsStat() throws {
        let world = try makeWorld([1], known: [2])
        defer { world.close() }
        #expect(try read(world, mustRead: true).map(\.content) == [.file(ChunkListBuilder.list(of: [1]).content)])
    }

    /// Bytes that the disk lost long after the last change are nobody's edit, and are not told to others.
    @Test(arguments: [false, true], [false, true]) func rotIsNoEdit(isFresh: Bool, mustRead: Bool) throws {
        let world = try makeWorld([1], known: [2], isFresh: isFresh)
        defer { world.close() }
        #expect(try read(world, mustRead: mustRead, editSeconds: -1).isEmpty)
    }

    /// A write within the instant of the one before leaves both times as they are.
    @Test func whatWasWrittenInTheInstantOfItsTimesIsRead() throws {
        let world = try makeWorld([1], known: [2], isFresh: true)
        defer { world.close() }
        #expect(try read(world).map(\.content) == [.file(ChunkListBuilder.list(of: [1]).content)])
    }
}
