import AgentProcesses
import Glibc
import LocalFileSystem
import SeededRandom
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// Folders that are opened, removed and given another identity, also while the agent ends.
@Suite struct FolderHubTests {
    private struct Place {
        let directory: TemporaryDirectory
        let engine: Engine
        let hub: FolderHub
        let home: AgentHome

        var path: String { directory.path + "/folder" }
        var marker: FolderID? { ((try? OpenFolder.marker(at: path)) ?? nil)?.folder }

        init() throws {
            directory = try TemporaryDirectory()
            engine = try Engine()
            home = try AgentHome(directory.path + "/home")
            hub = try FolderHub(
                engine: engine, home: home, device: DeviceID(.zero), start: DiskWorld.start, logger: quiet)
        }

        func known(_ folder: FolderID) -> KnownFolder {
            KnownFolder(folder: folder, name: "folder", path: Array(path.utf8), createdSeconds: 1)
        }

        func open(_ folder: FolderID) {
            hub.open(known(folder))
            #expect(eventually { hub.runner(folder) != nil })
        }
    }

    private let other = FolderID(high: 8, low: 12)

    @Test func aRemovedFolderIsNoneAnyMoreHoweverSoonTheAgentEnds() throws {
        let place = try Place()
        var generator = SeededGenerator(seed: 1)
        try place.directory.write("folder/big", generator.bytes(48 << 20))
        place.open(folderA)
        #expect(place.marker == folderA)
        // What is being read must end first.
        place.hub.perform(.scan(nil), in: folderA)
        place.hub.remove(folderA)
        place.hub.stop()
        #expect(place.marker == nil)
        #expect(Files.names(place.home.path + "/index").isEmpty)
        #expect(Files.exists(place.path + "/big"))
        #expect(place.hub.runner(folderA) == nil)
        place.engine.stop()
    }

    @Test func oneThatIsStillBeingOpenedIsRemovedToo() throws {
        let place = try Place()
        try Files.make(place.path)
        place.hub.open(place.known(folderA))
        place.hub.remove(folderA)
        place.hub.stop()
        #expect(place.marker == nil)
        // It is free for others.
        let isFree = eventually { (try? OpenFolder(at: place.path, folder: other, creating: true)) != nil }
        #expect(isFree)
        place.engine.stop()
    }

    @Test func afterTheEndEveryFolderIsFree() throws {
        let place = try Place()
        place.open(folderA)
        place.hub.stop()
        #expect(place.marker == folderA)
        let isFree = eventually { (try? OpenFolder(at: place.path, folder: folderA, creating: false)) != nil }
        #expect(isFree)
        // Nothing is opened afterwards.
        place.hub.open(place.known(other))
        #expect(place.hub.runner(other) == nil)
        place.engine.stop()
    }

    @Test func aFolderGoesOnUnderAnotherIdentity() throws {
        let place = try Place()
        try place.directory.write("folder/x", [1, 2])
        place.open(folderA)
        var known = place.known(other)
        known.replaces = folderA
        place.hub.rekey(folderA, as: known)
        #expect(eventually { place.hub.runner(other) != nil })
        #expect(place.marker == other)
        #expect(place.hub.runner(folderA) == nil)
        #expect(!Files.names(place.home.path + "/index").contains { $0.hasPrefix("\(folderA)") })
        #expect(Files.content(place.path + "/x") == [1, 2])
        place.hub.stop()
        place.engine.stop()
    }

    @Test func whatCannotBeOpenedIsToldAndLeftAlone() throws {
        let place = try Place()
        try place.directory.write("folder", [1, 2, 3])
        place.hub.open(place.known(folderA))
        // The next one is opened all the same, and after it.
        let elsewhere = KnownFolder(
            folder: other, name: "b", path: Array((place.directory.path + "/b").utf8), createdSeconds: 1)
        place.hub.open(elsewhere)
        #expect(eventually { place.hub.runner(other) != nil })
        #expect(place.hub.runner(folderA) == nil)
        place.hub.tick()
        #expect(Files.content(place.path) == [1, 2, 3])
        place.hub.stop()
        place.engine.stop()
    }
}
