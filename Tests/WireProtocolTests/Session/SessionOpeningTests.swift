import SyncModel
import Testing
import WireProtocol

@Suite struct SessionOpeningTests {
    @Test func hellosOpenAndPair() throws {
        var pair = SessionPair()
        let frame = try pair.left.start()
        #expect(throws: WireError(.outOfState, "")) { try pair.left.start() }
        let events = pair.right.receive(frame, now: 0).events
        var hello = SessionPair.hello("left")
        hello.isPaired = true
        #expect(events == [.opened(hello, version: 1), .paired])
        #expect(pair.right.isPaired && !pair.left.isPaired)
    }

    @Test func pairingDuringTheSession() throws {
        var pair = try SessionPair.opened(leftPaired: false, rightPaired: false)
        let first = try pair.left.markPaired()
        #expect(first.events.isEmpty && !pair.left.isPaired)
        #expect(pair.right.receive(first.frames[0], now: 0).events.isEmpty)
        let second = try pair.right.markPaired()
        #expect(second.events == [.paired])
        #expect(pair.left.receive(second.frames[0], now: 0).events == [.paired])
        #expect(pair.left.isPaired && pair.right.isPaired)
        #expect(try pair.left.markPaired() == SessionOutput())
    }

    @Test(arguments: [(2, 2), (9, 3)] as [(UInt32, UInt32)])
    func noCommonVersion(newest: UInt32, oldest: UInt32) throws {
        var pair = SessionPair()
        let hello = SessionPair.hello("right", newest: newest, oldest: oldest)
        let output = try pair.rightForges(.hello(hello))
        #expect(output.failure == .versionMismatch)
        guard case .close(let close) = try WireCodec.decode(output.frames[0]) else {
            throw WireError(.invalidValue, "")
        }
        #expect(close.code == .version && close.text.contains("versions 1 to 1"))
    }

    @Test func newerPeersComeDownToOurVersion() throws {
        var pair = SessionPair()
        let hello = SessionPair.hello("right", newest: 7, oldest: 1)
        #expect(try pair.rightForges(.hello(hello)).events == [.opened(hello, version: 1)])
    }

    @Test func downgradeIsRefused() throws {
        var session = PeerSession(hello: SessionPair.hello("left", newest: 3), isPaired: true, leastVersion: 3, now: 0)
        let hello = try WireCodec.encode(.hello(SessionPair.hello("right", newest: 2)))
        #expect(session.receive(hello, now: 0).failure == .versionMismatch)
    }

    @Test func unpairedFramesAreSmall() throws {
        var pair = try SessionPair.opened(leftPaired: false, rightPaired: false)
        #expect(pair.left.payloadLimit(type: MessageType.pairConfirm.rawValue) == Limits.unpairedFrameBytes)
        let large = Frame(type: 200, payload: [UInt8](repeating: 0, count: Limits.unpairedFrameBytes + 1))
        #expect(pair.left.receive(large, now: 0).failure == .overLimit)
    }

    @Test func joinReplyMayBeLarge() throws {
        var pair = try SessionPair.opened(leftPaired: false, rightPaired: false)
        var sampler = Sampler(seed: 1)
        #expect(pair.left.payloadLimit(type: MessageType.joinReply.rawValue) == Limits.unpairedFrameBytes)
        let request = sampler.message(.joinRequest)
        #expect(try pair.leftSends(request) == [.message(request)])
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(request) }
        #expect(pair.left.payloadLimit(type: MessageType.joinReply.rawValue) == Limits.frameBytes)
        let reply = Message.joinReply(.refused(.expired))
        #expect(try pair.rightSends(reply) == [.message(reply)])
        #expect(try pair.leftSends(request) == [.message(request)])
        #expect(pair.right.receive(try WireCodec.encode(request), now: 0).failure == .tooMany)
    }

    @Test func unknownOptionalTypesArePassedOver() throws {
        var pair = try SessionPair.sharing()
        #expect(pair.left.receive(Frame(type: 199, payload: [1]), now: 0) == SessionOutput())
        #expect(pair.left.receive(Frame(type: 100, payload: [1]), now: 0).failure == .unknownType)
    }

    @Test func pingIsAnsweredAndFloodsEnd() throws {
        var pair = try SessionPair.opened()
        for number in 0..<UInt64(Limits.pings) {
            #expect(try pair.rightForges(.ping(number)).frames == [try WireCodec.encode(.pong(number))])
        }
        #expect(try pair.rightForges(.ping(99)).failure == .tooMany)
    }

    @Test func heartbeat() throws {
        var pair = try SessionPair.opened()
        #expect(pair.left.tick(now: 4_999) == SessionOutput())
        let ping = pair.left.tick(now: 5_000)
        #expect(ping.frames.map(\.type) == [MessageType.ping.rawValue] && ping.events.isEmpty)
        #expect(pair.left.tick(now: 6_000) == SessionOutput())
        let pong = pair.right.receive(ping.frames[0], now: 5_001)
        #expect(pair.left.receive(pong.frames[0], now: 6_000) == SessionOutput())
        #expect(pair.left.tick(now: 10_999) == SessionOutput())
        #expect(pair.left.tick(now: 11_000).frames.count == 1)
        pair.left.heard(now: 12_000)
        #expect(pair.left.tick(now: 26_999).events.isEmpty)
        #expect(pair.left.tick(now: 27_000).failure == .truncated)
        #expect(pair.left.isOver)
        #expect(pair.left.tick(now: 90_000) == SessionOutput())
    }

    @Test func unpairedDevicesMustGo() throws {
        var pair = try SessionPair.opened(leftPaired: false, rightPaired: false)
        let end = UInt64(Limits.unpairedSeconds) * 1_000
        pair.left.heard(now: end - 1)
        #expect(pair.left.tick(now: end - 1).failure == nil)
        #expect(pair.left.tick(now: end).failure == .tooMany)
    }
}
