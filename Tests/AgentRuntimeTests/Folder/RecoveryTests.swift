import AgentProcesses
import Chunking
import Cryptography
import Glibc
import LocalFileSystem
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// What a crash left is mended before anything else happens, as often as it takes.
@Suite struct RecoveryTests {
    private func recover(
        _ world: DiskWorld, since start: MachineStart = DiskWorld.start, afterFailedFlush: Bool = false
    ) throws -> FolderOpening {
        var told: [FolderEvent] = []
        world.disk.recover(since: start, afterFailedFlush: afterFailedFlush) { told.append($0) }
        try #require(told.count == 1)
        guard case .opened(let opening) = told[0] else { throw Unopened() }
        return opening
    }

    private struct Unopened: Error {}

    /// A content that is in the stage, whole.
    private func staged(_ world: DiskWorld, _ size: Int) throws -> FileContent {
        var generator = SeededGenerator(seed: UInt64(size))
        let bytes = generator.bytes(size)
        let content = ChunkListBuilder.list(of: bytes).content
        try world.disk.stage.store(bytes, as: content)
        return content
    }

    @Test func contentsThatWereOnlyInMemoryAreFetchedAgain() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let small = try staged(world, Limits.chunkLeast)
        let large = try staged(world, Limits.chunkLeast + 1)
        let lost = ChunkListBuilder.list(of: [7]).content
        let empty = ChunkListBuilder.list(of: []).content
        var transaction = IndexTransaction()
        transaction.needs = [
            try world.need("small", .file(small), .staged), try world.need("large", .file(large), .staged),
            try world.need("lost", .file(lost), .staged), try world.need("empty", .file(empty), .staged),
            try world.need("directory", .directory, .staged), try world.need("blocked", .file(lost), .blocked),
        ]
        try world.disk.index.commit(transaction)
        for _ in 0..<2 {
            let opening = try recover(world)
            #expect(opening.status.needs[.wanted]?.needs == 2)
            #expect(opening.status.needs[.staged]?.needs == 3)
            let wanted = try world.disk.reader.needs(.wanted, limit: 9).map { "\($0.path)" }
            #expect(wanted == ["large", "lost"])
        }
        // What they find in the stage is still there.
        #expect(world.disk.stage.contains(small) && world.disk.stage.contains(large))
    }

    /// Memory may have what the disk lost, and the next flush says nothing of it (rule 12).
    @Test func afterAFailedFlushNothingStagedCounts() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let small = try staged(world, 10)
        var transaction = IndexTransaction()
        transaction.needs = [try world.need("small", .file(small), .staged)]
        transaction.mendedBoot = DiskWorld.start.id
        try world.disk.index.commit(transaction)
        #expect(try recover(world).restart == nil)
        let opening = try recover(world, afterFailedFlush: true)
        #expect(opening.restart == nil && opening.afterFailedFlush)
        #expect(opening.status.needs[.wanted]?.needs == 1)
        #expect(!world.disk.stage.contains(small))
    }

    @Test func moreThanOnePageOfNeedsIsDemoted() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let lost = ChunkListBuilder.list(of: [7]).content
        let count = 2 * Limits.waveRecords
        var transaction = IndexTransaction()
        transaction.needs = try (0..<count).map { try world.need("f\($0)", .file(lost), .staged) }
        try world.disk.index.commit(transaction)
        #expect(try recover(world).status.needs[.wanted]?.needs == count)
    }

    @Test func theStageLosesWhatNobodyWants() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let wanted = try staged(world, 10)
        let unwanted = try staged(world, 11)
        let held = try staged(world, 12)
        _ = try world.disk.stage.begin(FileContent(size: 1_000_000, hash: ContentHash(SHA256.hash([3]))))
        try Files.write("\(world.path)/.lanyard/stage/stranger", "not ours")
        var transaction = IndexTransaction()
        transaction.needs = [
            try world.need("a", .file(wanted), .wanted), try world.need("b", .file(held), .blocked),
        ]
        try world.disk.index.commit(transaction)
        _ = try recover(world)
        #expect(Set(try world.disk.stage.items().map(\.content)) == [wanted, held])
        #expect(!world.disk.stage.contains(unwanted))
    }

    @Test func whatStandsAtThePathsOfIntentsIsRead() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("torn", [1, 2, 3])
        try world.write("d/whole", [4])
        try Files.link("\(world.path)/link", to: "there")
        let content = ChunkListBuilder.list(of: [9, 9]).content
        var transaction = IndexTransaction()
        transaction.needs = [
            try world.need("torn", .file(content), .applying), try world.need("d/whole", .file(content), .unflushed),
            try world.need("link", .symlink(target: [1]), .applying), try world.need("gone", .directory, .applying),
            try world.need("x/y/gone", .directory, .unflushed), try world.need("other", .directory, .wanted),
        ]
        try world.disk.index.commit(transaction)
        #expect(try recover(world, since: world.disk.start).restart == nil)
        let next = MachineStart(id: "next", at: Timestamp(seconds: 5, nanoseconds: 6)).onDisk("8:1-7")
        let opening = try recover(world, since: next)
        #expect(opening.restart == next)
        let found = Dictionary(uniqueKeysWithValues: opening.intents.map { ("\($0.path)", $0.content) })
        #expect(
            found == [
                "torn": .file(ChunkListBuilder.list(of: [1, 2, 3]).content),
                "d/whole": .file(ChunkListBuilder.list(of: [4]).content), "link": .symlink(target: Array("there".utf8)),
                "gone": .deleted(movedTo: nil), "x/y/gone": .deleted(movedTo: nil),
            ])
    }

    /// The name under which a wave keeps what it took from a path until it is filed.
    private func taken(from path: String) -> String {
        "swap.0.\(String(SHA256.hash(Array(path.utf8)).prefix, radix: 16)).1"
    }

    @Test(arguments: [false, true]) func whatAWaveHadTakenGoesBackOrToHistory(isOccupied: Bool) throws {
        let world = try DiskWorld()
        defer { world.close() }
        try Files.make("\(world.path)/d")
        try Files.write("\(world.path)/.lanyard/stage/\(taken(from: "d/mine"))", "mine")
        if isOccupied { try world.write("d/mine", Array("theirs".utf8)) }
        var transaction = IndexTransaction()
        transaction.needs = [try world.need("d/mine", .directory, .applying)]
        try world.disk.index.commit(transaction)
        for _ in 0..<2 { _ = try recover(world) }
        #expect(Files.text("\(world.path)/d/mine") == (isOccupied ? "theirs" : "mine"))
        let entries = try world.disk.history.entries(of: try RelativePath("d/mine"))
        #expect(entries.count == (isOccupied ? 1 : 0))
    }

    @Test func anIndexThatCannotBeReadIsSaid() throws {
        let world = try DiskWorld()
        world.close()
        var told: [FolderEvent] = []
        world.disk.recover(since: DiskWorld.start) { told.append($0) }
        guard case .unopened(let problem)? = told.first else { return #expect(Bool(false), "\(told)") }
        #expect(problem.path == nil)
        #expect(told.count == 1)
    }
}
