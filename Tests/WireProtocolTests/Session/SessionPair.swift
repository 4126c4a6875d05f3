import SyncModel
import WireProtocol

/// Two sessions joined by a perfect wire.
struct SessionPair {
    var left: PeerSession
    var right: PeerSession
    static let folder = FolderID(high: 1, low: 2)
    static let epoch = IndexEpoch(77)

    static func hello(
        _ name: String, newest: UInt32 = 1, oldest: UInt32 = 1, capabilities: Capabilities = [.inlineContent]
    ) -> Hello {
        Hello(
            protocolVersion: newest, oldestVersion: oldest, agentVersion: "lanyard 0.1", deviceName: name,
            capabilities: capabilities, listen: ["192.0.2.1:22000"], generation: 1)
    }

    init(
        leftPaired: Bool = true, rightPaired: Bool = true, left: Hello = SessionPair.hello("left"),
        right: Hello = SessionPair.hello("right")
    ) {
        self.left = PeerSession(hello: left, isPaired: leftPaired, now: 0)
        self.right = PeerSession(hello: right, isPaired: rightPaired, now: 0)
    }

    /// After both hellos.
    static func opened(leftPaired: Bool = true, rightPaired: Bool = true) throws -> SessionPair {
        try SessionPair(leftPaired: leftPaired, rightPaired: rightPaired).opened()
    }

    func opened() throws -> SessionPair {
        var pair = self
        let hellos = (try pair.left.start(), try pair.right.start())
        _ = pair.right.receive(hellos.0, now: 0)
        _ = pair.left.receive(hellos.1, now: 0)
        return pair
    }

    /// After both have offered `folder`.
    static func sharing() throws -> SessionPair {
        var pair = try opened()
        let offer = Message.folderOffer([FolderOffer(folder: folder, name: "photos", records: [])])
        _ = try pair.leftSends(offer)
        _ = try pair.rightSends(offer)
        return pair
    }

    mutating func leftSends(_ message: Message) throws -> [SessionEvent] {
        right.receive(try left.send(message), now: 0).events
    }

    mutating func rightSends(_ message: Message) throws -> [SessionEvent] {
        left.receive(try right.send(message), now: 0).events
    }

    /// The frame of a message, past all guards: what a hostile peer sends.
    mutating func rightForges(_ message: Message) throws -> SessionOutput {
        left.receive(try WireCodec.encode(message), now: 0)
    }
}

extension SessionOutput {
    /// The code of the fault that ended the session.
    var failure: WireError.Code? {
        for case .failed(let error) in events { return error.code }
        return nil
    }

    var refusal: WireError.Code? {
        for case .refused(let error) in events { return error.code }
        return nil
    }

    var messages: [Message] { events.compactMap { if case .message(let message) = $0 { message } else { nil } } }
}
