import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// Somebody between two devices, and somebody who tries often.
@Suite struct PairingAttackTests {
    /// The one in the middle has the other's messages, and different exporters on both sides.
    @Test func relayedMessagesEndInMismatch() throws {
        var (left, right) = (Lone(1), Lone(2))
        let middle = PeersNode.identity(3).device
        let dial = left.handle(.command(CommandID(1), .startPairing("10.0.0.9:1")))
        _ = right.handle(.command(CommandID(1), .startPairing(nil)))
        guard case .dial(let attempt, _, _)? = dial.last else { throw PeersError(.notFound, "no dial") }
        var (leftLink, toRight) = left.open(middle, incoming: false, attempt: attempt, exporter: 1)
        let (rightLink, _) = right.open(middle, exporter: 2)
        var codes: [String] = []
        for _ in 0..<4 {
            var toLeft: [PeersEffect] = []
            for message in Lone.messages(toRight) { toLeft += right.handle(.message(rightLink, message)) }
            toRight = []
            for message in Lone.messages(toLeft) { toRight += left.handle(.message(leftLink, message)) }
            for effects in [toLeft, toRight] {
                if case .success(.pairing(let view))? = Lone.reply(effects), let code = view.code { codes.append(code) }
            }
        }
        leftLink = ConnectionID(0)
        // The initiator finds that the commitment does not fit, and shows no code at all.
        #expect(codes.count <= 1)
        #expect(left.machine.devices.isEmpty && right.machine.devices.isEmpty)
    }

    /// The one in the middle pairs with both, as itself: the people see two codes.
    @Test func separatePairingsShowDifferentCodes() throws {
        var world = PeersWorld(4, discovery: false)
        // Nodes 2 and 3 are one attacker's.
        var views: [PairingView] = []
        for (victim, attacker) in [(0, 2), (1, 3)] {
            views.append(try world.beginPairing(victim, attacker, selection: world.nodes[attacker].address)[0])
        }
        #expect(views[0].code != views[1].code)
        for (victim, attacker) in [(0, 2), (1, 3)] {
            let session = try #require(world.nodes[attacker].session)
            world.command(attacker, .confirmPairing(session: session, .yes, folder: nil))
            let reply = world.result(
                victim,
                .confirmPairing(session: views[victim].session, .code(views[1 - victim].code ?? ""), folder: nil))
            #expect(reply == .failure(PeersError(.mismatch, "")))
        }
        #expect(world.nodes.allSatisfy { $0.machine.devices.isEmpty })
    }

    @Test func attemptsAreLimitedByTheMinute() {
        var victim = Lone(1)
        _ = victim.handle(.command(CommandID(1), .startPairing(nil)))
        var commitments = 0
        for attempt in 0..<20 {
            let stranger = PeersNode.identity(10 + attempt).device
            let (link, _) = victim.open(stranger)
            let answer = Lone.messages(victim.handle(.message(link, .pairRequest(PairRequest()))))
            if case .pairCommit? = answer.first { commitments += 1 }
            if case .pairCancel(let cancel)? = answer.first { #expect(cancel.reason == .busy) }
            _ = victim.handle(.linkClosed(link, code: nil, livedNanoseconds: 1))
        }
        #expect(commitments == Limits.pairingAttemptsPerMinute)
        victim.now += 61_000_000_000
        _ = victim.handle(.tick)
        let (link, _) = victim.open(PeersNode.identity(40).device)
        let answer = Lone.messages(victim.handle(.message(link, .pairRequest(PairRequest()))))
        #expect(answer.first?.type == .pairCommit)
    }

    @Test func aSecondPairingIsTurnedAwayWhileOneIsUnderWay() {
        var victim = Lone(1)
        _ = victim.handle(.command(CommandID(1), .startPairing(nil)))
        let (first, _) = victim.open(PeersNode.identity(10).device)
        let (second, _) = victim.open(PeersNode.identity(11).device)
        #expect(Lone.messages(victim.handle(.message(first, .pairRequest(PairRequest())))).first?.type == .pairCommit)
        #expect(
            Lone.messages(victim.handle(.message(second, .pairRequest(PairRequest()))))
                == [.pairCancel(PairCancel(reason: .busy))])
    }

    @Test func nothingReceivedCountsAsAYes() throws {
        var victim = Lone(1)
        _ = victim.handle(.command(CommandID(1), .startPairing(nil)))
        let attacker = PeersNode.identity(10).device
        let (link, _) = victim.open(attacker)
        var exchange = PairingExchange(
            local: attacker, peer: victim.identity.device, nonce: SHA256.hash([9]), exporter: SHA256.hash([1]))
        var steps = try exchange.start()
        var said = false
        var effects: [PeersEffect] = []
        for _ in 0..<6 {
            var next: [PairingExchange.Step] = []
            for case .send(let message) in steps {
                let result = victim.handle(.message(link, message))
                effects += result
                for answer in Lone.messages(result) { next += try exchange.receive(answer) }
            }
            if exchange.code != nil, !said {
                said = true
                next += try exchange.answer(true, folders: [])
            }
            steps = next
        }
        #expect(said && victim.machine.devices.isEmpty)
        #expect(!effects.contains { if case .store = $0 { true } else { false } })
    }
}
