import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// A whole connection: a byte says whether the two sides are paired, then frames come, each a type and a piece.
    static let session = FuzzTarget("session", heapBytes: { 1_024 * $0 + 1 << 20 }) {
        let vectors = try VectorFile.load().filter { $0.refusal == nil && $0.payload.count < 4_096 }
        let hello = try WireCodec.encode(.hello(SessionWorld.hello))
        func bytes(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [type] + Pieces.piece(payload) }
        let opening = [0] + bytes(hello.type, hello.payload)
        let offers = vectors.filter { $0.type == MessageType.folderOffer.rawValue }
        let conversation = try SessionWorld.conversation().flatMap { message in
            let frame = try WireCodec.encode(message)
            return bytes(frame.type, frame.payload)
        }
        // What is of a folder is only taken where both sides have offered it: each vector comes after all offers.
        let offered = opening + offers.flatMap { bytes($0.type, $0.payload) }
        return vectors.map { offered + bytes($0.type, $0.payload) } + [opening + conversation, [1] + conversation]
    } check: { input in
        var pieces = Pieces(input)
        var world = try SessionWorld(isPaired: pieces.byte() & 1 == 0)
        while !pieces.isEmpty {
            let type = pieces.byte()
            try world.receive(Frame(type: type, payload: pieces.piece()))
        }
    }
}

/// One side of a connection that asks and offers what the other lets it.
private struct SessionWorld {
    private var session: PeerSession
    private var now: UInt64 = 0
    private var next: UInt32 = 1

    static let hello = Hello(
        protocolVersion: 1, oldestVersion: 1, agentVersion: "lanyard 0.1", deviceName: "fuzz",
        capabilities: [.inlineContent, .zstd], listen: ["192.0.2.1:22000"], generation: 1, isPaired: true)

    init(isPaired: Bool) throws {
        session = PeerSession(hello: Self.hello, isPaired: isPaired, now: 0)
        _ = try session.start()
    }

    /// A folder, a request in it and a barrier, for a beginning.
    static func conversation() throws -> [Message] {
        let folder = FolderID(high: 1, low: 2)
        let content = FileContent(size: 1 << 20, hash: ContentHash(.zero))
        return [
            .folderOffer([FolderOffer(folder: folder, name: "photos", records: [])]),
            .contentRequest(
                ContentRequest(
                    request: 1, folder: folder, path: try RelativePath("a"), content: content, offset: 0, length: 9,
                    priority: .normal)),
            .contentData(ContentData(request: 1, offset: 0, last: true, bytes: [1, 2, 3])),
            .barrier(Barrier(folder: folder, token: 1)),
            .ping(7), .cancelRequest(1), .close(Close(code: .done, text: "bye")),
        ]
    }

    mutating func receive(_ frame: Frame) throws {
        now += 50
        let wasOver = session.isOver
        let output = session.receive(frame, now: now)
        if wasOver { try hold(output == SessionOutput(), "a session that is over answers") }
        for frame in output.frames {
            try hold((try? WireCodec.decode(frame)) != nil, "a frame of type \(frame.type) is sent that can't be read")
        }
        for event in output.events {
            switch event {
            case .failed, .closed: try hold(session.isOver, "a session goes on after its end")
            case .message(.folderOffer(let offers)):
                _ = try? session.send(.folderOffer(offers))
                for offer in offers { ask(offer.folder) }
            default: break
            }
        }
        let underWay = session.requestsUnderWay
        try hold(underWay.count <= Limits.requests, "\(underWay.count) requests are under way")
        try hold(underWay.bytes <= UInt64(Limits.requestedBytes), "\(underWay.bytes) bytes are asked for")
        try hold(session.openFolders.count <= Limits.folders, "\(session.openFolders.count) folders are open")
        for folder in session.openFolders {
            try hold(session.indexCredit(folder) <= Limits.indexCreditBytes, "too much credit is granted")
        }
    }

    /// Something for the other side to answer.
    private mutating func ask(_ folder: FolderID) {
        guard let path = try? RelativePath("a") else { return }
        let content = FileContent(size: 1 << 20, hash: ContentHash(.zero))
        let questions: [Message] = [
            .contentRequest(
                ContentRequest(
                    request: next, folder: folder, path: path, content: content, offset: 0, length: 3,
                    priority: .normal)),
            .indexRequest(
                IndexRequest(
                    folder: folder, stream: next, epoch: IndexEpoch(0), after: 0, inlineLimit: 0, creditBytes: 4_096)),
            .barrier(Barrier(folder: folder, token: UInt64(next))),
        ]
        next += 1
        for question in questions { _ = try? session.send(question) }
    }
}
