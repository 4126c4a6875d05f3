import Chunking
import SQLiteIndex
import SeededRandom
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// Peers that break the protocol: frames written past the session, straight to the connection.
@Suite struct HostileTests {
    private func frame(_ message: Message) throws -> (type: UInt8, payload: [UInt8]) {
        let frame = try WireCodec.encode(message)
        return (frame.type, frame.payload)
    }

    /// What a paired peer may send at its worst, and the close code that it gets.
    private func badFrames(_ node: Node) throws -> [(name: String, type: UInt8, payload: [UInt8], code: CloseCode)] {
        var generator = SeededGenerator(seed: 1)
        let content = FileContent(size: 3, hash: ContentHash(.zero))
        let path = try RelativePath("f")
        let request = try frame(
            .contentRequest(
                ContentRequest(
                    request: 1, folder: folderA, path: path, content: content, offset: 0, length: 3, priority: .bulk)))
        // The path of a request is replaced by one that leads out: same length, so that only the path is wrong.
        let outside = request.payload.map { $0 == UInt8(ascii: "f") ? UInt8(ascii: "/") : $0 }
        let data = try frame(.contentData(ContentData(request: 9, offset: 0, last: true, bytes: [1])))
        let batch = try frame(
            .indexBatch(
                IndexBatch(
                    folder: folderA, epoch: node.index.status.epoch, after: 0, upTo: 0, head: 0, mark: nil,
                    frontier: nil, entries: [])))
        return [
            ("garbage", MessageType.folderState.rawValue, generator.bytes(100), .protocolError),
            ("unknown type", 100, [], .protocolError),
            ("truncated", request.type, Array(request.payload.dropLast(3)), .protocolError),
            ("a second hello", MessageType.hello.rawValue, [], .protocolError),
            ("a path that leads out", request.type, outside, .protocolError),
            ("an answer to nothing", data.type, data.payload, .protocolError),
            ("a log that was not asked for", batch.type, batch.payload, .protocolError),
        ]
    }

    @Test func badFramesEndTheSessionWithANamedErrorAndTheRestGoesOn() throws {
        let node = try Node()
        defer { node.close() }
        for bad in try badFrames(node) {
            let peer = try Node()
            defer { peer.close() }
            let pair = try LinkPair(peer, node)
            try pair.near.connection.send(type: bad.type, payload: bad.payload, priority: .control)
            let (reason, code) = try node.recorder(pair.far).closed()
            #expect(code == bad.code, "\(bad.name): \(reason)")
            #expect(!reason.isEmpty)
            #expect(try peer.recorder(pair.near).closed().code == bad.code)
        }
        // The device is as good as before.
        let peer = try Node()
        defer { peer.close() }
        let content = try node.add("f", [1, 2, 3])
        _ = try LinkPair(peer, node)
        #expect(try peer.fetch(peer.order(content, "f", from: [node])) == .success([1, 2, 3]))
    }

    @Test func framesBeyondTheirBoundsAreRefused() throws {
        let (node, peer) = (try Node(isPaired: false), try Node())
        defer {
            node.close()
            peer.close()
        }
        let (near, far) = try LinkPair.connect(peer, node)
        // The transport on the sender's side allows it: it takes the other for paired.
        try near.connection.send(
            type: 200, payload: [UInt8](repeating: 0, count: Limits.unpairedFrameBytes + 1), priority: .control)
        #expect(try !node.recorder(far).closed().reason.isEmpty)
    }

    @Test func unpairedPeersGetNothingButPairing() throws {
        let (node, peer) = (try Node(isPaired: false), try Node())
        defer {
            node.close()
            peer.close()
        }
        let content = try node.add("secret", [1, 2, 3])
        let offer = try frame(.folderOffer([FolderOffer(folder: folderA, name: "folder", records: [])]))
        let request = try frame(
            .contentRequest(
                ContentRequest(
                    request: 1, folder: folderA, path: try RelativePath("secret"), content: content, offset: 0,
                    length: 3,
                    priority: .bulk)))
        for (type, payload) in [offer, request] {
            let (near, far) = try LinkPair.connect(peer, node)
            far.register(node.services)
            try near.connection.send(type: type, payload: payload, priority: .control)
            #expect(try node.recorder(far).closed().code == .notPaired)
            let seen = try peer.recorder(near)
            #expect(try seen.closed().code == .notPaired)
            #expect(seen.monitor.withLock { !$0.isPaired && $0.messages.isEmpty && $0.batches.isEmpty })
        }
        // Pairing goes through.
        let (near, far) = try LinkPair.connect(peer, node)
        _ = try node.recorder(far)
        near.send(.pairRequest(PairRequest()))
        #expect(try node.recorder(far).wait { $0.messages.first } == .pairRequest(PairRequest()))
        #expect(near.exporter(.pairing) == far.exporter(.pairing))
        #expect(near.exporter(.pairing) != near.exporter(.join))
        far.markPaired()
        #expect(try node.recorder(far).wait { $0.isPaired ? true : nil })
        #expect(try peer.recorder(near).wait { $0.isPaired ? true : nil })
    }

    /// A disk may have lost what was told of it: that must not end the session, again and again.
    @Test func aContentInsideTheLogThatIsNotItsOwnIsPassedOver() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        try far.addLie("f", [1, 2, 3], claiming: [4, 5, 6])
        let pair = try LinkPair(near, far)
        pair.near.send(
            .indexRequest(
                IndexRequest(
                    folder: folderA, epoch: far.index.status.epoch, after: 0, inlineLimit: 32_768, creditBytes: 100_000)
            ))
        let batch = try near.recorder(pair.near).wait { $0.batches.first }
        #expect(batch.batch.entries.count == 1)
        #expect(batch.inline.isEmpty)
        #expect(near.services.inline.heldBytes == 0)
    }

    @Test func aFaultOfOursClosesTheLinkAndSaysSo() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let (nearLink, farLink) = try LinkPair.connect(near, far)
        _ = try near.recorder(nearLink).wait { $0.isPaired ? true : nil }
        // The folder was not offered.
        nearLink.send(.deletionRelease(try Self.release(near)))
        #expect(try near.recorder(nearLink).closed().code == .protocolError)
        #expect(try far.recorder(farLink).closed().code == .protocolError)
        nearLink.send(.pairRequest(PairRequest()))
        nearLink.close(.done, "Again.")
        #expect(
            near.monitor.withLock { $0.recorders[nearLink.id] }?.monitor.withLock { $0.closed?.code } == .protocolError)
    }

    private static func release(_ node: Node) throws -> DeletionRelease {
        DeletionRelease(
            folder: folderA, author: Author(device: node.device, epoch: IndexEpoch(1)), upTo: 1, signer: node.device,
            signerKey: [1], signature: [1])
    }
}
