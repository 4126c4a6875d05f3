import Chunking
import Glibc
import LocalFileSystem
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

@Suite struct FetchTests {
    @Test(arguments: [0, 1, 5_000, 50_000, 131_072, 131_073, 400_000, 3_000_000])
    func contentsOfEverySizeCome(size: Int) throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: UInt64(size))
        let bytes = generator.bytes(size)
        let content = try far.add("dir/file", bytes)
        _ = try LinkPair(near, far)
        #expect(try near.fetch(near.order(content, "dir/file", from: [far])) == .success(bytes))
        guard case .staged(_, let chunks)? = try near.events(1).first else { return }
        let list = ChunkListBuilder.list(of: bytes)
        #expect(chunks == (list.count > 1 ? Array(list) : nil))
        #expect(near.fetcher.count == 0)
    }

    /// Nobody else may have it. What came to history of the same size later is another.
    @Test(arguments: [1, 5_000, 131_073, 3_000_000]) func whatLostAConflictIsTakenFromHistory(size: Int) throws {
        let near = try Node()
        defer { near.close() }
        var generator = SeededGenerator(seed: UInt64(size))
        let bytes = generator.bytes(size)
        let content = try near.file("dir/file", bytes)
        _ = try near.file("dir/file", bytes.map { ~$0 })
        var order = try near.order(content, "dir/file (conflict)", from: [])
        guard case .failure(.noSource) = try near.fetch(order) else {
            Issue.record("it is looked for where it never stood")
            return
        }
        order.former = [order.path, try RelativePath("dir/file")]
        #expect(try near.fetch(order) == .success(bytes))
    }

    /// As that of a conflict's loser, which its maker has replaced.
    @Test(arguments: [5_000, 3_000_000]) func aMemberGivesWhatItHasInHistory(size: Int) throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: UInt64(size))
        let bytes = generator.bytes(size)
        let content = try far.file("dir/file", bytes)
        _ = try LinkPair(near, far)
        guard case .failure(.noSource) = try near.fetch(near.order(content, "other", from: [far])) else {
            Issue.record("it is looked for where it never stood")
            return
        }
        #expect(try near.fetch(near.order(content, "dir/file", from: [far])) == .success(bytes))
    }

    @Test func anEditInTheMiddleOfALargeFileMovesFewBytes() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 3)
        var bytes = generator.bytes(64 << 20)
        let old = try near.add("big", bytes)
        bytes.replaceSubrange(30_000_000..<30_000_010, with: generator.bytes(1_000))
        let content = try far.add("big", bytes)
        let pair = try LinkPair(near, far)
        let before = pair.near.bytesReceived
        #expect(try near.fetch(near.order(content, "big", from: [far], similar: old)) == .success(bytes))
        #expect(near.fetcher.bytesReceived <= UInt64(3 * Limits.chunkGreatest))
        #expect(pair.near.bytesReceived - before < 600_000)
    }

    @Test func whatOtherFilesHoldIsCopiedAndZerosAreNotSent() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 4)
        let shared = generator.bytes(2_000_000)
        try near.add("here", shared)
        let bytes = shared + [UInt8](repeating: 0, count: 8 << 20) + generator.bytes(100_000)
        let content = try far.add("there", bytes)
        _ = try LinkPair(near, far)
        #expect(try near.fetch(near.order(content, "there", from: [far])) == .success(bytes))
        #expect(near.fetcher.bytesReceived < 600_000)
        // A content that another file of ours has needs no peer at all.
        let content2 = try near.add("copy", shared)
        #expect(try near.fetch(near.order(content2, "elsewhere", from: [])) == .success(shared))
    }

    @Test func twoSourcesShareTheWork() throws {
        let nodes = try (0..<3).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        var generator = SeededGenerator(seed: 5)
        let bytes = generator.bytes(48 << 20)
        let content = try nodes[1].add("big", bytes)
        try nodes[2].add("big", bytes)
        let pairs = [try LinkPair(nodes[0], nodes[1]), try LinkPair(nodes[0], nodes[2])]
        #expect(try nodes[0].fetch(nodes[0].order(content, "big", from: Array(nodes[1...]))) == .success(bytes))
        #expect(nodes[0].fetcher.bytesReceived == UInt64(bytes.count))
        for pair in pairs { #expect(pair.near.bytesReceived > UInt64(Limits.requestedBytes / 2)) }
    }

    @Test func aSourceThatVanishesHalfWayIsReplacedAndTheRestResumed() throws {
        let nodes = try (0..<3).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        var generator = SeededGenerator(seed: 6)
        let bytes = generator.bytes(40 << 20)
        let content = try nodes[1].add("big", bytes)
        try nodes[2].add("big", bytes)
        let near = nodes[0]
        nodes[1].sendLimit.set(bytesPerSecond: 8_000_000)
        let pair = try LinkPair(near, nodes[1])
        let order = try near.order(content, "big", from: Array(nodes[1...]))
        #expect(near.fetcher.start(order))
        while near.fetcher.bytesReceived < 4 << 20 { sched_yield() }
        pair.far.connection.closeNow()
        let events = try near.events(1)
        guard case .failed(_, .noSource(.disconnected))? = events.first else {
            Issue.record("it ended otherwise: \(events)")
            return
        }
        // A second source goes on with what came.
        let came = near.fetcher.bytesReceived
        _ = try LinkPair(near, nodes[2])
        #expect(try near.fetch(order) == .success(bytes))
        #expect(near.fetcher.bytesReceived - came <= UInt64(bytes.count) - came + UInt64(Limits.requestedBytes))
        #expect(near.fetcher.bytesReceived - came < UInt64(bytes.count))
    }

    @Test func aLiarIsRefusedAndAnotherSourceAsked() throws {
        let nodes = try (0..<3).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        var generator = SeededGenerator(seed: 7)
        let near = nodes[0]
        for size in [60_000, 6_000_000] {
            let bytes = generator.bytes(size)
            try nodes[2].add("f\(size)", bytes)
            // Its index claims the content, its disk holds something of the same size.
            try nodes[1].addLie("f\(size)", generator.bytes(size), claiming: bytes)
        }
        _ = try LinkPair(near, nodes[1])
        _ = try LinkPair(near, nodes[2])
        for size in [60_000, 6_000_000] {
            let row = try #require(try nodes[2].index.reader.row(RelativePath("f\(size)")))
            guard case .file(let content) = row.record.content else { return }
            let onlyLiar = try near.fetch(near.order(content, "f\(size)", from: [nodes[1]]))
            #expect(onlyLiar == .failure(.noSource(.wrongBytes)))
            let order = try near.order(content, "f\(size)", from: Array(nodes[1...]))
            let bytes = try near.fetch(order)
            #expect(try bytes.get() == nodes[2].content("f\(size)"))
        }
    }

    @Test func aFileThatChangesWhileItIsServedNeverArrivesTorn() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 8)
        let bytes = generator.bytes(24 << 20)
        let content = try far.add("big", bytes)
        far.sendLimit.set(bytesPerSecond: 16_000_000)
        _ = try LinkPair(near, far)
        #expect(near.fetcher.start(try near.order(content, "big", from: [far])))
        while near.fetcher.bytesReceived < 1 << 20, near.monitor.withLock({ $0.events.isEmpty }) { sched_yield() }
        try far.write("big", generator.bytes(24 << 20))
        far.sendLimit.set(bytesPerSecond: 0)
        switch try near.events(1)[0] {
        case .staged: #expect(try near.staged(content) == bytes)
        case .failed(_, let failure): #expect(failure == .noSource(.changed) || failure == .noSource(.wrongBytes))
        }
    }

    @Test func aRestartGoesOnWithWhatCame() throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(seed: 9)
        let bytes = generator.bytes(10 << 20)
        let list = ChunkListBuilder.list(of: bytes)
        let half = list.count / 2
        do {
            // What an earlier run left.
            mkdir(directory.path + "/folder", 0o755)
            let files = try OpenFolder(at: directory.path + "/folder", folder: folderA, creating: true)
            let partial = try Stage(of: files).begin(list.content)
            var offset = 0
            for chunk in list[..<half] {
                let end = offset + Int(chunk.length)
                try partial.write(Array(bytes[offset..<end]), chunk: chunk, at: UInt64(offset))
                offset = end
            }
        }
        let (near, far) = (try Node(in: directory), try Node())
        defer {
            near.close()
            far.close()
        }
        let content = try far.add("big", bytes)
        _ = try LinkPair(near, far)
        #expect(try near.fetch(near.order(content, "big", from: [far])) == .success(bytes))
        let rest = list[half...].reduce(0) { $0 + UInt64($1.length) }
        #expect(near.fetcher.bytesReceived == rest)
    }

    @Test func manySmallContentsComeInAnyOrderEachOnce() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 10)
        let files = (0..<Limits.activeTransfers).map { ("f\($0)", generator.bytes(33_000 + $0)) }
        let contents = try far.add(files)
        _ = try LinkPair(near, far)
        for (content, file) in zip(contents, files) {
            #expect(near.fetcher.start(try near.order(content, file.0, from: [far])))
        }
        let events = try near.events(files.count)
        let staged = events.compactMap { if case .staged(let content, _) = $0 { content } else { nil } }
        #expect(Set(staged) == Set(contents))
        #expect(staged.count == files.count)
    }

    @Test func withoutASourceItEndsAtOnce() throws {
        let near = try Node()
        defer { near.close() }
        let content = ChunkListBuilder.list(of: [1, 2, 3]).content
        #expect(try near.fetch(near.order(content, "f", from: [])) == .failure(.noSource(.none)))
        let far = try Node()
        defer { far.close() }
        _ = try LinkPair(near, far)
        #expect(try near.fetch(near.order(content, "f", from: [far])) == .failure(.noSource(.notFound)))
    }

    @Test func aLinkThatClosedIsNoSourceWhetherToldBeforeOrAfter() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let content = try far.add("f", [1, 2, 3])
        let pair = try LinkPair(near, far)
        pair.near.close(.goingAway, "The test goes on without it.")
        _ = try near.recorder(pair.near).closed()
        let order = try near.order(content, "f", from: [far])
        #expect(try near.fetch(order) == .failure(.noSource(.disconnected)))
        near.fetcher.linkOpened(far.device, pair.near)
        #expect(try near.fetch(order) == .failure(.noSource(.disconnected)))
        _ = try LinkPair(near, far)
        #expect(try near.fetch(order) == .success([1, 2, 3]))
    }
}

extension Node {
    /// Bytes on the disk under a record that claims others.
    func addLie(_ name: String, _ bytes: [UInt8], claiming claimed: [UInt8]) throws {
        let list = ChunkListBuilder.list(of: claimed)
        try write(name, bytes)
        var transaction = IndexTransaction()
        transaction.rows = [try row(name, list.content)]
        if list.count > 1 { transaction.chunkLists = [ContentChunks(content: list.content, chunks: Array(list))] }
        try index.commit(transaction)
        services.logGrew(status: index.status)
    }

    func content(_ name: String) throws -> [UInt8] {
        let (file, found) = try files.root.open(RelativePath(name))
        var bytes = [UInt8](repeating: 0, count: Int(found.state.size))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }
}
