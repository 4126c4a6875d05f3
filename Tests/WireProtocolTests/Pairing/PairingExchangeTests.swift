import SyncModel
import Testing
import WireProtocol

@Suite struct PairingExchangeTests {
    static func bytes(_ value: UInt8) -> Bytes32 { Bytes32([UInt8](repeating: value, count: 32)) ?? .zero }

    let alice = DeviceID(bytes(1))
    let bob = DeviceID(bytes(2))
    let exporter = bytes(9)
    let folders = [PairFolder(folder: FolderID(high: 1, low: 1), name: "photos", neverShared: true, files: 3)]

    func exchange(_ local: DeviceID, _ peer: DeviceID, nonce: UInt8, exporter: Bytes32? = nil) -> PairingExchange {
        PairingExchange(
            local: local, peer: peer, nonce: PairingExchangeTests.bytes(nonce), exporter: exporter ?? self.exporter)
    }

    func sent(_ steps: [PairingExchange.Step]) -> [Message] {
        steps.compactMap { if case .send(let message) = $0 { message } else { nil } }
    }

    /// Up to the codes.
    func compared() throws -> (PairingExchange, PairingExchange) {
        var initiator = exchange(alice, bob, nonce: 3)
        var responder = exchange(bob, alice, nonce: 4)
        let commit = sent(try responder.receive(sent(try initiator.start())[0]))
        let nonce = sent(try initiator.receive(commit[0]))
        let reveal = try responder.receive(nonce[0])
        let shown = try initiator.receive(sent(reveal)[0])
        #expect(shown == [.showCode(responder.code ?? "")])
        #expect(reveal.last == .showCode(initiator.code ?? ""))
        return (initiator, responder)
    }

    @Test func bothShowOneCodeAndBothMustSayYes() throws {
        var (initiator, responder) = try compared()
        #expect(initiator.code == responder.code && initiator.code?.count == 6)
        let yes = try initiator.answer(true, folders: folders)
        #expect(yes.count == 1)
        #expect(try responder.receive(sent(yes)[0]).isEmpty)
        #expect(!responder.isOver)
        let second = try responder.answer(true, folders: [])
        #expect(second.last == .paired(folders: folders))
        #expect(try initiator.receive(sent(second)[0]) == [.paired(folders: [])])
        #expect(initiator.isOver && responder.isOver)
    }

    @Test func aNoEndsItOnBothSides() throws {
        var (initiator, responder) = try compared()
        let yes = try initiator.answer(true, folders: folders)
        _ = try responder.receive(sent(yes)[0])
        let no = try responder.answer(false, folders: folders)
        #expect(no.last == .ended(.declined, byPeer: false))
        #expect(try initiator.receive(sent(no)[0]) == [.ended(.declined, byPeer: true)])
        #expect(throws: WireError(.outOfState, "")) { try initiator.answer(true, folders: []) }
    }

    @Test func crossedRequestsLeaveOneInitiator() throws {
        var small = exchange(alice, bob, nonce: 3)
        var large = exchange(bob, alice, nonce: 4)
        let (first, second) = (sent(try small.start())[0], sent(try large.start())[0])
        #expect(try small.receive(second).isEmpty)
        let commit = sent(try large.receive(first))[0]
        let reveal = try large.receive(sent(try small.receive(commit))[0])
        _ = try small.receive(sent(reveal)[0])
        #expect(small.code != nil && small.code == large.code)
    }

    @Test func aSubstitutedResponderNonceIsFound() throws {
        var initiator = exchange(alice, bob, nonce: 3)
        var responder = exchange(bob, alice, nonce: 4)
        let commit = sent(try responder.receive(sent(try initiator.start())[0]))
        let nonce = sent(try initiator.receive(commit[0]))
        _ = try responder.receive(nonce[0])
        let forged = Message.pairReveal(PairReveal(nonce: PairingExchangeTests.bytes(66)))
        let steps = try initiator.receive(forged)
        #expect(steps.last == .ended(.mismatch, byPeer: false))
        #expect(sent(steps) == [.pairCancel(PairCancel(reason: .mismatch))])
        #expect(initiator.code == nil)
    }

    @Test func aSubstitutedInitiatorNonceChangesTheCode() throws {
        var codes: Set<String> = []
        for forged in UInt8(10)..<20 {
            var responder = exchange(bob, alice, nonce: 4)
            _ = try responder.receive(.pairRequest(PairRequest()))
            _ = try responder.receive(.pairNonce(PairNonce(nonce: PairingExchangeTests.bytes(forged))))
            codes.insert(responder.code ?? "")
        }
        #expect(codes.count == 10)
        #expect(try !codes.contains(compared().0.code ?? ""))
    }

    /// Somebody who ends both TLS sessions relays every message: the exporters differ, so commitment and codes do.
    @Test func aRelayedExchangeIsFound() throws {
        var initiator = exchange(alice, bob, nonce: 3)
        var responder = exchange(bob, alice, nonce: 4, exporter: PairingExchangeTests.bytes(8))
        let commit = sent(try responder.receive(sent(try initiator.start())[0]))
        let reveal = try responder.receive(sent(try initiator.receive(commit[0]))[0])
        #expect(try initiator.receive(sent(reveal)[0]).last == .ended(.mismatch, byPeer: false))
    }

    @Test func ownMessagesDoNotReflect() throws {
        var initiator = exchange(alice, bob, nonce: 3)
        var (_, other) = try compared()
        _ = try initiator.start()
        #expect(throws: WireError(.outOfState, "")) { try initiator.receive(.pairNonce(PairNonce(nonce: .zero))) }
        let own = sent(try other.answer(true, folders: []))[0]
        #expect(try other.receive(own).last == .ended(.mismatch, byPeer: false))
    }

    @Test func replaysAndForgedConfirmationsAreRefused() throws {
        var (initiator, responder) = try compared()
        let yes = sent(try responder.answer(true, folders: folders))[0]
        guard case .pairConfirm(var forged) = yes else { throw WireError(.invalidValue, "") }
        forged.folders[0].neverShared = false
        var copy = initiator
        #expect(try copy.receive(.pairConfirm(forged)).last == .ended(.mismatch, byPeer: false))
        #expect(try initiator.receive(yes).isEmpty)
        copy = initiator
        #expect(throws: WireError(.outOfState, "")) { try copy.receive(yes) }
        #expect(copy.isOver)
        var another = exchange(alice, bob, nonce: 5)
        _ = try another.start()
        #expect(throws: WireError(.outOfState, "")) { try another.receive(yes) }
    }

    @Test(arguments: MessageType.allCases)
    func nothingElseIsTakenWhileIdle(type: MessageType) throws {
        guard type != .pairRequest else { return }
        var sampler = Sampler(seed: 2)
        var idle = exchange(alice, bob, nonce: 3)
        #expect(throws: WireError(.outOfState, "")) { try idle.receive(sampler.message(type)) }
        #expect(idle.isOver && idle.cancel(.expired).isEmpty)
    }

    @Test func cancelling() throws {
        var (initiator, responder) = try compared()
        let steps = initiator.cancel(.expired)
        #expect(try responder.receive(sent(steps)[0]) == [.ended(.expired, byPeer: true)])
        #expect(initiator.isOver && responder.isOver)
    }

    @Test func codesSpread() {
        var codes: Set<String> = []
        for nonce in 0..<UInt8(200) {
            let transcript = PairingTranscript(
                initiator: alice, responder: bob, initiatorNonce: PairingExchangeTests.bytes(nonce),
                responderNonce: .zero, exporter: exporter)
            #expect(transcript.code.count == 6 && transcript.code.allSatisfy(\.isNumber))
            codes.insert(transcript.code)
        }
        #expect(codes.count > 195)
    }

    /// Computed by hand with another program: SHA-256 over the label and 160 bytes, first eight bytes modulo 10^6.
    @Test func aKnownCode() {
        let transcript = PairingTranscript(
            initiator: alice, responder: bob, initiatorNonce: PairingExchangeTests.bytes(3),
            responderNonce: PairingExchangeTests.bytes(4), exporter: exporter)
        #expect(transcript.code == "456237")
    }
}
