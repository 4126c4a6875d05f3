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

/// Opening a folder, and its index beside it.
@Suite struct FolderDiskTests {
    @Test func adirectoryIsMadeWithItsParents() throws {
        let directory = try TemporaryDirectory()
        var setup = DiskWorld.setup(in: directory)
        // Bytes as the file system has them.
        setup.path = Array("\(directory.path)/a/".utf8) + [0xff, 0x20, 0xc3] + Array("//b/".utf8)
        let disk = try FolderDisk(setup, logger: quiet)
        defer { disk.close() }
        var status = stat()
        #expect(stat(setup.path.cString, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFDIR)
        #expect(!disk.index.status.isRebuilding)
        #expect(disk.openingProblems.isEmpty)
    }

    @Test func whatStandsInTheWayIsSaidAndStays() throws {
        let directory = try TemporaryDirectory()
        try Files.write(directory.path + "/folder", "a file")
        #expect(throws: FileSystemError.self) {
            _ = try FolderDisk(DiskWorld.setup(in: directory), logger: quiet)
        }
        var setup = DiskWorld.setup(in: directory)
        setup.path += Array("/below".utf8)
        #expect(throws: FileSystemError.self) { _ = try FolderDisk(setup, logger: quiet) }
        #expect(Files.text(directory.path + "/folder") == "a file")
        #expect(!Files.exists(setup.indexPath))
        // Without leave to make one, nothing is made.
        try Files.remove(directory.path + "/folder")
        #expect(throws: FileSystemError.self) {
            _ = try FolderDisk(DiskWorld.setup(in: directory, creating: false), logger: quiet)
        }
        #expect(!Files.exists(directory.path + "/folder"))
    }

    /// What an index knows of another directory is not gone from this one.
    @Test func anIndexIsNotTakenForThatOfADirectoryThatBecomesTheFolder() throws {
        let directory = try TemporaryDirectory()
        let setup = DiskWorld.setup(in: directory)
        let epoch = try Self.epoch(setup)
        // Its marker is there: it is the folder, also where that was not noted.
        #expect(try Self.epoch(setup) == epoch)
        #expect(rename(directory.path + "/folder", directory.path + "/elsewhere") == 0)
        try Files.write(setup.indexPath + ".damaged-1", "set aside")
        let disk = try FolderDisk(setup, logger: quiet)
        defer { disk.close() }
        #expect(disk.index.status.epoch != epoch && !disk.index.status.isRebuilding)
        #expect(!Files.exists(setup.indexPath + ".damaged-1"))
    }

    @Test func aFolderThatReplacesAnotherTakesItsDirectoryOver() throws {
        let directory = try TemporaryDirectory()
        let before = DiskWorld.setup(in: directory)
        _ = try Self.epoch(before)
        var setup = before
        (setup.folder, setup.indexPath) = (FolderID(high: 7, low: 7), directory.path + "/other.db")
        (setup.creating, setup.replaces) = (false, before.folder)
        let epoch = try Self.epoch(setup)
        #expect(try OpenFolder.marker(at: setup.path)?.folder == setup.folder)
        // Again, as after an end in between.
        #expect(try Self.epoch(setup) == epoch)
        #expect(throws: FileSystemError.self) { _ = try Self.epoch(before) }
        // Where its disk is away, or another folder's is there, nothing is made, and nothing forgotten.
        let (path, away) = (directory.path + "/folder", directory.path + "/away")
        #expect(rename(path, away) == 0)
        try Files.make(path)
        #expect(throws: FileSystemError.self) { _ = try Self.epoch(setup) }
        var third = DiskWorld.setup(in: directory)
        (third.folder, third.indexPath) = (FolderID(high: 8, low: 8), directory.path + "/third.db")
        _ = try Self.epoch(third)
        for creating in [false, true] {
            setup.creating = creating
            #expect(throws: FileSystemError.self) { _ = try Self.epoch(setup) }
        }
        try Files.remove(path)
        #expect(rename(away, path) == 0)
        #expect(try Self.epoch(setup) == epoch)
    }

    @Test func aSecondAgentIsKeptOff() throws {
        let world = try DiskWorld()
        defer { world.close() }
        var setup = DiskWorld.setup(in: world.directory, device: 2)
        setup.indexPath = world.directory.path + "/other.db"
        let error = #expect(throws: FileSystemError.self) { _ = try FolderDisk(setup, logger: quiet) }
        #expect(error?.code == .locked)
    }

    /// What may have become of an index.
    enum Loss: CaseIterable { case missing, empty, garbage, torn, foreign }

    /// Opens a folder and gives it up again.
    private static func epoch(_ setup: FolderRunner.Setup) throws -> IndexEpoch {
        let disk = try FolderDisk(setup, logger: quiet)
        defer { disk.close() }
        return disk.index.status.epoch
    }

    @Test(arguments: Loss.allCases) func aLostIndexIsBegunAnewAndADamagedOneKept(loss: Loss) throws {
        let directory = try TemporaryDirectory()
        var setup = DiskWorld.setup(in: directory)
        let epoch = try Self.epoch(setup)
        setup.creating = false
        let bytes = try #require(Files.content(setup.indexPath))
        var generator = SeededGenerator(seed: 4)
        switch loss {
        case .missing: try Files.remove(setup.indexPath)
        case .empty: try Files.write(setup.indexPath, [UInt8]())
        case .garbage: try Files.write(setup.indexPath, generator.bytes(20_000))
        case .torn: try Files.write(setup.indexPath, Array(bytes.prefix(bytes.count / 2)))
        case .foreign: setup.device = DeviceID(SHA256.hash([9]))
        }
        if loss == .foreign {
            let error = #expect(throws: IndexError.self) { _ = try FolderDisk(setup, logger: quiet) }
            #expect(error?.code == .foreign)
            #expect(Files.content(setup.indexPath) == bytes)
            return
        }
        let second = try FolderDisk(setup, logger: quiet)
        defer { second.close() }
        #expect(second.index.status.isRebuilding)
        #expect(second.index.status.epoch != epoch)
        let aside = Files.names(directory.path).filter { $0.contains(".damaged-") }
        // Of an empty one nothing is to be kept: so it is left where its making was interrupted.
        let isGone = [.missing, .empty].contains(loss)
        #expect(second.openingProblems.isEmpty == isGone)
        #expect(aside.isEmpty == isGone)
    }

    /// What a folder remembers when its index is put back to an older copy: all; what it did then; nothing; what was
    /// torn by a loss of power; another device's; a later index's.
    enum Remembered: CaseIterable { case all, old, nothing, torn, foreign, later }

    @Test(arguments: Remembered.allCases) func anIndexThatWasPutBackIsBegunAnew(remembered: Remembered) throws {
        let directory = try TemporaryDirectory()
        var setup = DiskWorld.setup(in: directory)
        let epoch = try Self.epoch(setup)
        setup.creating = false
        let markPath = "\(directory.path)/folder/.lanyard/mark"
        let (copy, old) = try (#require(Files.content(setup.indexPath)), #require(Files.content(markPath)))
        try edit(setup)
        let latest = try #require(Files.content(markPath))
        // As it is, it is opened.
        #expect(try Self.epoch(setup) == epoch)
        for suffix in ["-wal", "-shm"] { unlink(setup.indexPath + suffix) }
        try Files.write(setup.indexPath, copy)
        switch remembered {
        case .all: break
        case .old: try Files.write(markPath, old)
        case .nothing: try Files.remove(markPath)
        case .torn: try Files.write(markPath, Array(latest.dropLast(20) + old.suffix(20)))
        case .foreign:
            try write(IndexMark(device: DeviceID(SHA256.hash([9])), epoch: epoch, sequence: 99, nextEdit: 99), setup)
        case .later: try write(IndexMark(device: setup.device, epoch: IndexEpoch(epoch.number ^ 1)), setup)
        }
        let isFound = remembered == .all || remembered == .later
        func opened(_ found: Bool) throws -> IndexEpoch {
            let disk = try FolderDisk(setup, logger: quiet)
            defer { disk.close() }
            #expect(disk.index.status.isRebuilding == isFound)
            #expect(disk.openingProblems.map { $0.message.contains("older copy") } == (found ? [true] : []))
            return disk.index.status.epoch
        }
        let second = try opened(isFound)
        #expect((second != epoch) == isFound)
        #expect(Files.names(directory.path).contains { $0.contains(".old-") } == isFound)
        // The new one is known to the folder.
        #expect(try opened(false) == second)
    }

    /// A device that is a member again has an index of its own for that.
    @Test func anIndexOfAnEarlierMembershipIsMadeAnew() throws {
        let directory = try TemporaryDirectory()
        var setup = DiskWorld.setup(in: directory)
        let first = try Self.epoch(setup)
        setup.creating = false
        setup.incarnation = 2
        let second = try Self.epoch(setup)
        #expect(second != first)
        #expect(try Self.epoch(setup) == second)
        // Of those that are set aside the latest is kept, and none with the folder.
        for _ in 0..<3 {
            try Files.write(setup.indexPath, "damaged")
            _ = try Self.epoch(setup)
        }
        #expect(Files.names(directory.path).filter { $0.contains(".damaged-") }.count == 1)
        IndexFiles.remove(setup.indexPath)
        #expect(Files.names(directory.path) == ["folder"])
    }

    private func edit(_ setup: FolderRunner.Setup) throws {
        let disk = try FolderDisk(setup, logger: quiet)
        defer { disk.close() }
        var transaction = IndexTransaction()
        transaction.nextEdit = 9
        _ = try disk.commit(transaction)
    }

    private func write(_ mark: IndexMark, _ setup: FolderRunner.Setup) throws {
        let folder = try OpenFolder(at: setup.path, folder: setup.folder, creating: false)
        try IndexMarkFile(of: folder).write(mark)
    }

    @Test func whatBecomesOfADirectoryDependsOnWhatLivesInIt() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["full/x", "full/y", "leaving/x", "near/z", "near-by/a"] { try world.write(name, [1]) }
        try Files.make("\(world.path)/empty")
        try world.learn(try world.scan())
        var transaction = IndexTransaction()
        transaction.needs = [
            try world.need("leaving/x", .deleted(movedTo: nil), .staged),
            try world.need("coming/new", .directory, .blocked),
            try world.need("near/z", .deleted(movedTo: nil), .wanted),
            try world.need("near/new", .directory, .applying),
        ]
        _ = try world.disk.commit(transaction)
        let names = ["full", "leaving", "empty", "coming", "near", "none"]
        let loaded = try world.disk.load([], below: try names.map { try RelativePath($0) })
        let below = try names.map { loaded.below[try RelativePath($0)] }
        let expected: [BelowDirectory] = [
            .staying(try ["full/x", "full/y"].map { try RelativePath($0) }), .leaving(1), .nothing,
            .staying([try RelativePath("coming/new")]), .staying([try RelativePath("near/new")]), .nothing,
        ]
        #expect(below == expected)
    }

    @Test func chunkListsThatCameAreKeptUntilTheirRecordIs() throws {
        let world = try DiskWorld()
        defer { world.close() }
        var generator = SeededGenerator(seed: 3)
        let list = ChunkListBuilder.list(of: generator.bytes(300_000))
        try #require(list.count > 1)
        var told: [FolderEvent] = []
        world.disk.fetched(.staged(list.content, chunks: Array(list))) { told.append($0) }
        guard case .fetched([list.content])? = told.first else { return #expect(Bool(false), "\(told)") }
        _ = try world.disk.commit(IndexTransaction())
        #expect(try world.disk.reader.chunkList(list.content) == nil)
        var transaction = IndexTransaction()
        transaction.needs = [try world.need("big", .file(list.content), .staged)]
        let committed = try world.disk.commit(transaction)
        #expect(try world.disk.reader.chunkList(list.content) == Array(list))
        #expect(committed.leastNeeds.values.compactMap { $0 } == [])
        #expect(committed.status.needs[.staged]?.needs == 1)
    }

    /// More may be gone at once than an index is asked about at once.
    @Test func whatStandsBelowManyGoneDirectoriesIsFound() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let time = Timestamp(seconds: 1, nanoseconds: 0)
        let state = DiskState(
            kind: .file, device: 1, inode: 1, size: 0, modified: time, changed: time, mode: 0o644, links: 1)
        let directories = try (0..<20).map { try RelativePath("d\($0)") }
        var gone: Set<RelativePath> = []
        for directory in directories {
            var transaction = IndexTransaction()
            for number in 0..<1_000 {
                let path = try RelativePath("\(directory)/\(number)")
                gone.insert(path)
                transaction.rows.append(world.row(path, .file(FileContent(size: 0, hash: ContentHash(.zero))), state))
            }
            try world.disk.index.commit(transaction)
        }
        #expect(gone.count > Limits.transactionItems)
        #expect(try world.disk.loadStanding(below: directories, gone: gone).standing == [])
        let path = try RelativePath("d7/999")
        gone.remove(path)
        let loaded = try world.disk.loadStanding(below: directories, gone: gone)
        #expect(loaded.standing == [path])
        #expect(loaded.known[path]?.row?.record.path == path)
        #expect(
            try world.disk.loadStanding(below: directories, gone: []).standing.count == Loaded.standingGreatest)
    }

    @Test func withTheLastNeedTheStageIsEmptied() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let content = ChunkListBuilder.list(of: [1, 2, 3]).content
        try world.disk.stage.store([1, 2, 3], as: content)
        var transaction = IndexTransaction()
        transaction.needs = [try world.need("a", .directory, .blocked), try world.need("b", .directory, .blocked)]
        _ = try world.disk.commit(transaction)
        var dropping = IndexTransaction()
        dropping.droppedNeeds = [try RelativePath("a")]
        _ = try world.disk.commit(dropping)
        #expect(world.disk.stage.contains(content))
        dropping.droppedNeeds = [try RelativePath("b")]
        _ = try world.disk.commit(dropping)
        #expect(!world.disk.stage.contains(content))
    }

    @Test(arguments: [
        (FetchFailure.noSource(.notFound), FetchObstacle.noSource), (.noSource(.disconnected), .noSource),
        (.diskFull("full"), .disk(.diskFull, message: "full")),
        (.inputOutput("bad"), .disk(.inputOutput, message: "bad")),
    ])
    func failuresAreToldForWhatTheyAre(failure: FetchFailure, obstacle: FetchObstacle) throws {
        let world = try DiskWorld()
        defer { world.close() }
        let content = FileContent(size: 1, hash: ContentHash(.zero))
        var told: [FetchObstacle] = []
        world.disk.fetched(.failed(content, failure)) { event in
            if case .fetchFailed(content, let obstacle) = event { told.append(obstacle) }
        }
        #expect(told == [obstacle])
    }
}
