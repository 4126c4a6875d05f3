import AgentProcesses
import Chunking
import Cryptography
import Glibc
import LanHosts
import LocalFileSystem
import SeededRandom
import SyncCore
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// Contents with several holders, some of which lie, leave, or have something else by now; and our own disk.
@Suite struct HolderTests {
    /// What one holder is, by seed: in the end a single honest one is enough, and nothing wrong is ever staged.
    @Test(arguments: [1, 2, 3] as [UInt64]) func oneHonestHolderIsEnough(seed: UInt64) throws {
        let nodes = try (0..<4).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        var generator = SeededGenerator(seed: seed)
        let near = nodes[0]
        let files = (0..<12).map { number in
            ("f\(number)", generator.bytes(Int.random(in: 1...3_000_000, using: &generator)))
        }
        var contents: [FileContent] = []
        for (name, bytes) in files {
            // The honest one changes from file to file; the others lie or have changed theirs.
            let honest = Int.random(in: 1...3, using: &generator)
            for holder in 1...3 {
                if holder == honest {
                    contents.append(try nodes[holder].add(name, bytes))
                } else if Bool.random(using: &generator) {
                    try nodes[holder].addLie(name, generator.bytes(bytes.count), claiming: bytes)
                } else {
                    try nodes[holder].add(name, bytes)
                    try nodes[holder].write(name, [1])
                }
            }
        }
        for holder in 1...3 { _ = try LinkPair(near, nodes[holder]) }
        for (content, file) in zip(contents, files) {
            #expect(near.fetcher.start(try near.order(content, file.0, from: Array(nodes[1...].shuffled()))))
        }
        let events = try near.events(files.count)
        let staged = events.compactMap { if case .staged(let content, _) = $0 { content } else { nil } }
        #expect(Set(staged) == Set(contents), "\(events.filter { if case .failed = $0 { true } else { false } })")
        for (content, file) in zip(contents, files) where near.stage.contains(content) {
            #expect(try near.staged(content) == file.1)
        }
    }

    @Test func anOrderThatIsJoinedHasTheSourcesOfBoth() throws {
        let nodes = try (0..<3).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        var generator = SeededGenerator(seed: 4)
        let near = nodes[0]
        let bytes = generator.bytes(30 << 20)
        let content = try nodes[1].add("a", bytes)
        try nodes[2].add("elsewhere/b", bytes)
        nodes[1].sendLimit.set(bytesPerSecond: 2_000_000)
        let pairs = [try LinkPair(near, nodes[1]), try LinkPair(near, nodes[2])]
        #expect(near.fetcher.start(try near.order(content, "a", from: [nodes[1]])))
        // Each at the path at which it has it.
        #expect(near.fetcher.start(try near.order(content, "elsewhere/b", from: [nodes[2]])))
        let events = try near.events(1)
        guard case .staged(content, _)? = events.first else { return #expect(Bool(false), "\(events)") }
        #expect(try near.staged(content) == bytes)
        #expect(pairs[1].near.bytesReceived > 1 << 20)
        #expect(near.fetcher.count == 0)
    }

    @Test func whatStandsTornInTheStageIsFetchedAnew() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 5)
        _ = try LinkPair(near, far)
        for size in [1, 50_000, 1_000_000] {
            let bytes = generator.bytes(size)
            let content = try far.add("f\(size)", bytes)
            // As a loss of power leaves it: the name, the length, and other bytes.
            try near.write(".lanyard/stage/\(content.hash).\(size)", [UInt8](repeating: 0, count: size))
            #expect(near.stage.contains(content))
            #expect(try near.fetch(near.order(content, "f\(size)", from: [far])) == .success(bytes))
            // Chunks that are partly there are looked at, too.
            try near.stage.remove(content)
            try near.write(".lanyard/stage/\(content.hash).\(size).partial", generator.bytes(size))
            #expect(try near.fetch(near.order(content, "f\(size)", from: [far])) == .success(bytes))
        }
    }

    @Test func anEmptyContentNeedsNobodyAndAnImpossibleOneIsNone() throws {
        let near = try Node()
        defer { near.close() }
        let empty = ChunkListBuilder.list(of: []).content
        #expect(try near.fetch(near.order(empty, "f", from: [])) == .success([]))
        let wrong = FileContent(size: 0, hash: ContentHash(SHA256.hash([1])))
        #expect(try near.fetch(near.order(wrong, "f", from: [])) == .failure(.noSource(.wrongBytes)))
        let huge = FileContent(size: Limits.fileBytes, hash: ContentHash(.zero))
        #expect(try near.fetch(near.order(huge, "f", from: [])) == .failure(.noSource(.none)))
    }

    @Test func ordersAreBoundedAndNoneIsTakenAfterTheEnd() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 6)
        far.sendLimit.set(bytesPerSecond: 1)
        _ = try LinkPair(near, far)
        let files = (0...Limits.activeTransfers).map { ("f\($0)", generator.bytes(40_000)) }
        let contents = try far.add(files)
        let taken = try zip(contents, files).map { near.fetcher.start(try near.order($0, $1.0, from: [far])) }
        #expect(taken == [Bool](repeating: true, count: Limits.activeTransfers) + [false])
        // One that is given up makes room, and one under way is joined.
        #expect(near.fetcher.start(try near.order(contents[1], "f1", from: [far])))
        near.fetcher.cancel(contents[0])
        #expect(near.fetcher.start(try near.order(contents[Limits.activeTransfers], "f", from: [far])))
        near.fetcher.stop()
        #expect(near.fetcher.count == 0)
        #expect(!near.fetcher.start(try near.order(contents[0], "f0", from: [far])))
        #expect(near.monitor.withLock { $0.events.isEmpty })
        far.sendLimit.set(bytesPerSecond: 0)
    }

    @Test(.enabled(if: SmallDisk.skip.isPossible), arguments: [100_000, 2_000_000])
    func aFullDiskIsSaidAndTheNextOrderGoesOn(size: Int) throws {
        let directory = try TemporaryDirectory()
        try Files.make(directory.path + "/folder")
        let small = try SmallDisk(at: directory.path + "/folder", bytes: 4 << 20)
        defer { withExtendedLifetime(small) {} }
        let (near, far) = (try Node(in: directory), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 7)
        try near.write("filler", generator.bytes(4_050_000))
        let bytes = generator.bytes(size)
        let content = try far.add("f", bytes)
        _ = try LinkPair(near, far)
        let order = try near.order(content, "f", from: [far])
        guard case .failure(.diskFull) = try near.fetch(order) else {
            return #expect(Bool(false), "it found room")
        }
        #expect(!near.stage.contains(content))
        try Files.remove(near.path + "/filler")
        #expect(try near.fetch(order) == .success(bytes))
    }

    @Test func aPeerThatIsAskedAndSilentIsGivenUp() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 8)
        let content = try far.add("f", generator.bytes(3_000_000))
        far.sendLimit.set(bytesPerSecond: 1)
        let pair = try LinkPair(near, far)
        #expect(near.fetcher.start(try near.order(content, "f", from: [far])))
        let isAsked = eventually { pair.near.room.requests < Limits.requests - Limits.reservedRequests }
        #expect(isAsked)
        near.fetcher.tick(now: MonotonicClock.milliseconds)
        #expect(pair.near.connection.isOpen)
        near.fetcher.tick(now: MonotonicClock.milliseconds + 3_600_000)
        #expect(try near.recorder(pair.near).closed().code == .timeout)
        guard case .failed(content, .noSource(.disconnected))? = try near.events(1).first else {
            return #expect(Bool(false))
        }
        far.sendLimit.set(bytesPerSecond: 0)
    }
}
