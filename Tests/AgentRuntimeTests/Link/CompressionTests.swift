import Chunking
import Compression
import SQLiteIndex
import SeededRandom
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// What travels compressed, counted in bytes of frames on a real connection. A bound on sending makes the link slow.
@Suite struct CompressionTests {
    private static let slow = 4_000_000

    /// Words with blanks between them: shrinks to less than a half.
    static func words(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let words = (0..<400).map { _ in generator.bytes(3 + Int(generator.next() % 8)).map { 97 + $0 % 26 } }
        var text: [UInt8] = []
        while text.count < count { text += words[Int(generator.next() % 400)] + [32] }
        return Array(text.prefix(count))
    }

    private func withPair(
        near: Capabilities = [.inlineContent, .zstd], far: Capabilities = [.inlineContent, .zstd],
        slow: Bool = true, _ body: (Node, Node, () throws -> LinkPair) throws -> Void
    ) throws {
        let (near, far) = (try Node(capabilities: near), try Node(capabilities: far))
        defer {
            near.close()
            far.close()
        }
        if slow { far.sendLimit.set(bytesPerSecond: Self.slow) }
        try body(near, far) { try LinkPair(near, far) }
    }

    /// What the content cost, of a thousand bytes of it.
    private func cost(_ bytes: [UInt8], near: Node, far: Node, _ connect: () throws -> LinkPair) throws -> Int {
        let content = try far.add("file", bytes)
        let pair = try connect()
        let before = pair.near.bytesReceived
        #expect(try near.fetch(near.order(content, "file", from: [far])) == .success(bytes))
        return Int(pair.near.bytesReceived - before) * 1_000 / bytes.count
    }

    @Test(arguments: [2_000, 200_000, 1_500_000]) func textTakesLessThanItIs(size: Int) throws {
        try withPair { near, far, connect in
            let cost = try cost(Self.words(size), near: near, far: far, connect)
            #expect(cost < 600)
        }
    }

    @Test func noiseTakesNoMoreThanItIs() throws {
        try withPair { near, far, connect in
            var generator = SeededGenerator(seed: 2)
            let cost = try cost(generator.bytes(1_500_000), near: near, far: far, connect)
            #expect(cost < 1_005)
        }
    }

    /// Either side may be of before.
    @Test(arguments: [([], [.zstd]), ([.zstd], [])] as [(Capabilities, Capabilities)])
    func withoutTheCapabilityItIsPlain(near: Capabilities, far: Capabilities) throws {
        try withPair(near: near, far: far) { near, far, connect in
            let cost = try cost(Self.words(600_000), near: near, far: far, connect)
            #expect(cost >= 1_000 && cost < 1_005)
        }
    }

    /// The connection knows of the bound before the first frame, and of a fast link after some.
    @Test func theLinkIsMeasured() throws {
        try withPair { near, far, connect in
            let content = try far.add("file", Self.words(300_000))
            let pair = try connect()
            #expect(pair.far.connection.linkBytesPerSecond == Limits.assumedLinkBytesPerSecond)
            _ = try near.fetch(near.order(content, "file", from: [far]))
            #expect(pair.far.connection.linkBytesPerSecond <= UInt64(Self.slow))
            far.sendLimit.set(bytesPerSecond: 0)
            var generator = SeededGenerator(seed: 3)
            let other = try far.add("other", generator.bytes(6_000_000))
            _ = try near.fetch(near.order(other, "other", from: [far]))
            #expect(pair.far.connection.linkBytesPerSecond > UInt64(Self.slow))
        }
    }

    @Test func aLogTravelsCompressedWithTheContentsInsideAndCostsItsPlainCredit() throws {
        try withPair { near, far, connect in
            let files = (0..<60).map { ("dir/file \($0)", Self.words(3_000, seed: UInt64($0 % 7))) }
            let contents = try far.add(files)
            let pair = try connect()
            let before = pair.near.bytesReceived
            pair.near.send(
                .indexRequest(
                    IndexRequest(
                        folder: folderA, epoch: far.index.status.epoch, after: 0,
                        inlineLimit: UInt32(Limits.inlineBytes), creditBytes: UInt32(Limits.indexCreditBytes))))
            let state = try near.recorder(pair.near).wait { $0.batches.last?.batch.upTo == 60 ? $0 : nil }
            #expect(pair.near.bytesReceived - before < 60 * 3_000 / 2)
            let inline = state.batches.flatMap(\.inline)
            #expect(inline.map(\.content) == contents)
            for (item, file) in zip(inline, files) { #expect(near.services.inline.take(item.handle) == file.1) }
            // What came is counted as what it is, on both sides alike.
            let spent = Limits.indexCreditBytes - pair.far.indexCredit(folderA)
            #expect(spent > 60 * 3_000)
        }
    }

    /// Files that are asked for one by one go together; those that changed meanwhile are told apart.
    @Test func smallContentsAreCompressedTogetherAndFailOneByOne() throws {
        try withPair { near, far, connect in
            let files = (0..<40).map { ("file \($0)", Self.words(6_000, seed: UInt64($0)) + [UInt8($0)]) }
            let contents = try far.add(files)
            for number in [0, 7, 39] { try far.write("file \(number)", [1, 2, 3]) }
            let pair = try connect()
            let before = pair.near.bytesReceived
            for (content, file) in zip(contents, files) {
                #expect(near.fetcher.start(try near.order(content, file.0, from: [far])))
            }
            var staged: Set<FileContent> = []
            for event in try near.events(40) { if case .staged(let content, _) = event { staged.insert(content) } }
            let expected = contents.indices.filter { ![0, 7, 39].contains($0) }
            #expect(staged == Set(expected.map { contents[$0] }))
            for index in expected { #expect(try near.staged(contents[index]) == files[index].1) }
            #expect(pair.near.bytesReceived - before < 40 * 6_000 * 6 / 10)
            #expect(pair.near.connection.isOpen && pair.far.connection.isOpen)
        }
    }

    /// What was decompressed is checked like anything else.
    /// As one that travels plain: its maker's disk may have lost what it told of.
    @Test func aContentThatTravelsCompressedAndIsNotItsOwnIsPassedOver() throws {
        try withPair { near, far, connect in
            try far.addLie("f", Self.words(5_000), claiming: Self.words(5_000, seed: 9))
            let pair = try connect()
            pair.near.send(
                .indexRequest(
                    IndexRequest(
                        folder: folderA, epoch: far.index.status.epoch, after: 0, inlineLimit: 32_768,
                        creditBytes: 100_000)))
            let batch = try near.recorder(pair.near).wait { $0.batches.first }
            #expect(batch.batch.entries.count == 1 && batch.inline.isEmpty)
            #expect(near.services.inline.heldBytes == 0)
        }
    }

    // MARK: Hostile peers

    private static func packed(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [type] + withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0) } + payload
    }

    private static func compressed(_ packed: [UInt8], count: Int? = nil) throws -> [UInt8] {
        let bytes = try Compressor().compress(packed, level: 1)
        return try WireCodec.encode(
            .compressed(CompressedFrames(count: count ?? packed.count, bytes: bytes[...]))
        ).payload
    }

    private static func badPayloads() throws -> [(name: String, payload: [UInt8])] {
        var generator = SeededGenerator(seed: 4)
        let noise = try WireCodec.encode(.compressed(CompressedFrames(count: 900, bytes: generator.bytes(300)[...])))
        let data = try WireCodec.encode(.contentData(ContentData(request: 9, offset: 0, last: true, bytes: [1])))
        let ping = try WireCodec.encode(.ping(1))
        let inner = try compressed(packed(data.type, data.payload))
        let bomb = try compressed([UInt8](repeating: 0, count: 64 << 20), count: 1 << 20)
        return [
            ("noise", noise.payload),
            ("a cut frame", Array(try compressed(packed(data.type, data.payload)).dropLast())),
            ("a bomb that declares itself", bomb),
            ("another size", try compressed(packed(data.type, data.payload), count: 15)),
            ("a megabyte of nothing", try compressed([UInt8](repeating: 0, count: 1 << 20))),
            ("an answer to nothing", try compressed(packed(data.type, data.payload))),
            ("a ping", try compressed(packed(ping.type, ping.payload))),
            ("a frame within a frame", try compressed(packed(MessageType.compressed.rawValue, inner))),
            ("a payload cut inside", try compressed(packed(data.type, Array(data.payload.dropLast(2))))),
        ]
    }

    @Test func wrongFramesEndTheSessionAndTheRestGoesOn() throws {
        let node = try Node()
        defer { node.close() }
        for bad in try Self.badPayloads() {
            let peer = try Node()
            defer { peer.close() }
            let pair = try LinkPair(peer, node)
            try pair.near.connection.send(
                type: MessageType.compressed.rawValue, payload: bad.payload, priority: .control)
            let (reason, code) = try node.recorder(pair.far).closed()
            #expect(code == .protocolError && !reason.isEmpty, "\(bad.name): \(reason)")
            #expect(try peer.recorder(pair.near).closed().code == .protocolError)
        }
        let peer = try Node()
        defer { peer.close() }
        let bytes = Self.words(9_000)
        let content = try node.add("f", bytes)
        _ = try LinkPair(peer, node)
        #expect(try peer.fetch(peer.order(content, "f", from: [node])) == .success(bytes))
    }

    @Test func whoDidNotAgreeIsNotSentAnyAndRefusesThem() throws {
        let (node, peer) = (try Node(capabilities: [.inlineContent]), try Node())
        defer {
            node.close()
            peer.close()
        }
        let pair = try LinkPair(peer, node)
        let data = try WireCodec.encode(.contentData(ContentData(request: 9, offset: 0, last: true, bytes: [1])))
        let payload = try Self.compressed(Self.packed(data.type, data.payload))
        try pair.near.connection.send(type: MessageType.compressed.rawValue, payload: payload, priority: .control)
        #expect(try node.recorder(pair.far).closed().code == .protocolError)
    }
}
