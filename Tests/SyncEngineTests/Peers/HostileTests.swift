import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// Any message in any state is refused or harmless, and nothing grows without bound.
@Suite struct HostileTests {
    static let peer = PeersNode.identity(7)
    static let folder = FolderID(high: 1, low: 2)

    /// What a peer may send, well formed and not.
    static func messages(_ random: inout PeersRandom) -> [Message] {
        func bytes() -> Bytes32 { SHA256.hash((0..<8).map { _ in UInt8(truncatingIfNeeded: random.next()) }) }
        let other = FolderID(high: random.next(), low: random.next())
        let records = (0..<3).map { _ in record(folder: random.next() % 2 == 0 ? folder : other, &random) }
        let ours = records.filter { $0.folder == folder }
        return [
            .pairRequest(PairRequest()), .pairCommit(PairCommit(commitment: bytes())),
            .pairNonce(PairNonce(nonce: bytes())), .pairReveal(PairReveal(nonce: bytes())),
            .pairConfirm(PairConfirm(accepted: true, authenticator: bytes(), folders: [])),
            .pairCancel(PairCancel(reason: .declined)), .paired,
            .joinRequest(
                JoinRequest(
                    invite: Bytes16(high: 1, low: 1), proof: bytes(), deviceName: "x",
                    folder: random.next() % 2 == 0 ? nil : folder)),
            .joinReply(.refused(.busy)),
            .joinReply(
                .accepted(JoinAcceptance(folder: folder, folderName: "x", role: .readWrite, records: ours))),
            .introduction(MembershipUpdate(folder: folder, records: ours)),
            .folderOffer([FolderOffer(folder: folder, name: "x", records: ours)]),
            .folderOffer([FolderOffer(folder: other, name: "y", records: records.filter { $0.folder == other })]),
            .membership(MembershipUpdate(folder: folder, records: ours)),
            .membership(MembershipUpdate(folder: other, records: [])), .ping(1),
            .barrier(Barrier(folder: folder, token: 1)), .close(Close(code: .duplicate, text: "")),
        ]
    }

    static func record(folder: FolderID, _ random: inout PeersRandom) -> MembershipRecord {
        let founds = random.next() % 2 == 0
        var record = MembershipRecord(
            folder: folder, action: founds || random.next() % 2 == 0 ? .add : .remove, device: peer.device,
            incarnation: 1 + random.next() % 2, role: .readWrite, deviceName: "x",
            predecessors: founds ? [] : [SHA256.hash([1])], knownFrontier: VersionVector(), signer: peer.device,
            signerKey: peer.publicKey, signature: [])
        if let message = try? record.signedBytes() { record.signature = peer.sign(message) }
        return record
    }

    static let states = ["unpaired", "wished", "pairing", "joining", "half paired", "paired", "closing", "unknown"]

    /// A machine with a folder, a connection with `peer` in that state, and the connection.
    static func machine(in state: String) -> (Lone, ConnectionID) {
        var alone = Lone(1)
        let identity = alone.identity
        var founding = MembershipSet.founding(
            folder: folder, founder: identity.device, name: "a", signerKey: identity.publicKey)
        founding.signature = identity.sign((try? founding.signedBytes()) ?? [])
        let hash = (try? founding.identity()) ?? .zero
        let isKnown = ["half paired", "paired"].contains(state)
        alone = Lone(
            1,
            store: PeersStore(
                devices: isKnown ? [KnownDevice(device: peer.device, name: "p", pairedSeconds: 1)] : [],
                folders: [KnownFolder(folder: folder, name: "a", path: [0x2f], createdSeconds: 1)],
                memberships: [KnownMembership(hash: hash, record: founding)]))
        if ["wished", "pairing"].contains(state) { _ = alone.handle(.command(CommandID(1), .startPairing(nil))) }
        if state == "joining" {
            let link = InviteLink(
                inviter: peer.device, addresses: ["10.0.0.9:1"], invite: Bytes16(high: 1, low: 1),
                secret: Bytes16(high: 2, low: 2), folder: FolderID(high: 5, low: 5), folderName: "f", expires: 1)
            _ = alone.handle(.command(CommandID(2), .join(link: (try? link.text()) ?? "", path: [0x2f, 0x61])))
        }
        let (connection, _) = alone.open(peer.device, saysPaired: state == "paired")
        if state == "paired" { _ = alone.handle(.linkPaired(connection)) }
        if state == "pairing" { _ = alone.handle(.message(connection, .pairRequest(PairRequest()))) }
        if state == "closing" { _ = alone.open(peer.device) }
        return (alone, state == "unknown" ? ConnectionID(99) : connection)
    }

    @Test(arguments: states)
    func anyMessageInAnyState(state: String) {
        var random = PeersRandom(seed: 5)
        for message in HostileTests.messages(&random) {
            var (alone, connection) = HostileTests.machine(in: state)
            let members = alone.machine.members(of: HostileTests.folder)
            let devices = alone.machine.devices
            let effects = alone.handle(.message(connection, message))
            #expect(alone.machine.members(of: HostileTests.folder) == members, "\(message.type) while \(state)")
            #expect(alone.machine.devices == devices && alone.machine.folders.count == 1)
            let stores = effects.contains { if case .store = $0 { true } else { false } }
            #expect(!stores, "\(message.type) while \(state)")
            if ["closing", "unknown"].contains(state) { #expect(effects.isEmpty) }
            if state != "paired", message.type == .folderOffer, !effects.isEmpty {
                #expect(effects.contains(.close(connection, .notPaired, text: "Folders are for paired devices only.")))
            }
            // It is alive, and its folder untouched, whatever came.
            #expect(Lone.reply(alone.handle(.command(CommandID(50), .listPairings))) != nil)
        }
    }

    /// Events of all kinds in any order: no trap, and bounds hold.
    @Test(arguments: 1...60)
    func randomSequences(seed: Int) {
        var random = PeersRandom(seed: UInt64(seed))
        var (alone, _) = HostileTests.machine(in: HostileTests.states[seed % 6])
        var connections: [ConnectionID] = [ConnectionID(1)]
        var tickets: [Ticket] = []
        var replies: [CommandID: Int] = [:]
        for step in 0..<400 {
            let connection = connections[Int(random.next() % UInt64(connections.count))]
            var effects: [PeersEffect] = []
            switch random.next() % 10 {
            case 0:
                let opened = alone.open(
                    PeersNode.identity(7 + Int(random.next() % 3)).device, incoming: random.next() % 2 == 0,
                    saysPaired: random.next() % 2 == 0)
                connections.append(opened.0)
                effects = opened.1
            case 1: effects = alone.handle(.linkClosed(connection, code: nil, livedNanoseconds: random.next() >> 20))
            case 2: effects = alone.handle(.linkPaired(connection))
            case 3:
                let ticket = tickets.isEmpty ? Ticket(random.next()) : tickets.removeFirst()
                effects = alone.handle(random.next() % 4 == 0 ? .storeFailed(ticket, message: "no") : .stored(ticket))
            case 4:
                effects = alone.handle(.command(CommandID(UInt64(step + 100)), HostileTests.command(&random, alone)))
            case 5:
                alone.now += random.next() % 100_000_000_000
                effects = alone.handle(random.next() % 3 == 0 ? .resumed : .tick)
            default:
                let messages = HostileTests.messages(&random)
                effects = alone.handle(.message(connection, messages[Int(random.next() % UInt64(messages.count))]))
            }
            for effect in effects {
                if case .store(let ticket, _) = effect { tickets.append(ticket) }
                if case .reply(let command, _) = effect { replies[command, default: 0] += 1 }
            }
        }
        #expect(replies.values.allSatisfy { $0 == 1 })
        #expect(alone.machine.offers.count <= Limits.folderOffers && alone.machine.folders.count <= Limits.folders)
        #expect(alone.machine.members(of: HostileTests.folder).count <= 4)
    }

    static func command(_ random: inout PeersRandom, _ alone: Lone) -> PeersCommand {
        let device = PeersNode.identity(7 + Int(random.next() % 3)).device
        let folder = alone.machine.offers.first?.folder ?? folder
        let commands: [PeersCommand] = [
            .startPairing(nil), .startPairing("10.0.0.9:1"), .cancelPairing(session: nil),
            .confirmPairing(session: random.next() % 30, .yes, folder: nil),
            .confirmPairing(session: random.next() % 30, .no, folder: nil),
            .invite(folder: folder, role: .readWrite, lifetimeSeconds: 60),
            .addFolder(name: "n\(random.next() % 4)", path: [0x2f, UInt8(0x61 + random.next() % 4)], isPaused: false),
            .acceptFolder(folder, path: [0x2f, UInt8(0x61 + random.next() % 4)]), .setPaused(folder, true),
            .shareFolder(folder, device: device, role: .readWrite),
            .removeMember(folder, device: device, knownFrontier: VersionVector()),
            .removeDevice(device, knownFrontiers: [:]), .renameFolder(folder, name: "z"), .removeFolder(folder),
        ]
        return commands[Int(random.next() % UInt64(commands.count))]
    }

    /// A peer that offers without end fills its share and no more.
    @Test func offersAreBounded() {
        var (alone, connection) = HostileTests.machine(in: "paired")
        let us = alone.identity.device
        for number in 0..<200 as Range<UInt64> {
            let folder = FolderID(high: 9, low: number)
            var founding = MembershipSet.founding(
                folder: folder, founder: HostileTests.peer.device, name: "x", signerKey: HostileTests.peer.publicKey)
            founding.signature = HostileTests.peer.sign((try? founding.signedBytes()) ?? [])
            guard let hash = try? founding.identity() else { continue }
            var set = MembershipSet(folder: folder, founding: hash)
            _ = set.insert(founding, hash: hash, isVerified: true)
            guard
                var second = set.adding(
                    us, role: .readOnly, name: "us", signer: HostileTests.peer.device,
                    signerKey: HostileTests.peer.publicKey)
            else { continue }
            second.signature = HostileTests.peer.sign((try? second.signedBytes()) ?? [])
            _ = alone.handle(
                .message(
                    connection, .folderOffer([FolderOffer(folder: folder, name: "f", records: [founding, second])])))
        }
        #expect(alone.machine.offers.count == Limits.folderOffers && alone.machine.folders.count == 1)
    }

    /// What is true, and does not make its sender a member, is nothing to take from a stranger.
    @Test func aStrangerCannotPassRecordsOn() throws {
        var (alone, connection) = HostileTests.machine(in: "unpaired")
        let identity = alone.identity
        var founding = MembershipSet.founding(
            folder: HostileTests.folder, founder: identity.device, name: "a", signerKey: identity.publicKey)
        founding.signature = identity.sign(try founding.signedBytes())
        let hash = try founding.identity()
        let set = MembershipSet(folder: HostileTests.folder, founding: hash, verified: [(hash, founding)])
        for (device, isTaken) in [(PeersNode.identity(9).device, false), (HostileTests.peer.device, true)] {
            var record = try #require(
                set.adding(
                    device, role: .readOnly, name: "x", signer: identity.device, signerKey: identity.publicKey))
            record.signature = identity.sign(try record.signedBytes())
            let update = MembershipUpdate(folder: HostileTests.folder, records: [founding, record])
            let effects = alone.handle(.message(connection, .introduction(update)))
            #expect(effects.contains { if case .store = $0 { true } else { false } } == isTaken)
        }
    }

    @Test func introductionsAreBounded() {
        var (alone, connection) = HostileTests.machine(in: "unpaired")
        var random = PeersRandom(seed: 3)
        var closed = false
        for _ in 0..<100 {
            let record = HostileTests.record(folder: HostileTests.folder, &random)
            let effects = alone.handle(
                .message(connection, .introduction(MembershipUpdate(folder: HostileTests.folder, records: [record]))))
            closed = closed || effects.contains { if case .close(_, .overloaded, _) = $0 { true } else { false } }
        }
        #expect(closed && alone.machine.devices.isEmpty)
    }
}
