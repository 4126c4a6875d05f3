import AgentProcesses
import Chunking
import Glibc
import SeededRandom
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// What a look at the disk tells: everything that differs from the index, nothing else, and nothing absent that isn't.
@Suite struct DiskObserverTests {
    /// Nobody tells of these paths again.
    @Test func whatCouldNotBeLookedAtIsLookedForLater() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("a", [1])
        try Files.remove("\(world.path)/.lanyard/folder")
        let look = try world.read("a")
        #expect(look.found.isEmpty && look.problems.count == 1 && look.notices == [.rescan(nil)])
    }

    @Test func everyKindOfEntryIsToldOnceAndThenKnown() throws {
        let world = try DiskWorld()
        defer { world.close() }
        var generator = SeededGenerator(seed: 1)
        for (name, size) in [("empty", 0), ("one", 1), ("d/inner/chunks", 70_000), ("d/big", 500_000)] {
            try world.write(name, generator.bytes(size))
        }
        for name in [[0xff, 0xfe, 0x20], Array("d/".utf8) + [0xc3, 0x28], Array("a\nb".utf8)] as [[UInt8]] {
            try world.directory.write(Array("folder/".utf8) + name, name)
        }
        for (name, target) in [("link", "nowhere"), ("d/out", "/etc/passwd")] {
            try Files.link("\(world.path)/\(name)", to: target)
        }
        try #require(mkfifo(world.path + "/pipe", 0o600) == 0)
        world.rest()

        let look = try world.scan()
        #expect(look.isComplete == true)
        #expect(look.contents == (try world.standing()))
        #expect(look.contents.count == 11)
        #expect(look.absent.isEmpty)
        #expect(look.problems.map(\.kind) == [.unsupportedKind])
        // A list of chunks comes with what has several.
        let several = look.contents.values.filter { $0.size > 131_072 }.compactMap { content in
            if case .file(let file) = content { file } else { nil }
        }
        #expect(Set(look.chunks.map(\.content)).isSuperset(of: several))
        #expect(look.chunks.allSatisfy { $0.chunks.count > 1 })
        try world.learn(look)
        let again = try world.scan()
        #expect(again.found.isEmpty)
        #expect(again.problems.map(\.kind) == [.unsupportedKind])
        let read = try world.read(Array(look.contents.keys))
        #expect(read.found.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func afterAScanTheIndexIsWhatStands(seed: UInt64) throws {
        let world = try DiskWorld()
        defer { world.close() }
        var user = RandomUser(world.path, seed: seed)
        for round in 0..<8 {
            for _ in 0..<12 { try user.act(on: try world.standing()) }
            world.rest()
            let look = try world.scan()
            #expect(look.isComplete == true)
            #expect(look.problems.isEmpty)
            try world.learn(look)
            #expect(try world.known() == world.standing(), "round \(round)")
        }
        #expect(try world.scan().found.isEmpty)
    }

    /// Paths that are read one by one, in any order, and the scans that they ask for, tell the same as a scan.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func singlePathsComeToTheSame(seed: UInt64) throws {
        let world = try DiskWorld()
        defer { world.close() }
        var user = RandomUser(world.path, seed: seed)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<6 {
            let before = try world.standing()
            for _ in 0..<10 { try user.act(on: try world.standing()) }
            world.rest()
            let after = try world.standing()
            let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
            let look = try world.read(changed.shuffled(using: &generator))
            try world.learn(look)
            for case .left(let directory) in look.notices { try world.learn(try world.scan("\(directory)")) }
            #expect(try world.known() == after, "round \(round)")
        }
    }

    @Test func aDirectoryThatIsGoneIsLookedForBeforeItCountsAsDeleted() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["d/x", "d/e/y", "plain"] { try world.write(name, Array(name.utf8)) }
        world.rest()
        try world.learn(try world.scan())
        try Files.remove("\(world.path)/d")
        try Files.remove("\(world.path)/plain")
        let look = try world.read("d/e/y", "d/x", "d", "plain")
        #expect(look.absent == [try RelativePath("plain")])
        #expect(look.notices == [.left(try RelativePath("d"))])
        let left = try world.scan("d")
        #expect(left.isComplete == true)
        #expect(left.absent == Set(try ["d", "d/x", "d/e", "d/e/y"].map { try RelativePath($0) }))
        // Files before the directories that held them.
        let order = left.order.map { "\($0.path)" }
        #expect(Set(order.suffix(2)) == ["d", "d/e"])
        #expect(order.last == "d")
    }

    /// Whoever heard of the file first would take what was in the directory for alive, and the file for a conflict.
    @Test func whatIsInADirectorysPlaceIsToldAfterAllThatWasInIt() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for number in 0..<1_200 { try world.write("d/\(number)", [UInt8(truncatingIfNeeded: number)]) }
        for name in ["d/e/y", "a"] { try world.write(name, Array(name.utf8)) }
        world.rest()
        try world.learn(try world.scan())
        try Files.remove("\(world.path)/d")
        try world.write("d", [1])
        try world.write("b", [2])
        world.rest()
        let directory = try RelativePath("d")
        let look = try world.read("d", "b")
        let told = Set(look.order.map(\.path))
        #expect(told.contains(try RelativePath("b")) && !told.contains(directory))
        #expect(look.notices == [.left(directory)])
        for scan in [try world.scan("d"), try world.scan()] {
            #expect(scan.absent.count == 1_202)
            #expect(scan.order.last?.path == directory)
            #expect(scan.order.filter { $0.path == directory }.map(\.content.isDirectory) == [false])
        }
        try world.learn(try world.scan())
        #expect(try world.known() == world.standing())
    }

    /// It was told of, and may have changed since within the grain of its times; the index may have the directory yet.
    @Test func whatIsInADirectorysPlaceIsLookedAtAgain() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("d/x", [1])
        try world.learn(try world.scan())
        try Files.remove("\(world.path)/d")
        let reader = try PathReader(world.disk)
        defer { reader.close() }
        var batch = ObservationBatch()
        reader.add(again: try RelativePath("d"), to: &batch)
        #expect(batch.isEmpty)
        try world.write("d", [2])
        reader.add(again: try RelativePath("d"), to: &batch)
        #expect(batch.take().observations.map { "\($0.path)" } == ["d"])
    }

    @Test func nothingIsReadThroughALinkThatTookADirectorysPlace() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("d/x", [1])
        world.rest()
        try world.learn(try world.scan())
        try Files.move("\(world.path)/d", "\(world.directory.path)/outside")
        try Files.write("\(world.directory.path)/outside/x", "secret")
        try Files.link("\(world.path)/d", to: "\(world.directory.path)/outside")
        let secret = Content.file(ChunkListBuilder.list(of: Array("secret".utf8)).content)
        world.rest()
        for look in [try world.read("d/x"), try world.scan("d"), try world.scan()] {
            #expect(!look.contents.values.contains(secret))
            #expect(look.found[try RelativePath("d/x")]?.content.isDeleted != false)
        }
        try world.learn(try world.scan())
        #expect(try world.known() == world.standing())
    }

    /// How a folder may be another than the one that was opened.
    enum Swap: CaseIterable { case gone, empty, noMarker, otherMarker }

    @Test(arguments: Swap.allCases) func nothingIsDeletedWhereTheFolderIsAnother(swap: Swap) throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("d/x", [1])
        try world.write("y", [2])
        world.rest()
        try world.learn(try world.scan())
        let (aside, marker) = (world.directory.path + "/aside", world.path + "/.lanyard/folder")
        switch swap {
        case .gone: try Files.move(world.path, aside)
        case .empty:
            try Files.move(world.path, aside)
            try Files.make(world.path)
        case .noMarker: try Files.move(marker, aside)
        case .otherMarker:
            try Files.move(marker, aside)
            try Files.write(marker, "lanyard folder")
        }
        // Of one whose marker is gone the files are, too: what is in it is not to be believed.
        if swap == .noMarker || swap == .otherMarker { try Files.remove("\(world.path)/y") }
        for subtree in [nil, "d"] {
            let look = try world.scan(subtree)
            #expect(look.isComplete == false)
            #expect(look.found.isEmpty)
            #expect(look.problems.count == 1)
        }
        let due = try ["d/x", "y"].map { AdaptiveDeferral.Due(path: try RelativePath($0), keepsChanging: false) }
        let look = try world.look({ world.observer.read(due) }) { if case .observed = $0 { true } else { false } }
        #expect(look.found.isEmpty)
        #expect(look.problems.count == 1)

        switch swap {
        case .gone: try Files.move(aside, world.path)
        case .empty:
            try Files.remove(world.path)
            try Files.move(aside, world.path)
        case .noMarker, .otherMarker: try Files.move(aside, marker)
        }
        let back = try world.scan()
        #expect(back.isComplete == true)
        try world.learn(back)
        #expect(try world.known() == world.standing())
    }

    @Test func aScanWaitsUntilWhatItGaveIsTaken() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let count = 5 * Limits.waveRecords
        for number in 0..<count { try world.write("f\(number)", []) }
        world.rest()
        world.observer.scan(nil)
        var (taken, seen) = (0, Set<RelativePath>())
        var isOver = false
        while !isOver {
            // As much as may be given without being taken is given, and no more.
            let events = try #require(
                world.told.wait(until: patience()) { events -> [FolderEvent]? in
                    let isEnd = events.contains { if case .scanEnded = $0 { true } else { false } }
                    return events.count >= taken + 3 || isEnd ? events : nil
                })
            let batches = events.compactMap { if case .observed(let batch) = $0 { batch } else { nil } }
            #expect(batches.count <= taken + 3)
            #expect(batches.allSatisfy { $0.observations.count <= Limits.waveRecords })
            seen.formUnion(batches.flatMap { $0.observations.map(\.path) })
            isOver = events.count > batches.count
            taken += 1
            world.observer.tookObservations()
        }
        #expect(seen.count == count)
    }

    /// However many looks at single paths wait to be taken, a scan comes to its end.
    @Test func aScanDoesNotWaitForLooksAtSinglePaths() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let names = (0..<8).map { "f\($0)" }
        for name in names { try world.write(name, []) }
        world.rest()
        for name in names {
            world.observer.read([AdaptiveDeferral.Due(path: try RelativePath(name), keepsChanging: false)])
        }
        world.observer.scan(nil)
        let isOver = world.told.wait(until: patience()) { events -> Bool? in
            let reads = events.count { if case .readEnded = $0 { true } else { false } }
            let isScanned = events.contains { if case .scanEnded = $0 { true } else { false } }
            return reads == names.count && isScanned ? true : nil
        }
        #expect(isOver == true)
        let batches = world.told.withLock { events in
            events.compactMap { if case .observed(let batch) = $0 { batch } else { nil } }
        }
        #expect(batches.count(where: \.isPaced) == 1)
        #expect(batches.count { !$0.isPaced } == names.count)
    }

    /// Reads that wait behind a huge file are bounded: what finds no room any more is not forgotten.
    @Test func whatIsTooMuchToReadIsScanned() throws {
        let world = try DiskWorld()
        defer { world.close() }
        try world.write("huge", [])
        #expect(truncate(world.path + "/huge", 1 << 28) == 0)
        try world.write("last", [1])
        let huge = try RelativePath("huge")
        let last = try RelativePath("last")
        let look = try world.look({
            world.observer.read([AdaptiveDeferral.Due(path: huge, keepsChanging: false)])
            for _ in 0..<20_000 {
                world.observer.read([AdaptiveDeferral.Due(path: huge, keepsChanging: false)])
                if world.told.withLock({ $0.contains { if case .watched = $0 { true } else { false } } }) { break }
            }
            world.observer.read([AdaptiveDeferral.Due(path: last, keepsChanging: false)])
        }) { if case .watched = $0 { true } else { false } }
        #expect(look.notices.contains(.rescan(nil)))
        #expect(try world.scan().found[last] != nil)
    }

    @Test func whatWaitsToBeTakenDoesNotKeepAnObserverFromStopping() throws {
        let world = try DiskWorld()
        for number in 0..<(5 * Limits.waveRecords) { try world.write("f\(number)", []) }
        world.rest()
        world.observer.scan(nil)
        let isWaiting = world.told.wait(until: patience()) { $0.count >= 3 ? true : nil }
        #expect(isWaiting == true)
        world.close()
        let told = world.told.withLock { $0 }
        for case .scanEnded(_, let isComplete) in told { #expect(!isComplete) }
        world.observer.scan(nil)
        world.observer.read([AdaptiveDeferral.Due(path: try RelativePath("f1"), keepsChanging: false)])
        #expect(world.told.withLock { $0.count } == told.count)
    }
}

/// Changes a folder at random, by seed, as people do: deep and shallow, kinds in each other's place.
struct RandomUser {
    private let path: String
    private var generator: SeededGenerator

    init(_ path: String, seed: UInt64) { (self.path, generator) = (path, SeededGenerator(seed: seed)) }

    mutating func act(on standing: [RelativePath: Content]) throws {
        let paths = standing.keys.sorted()
        let directories = paths.filter { standing[$0] == .directory }
        let target = newName(in: directories)
        let isFree = standing[try RelativePath(target)] == nil
        let isDirectory = standing[try RelativePath(target)] == .directory
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...2 where isFree || !isDirectory:
            if !isFree { try Files.remove("\(path)/\(target)") }
            let size = [0, 3, 9_000, 200_000].randomElement(using: &generator) ?? 0
            try Files.write("\(path)/\(target)", generator.bytes(size))
        case 3 where isFree: try Files.make("\(path)/\(target)")
        case 4 where isFree: try Files.link("\(path)/\(target)", to: "x\(generator.next() % 9)")
        case 5, 6:
            guard isFree, let moved = paths.randomElement(using: &generator) else { return }
            guard !(try RelativePath(target)).isBelow(moved) else { return }
            try Files.move("\(path)/\(moved)", "\(path)/\(target)")
        case 7:
            guard let gone = paths.randomElement(using: &generator) else { return }
            try Files.remove("\(path)/\(gone)")
            if Bool.random(using: &generator) { try Files.make("\(path)/\(gone)") }
        case 8:
            guard let file = paths.filter({ standing[$0]?.size ?? 0 > 0 }).randomElement(using: &generator) else {
                return
            }
            try Files.write("\(path)/\(file)", generator.bytes(40))
        default: break
        }
    }

    private mutating func newName(in directories: [RelativePath]) -> String {
        let name = ["a", "b", "c", "d", "e"].randomElement(using: &generator) ?? "a"
        guard let directory = directories.filter({ $0.depth < 3 }).randomElement(using: &generator),
            Bool.random(using: &generator)
        else { return name }
        return "\(directory)/\(name)"
    }
}
