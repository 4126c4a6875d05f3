import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// Folders and their members over several devices (rules 18 and 19).
@Suite struct MembersTests {
    /// Node 0's folder, joined by the others at node 0.
    static func household(_ count: Int, seed: UInt64 = 1) throws -> (PeersWorld, FolderID) {
        var world = PeersWorld(count, seed: seed)
        let folder = try world.addFolder(0, "photos")
        for index in 1..<count {
            let link = try world.invite(0)
            guard case .success? = world.join(index, link) else { throw PeersError(.notFound, "no join of \(index)") }
        }
        world.run(seconds: 5)
        return (world, folder)
    }

    @Test(arguments: 1...6)
    func aMemberAddedByOneIsKnownToAll(seed: Int) throws {
        var (world, folder) = try MembersTests.household(4, seed: UInt64(seed))
        for left in 0..<4 {
            #expect(world.nodes[left].machine.members(of: folder).count == 4)
            #expect(world.nodes[left].told[folder] == world.nodes[left].machine.members(of: folder))
            for right in 0..<left { #expect(world.isOpen(folder, left, right), "\(left) and \(right)") }
        }
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty)
        for index in 0..<4 { world.restart(index) }
        world.run(seconds: 10)
        for left in 0..<4 { for right in 0..<left { #expect(world.isOpen(folder, left, right)) } }
        #expect(world.faults.isEmpty)
    }

    /// C was invited by B while A was away, and B is gone when A returns: no action at A.
    @Test func invitedByOneWhoIsGoneItSyncsWithTheOthers() throws {
        var (world, folder) = try MembersTests.household(2)
        world.nodes.append(PeersNode(2, generation: 1, store: PeersStore()))
        world.boot(2)
        world.block(0, 1)
        world.block(0, 2)
        let link = try world.invite(1)
        guard case .success? = world.join(2, link) else { throw PeersError(.notFound, "") }
        world.run(seconds: 3)
        #expect(world.isOpen(folder, 1, 2) && world.nodes[0].machine.members(of: folder).count == 2)
        world.unblock()
        world.takeAway(1)
        world.restart(2)
        world.run(seconds: 90)
        #expect(world.isOpen(folder, 0, 2))
        #expect(world.nodes[0].machine.members(of: folder).count == 3)
        #expect(world.nodes[0].store.devices.contains { $0.device == world.nodes[2].device })
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty)
    }

    /// A long history goes over in parts, and is read from the store in any order.
    @Test func aLongHistoryIntroducesToo() throws {
        let identities = (0..<3).map(PeersNode.identity)
        let folder = FolderID(high: 1, low: 1)
        func signed(_ record: MembershipRecord) throws -> KnownMembership {
            var record = record
            record.signature = identities[0].sign(try record.signedBytes())
            return KnownMembership(hash: try record.identity(), record: record)
        }
        func key(_ number: Int) -> DeviceID { identities[number].device }
        let founding = try signed(
            MembershipSet.founding(
                folder: folder, founder: key(0), name: "device 0", signerKey: identities[0].publicKey))
        var set = MembershipSet(folder: folder, founding: founding.hash, verified: [(founding.hash, founding.record)])
        var all = [founding]
        func take(_ record: MembershipRecord?) throws {
            let known = try signed(#require(record))
            all.append(known)
            #expect(set.insert(known.record, hash: known.hash, isVerified: true) == .added)
        }
        try take(set.adding(key(1), role: .readWrite, name: "b", signer: key(0), signerKey: identities[0].publicKey))
        for _ in 0..<150 {
            try take(set.adding(key(2), role: .readOnly, name: "c", signer: key(0), signerKey: identities[0].publicKey))
            try take(
                set.removing(
                    key(2), knownFrontier: VersionVector(), signer: key(0), signerKey: identities[0].publicKey))
        }
        let common = all.count / 2
        try take(set.adding(key(2), role: .readWrite, name: "c", signer: key(0), signerKey: identities[0].publicKey))
        func store(_ other: Int, _ records: [KnownMembership]) -> PeersStore {
            PeersStore(
                devices: [
                    KnownDevice(
                        device: key(other), name: "x", addresses: ["10.0.0.\(other + 1):22077"], pairedSeconds: 1)
                ],
                folders: [KnownFolder(folder: folder, name: "f", path: [0x2f], createdSeconds: 1)],
                memberships: records.sorted { $0.hash < $1.hash })
        }
        var world = PeersWorld(1, discovery: false)
        world.nodes.append(PeersNode(1, generation: 1, store: store(0, Array(all.prefix(common)))))
        world.nodes.append(PeersNode(2, generation: 1, store: store(1, all)))
        world.boot(1)
        world.boot(2)
        world.run(seconds: 5)
        #expect(world.isOpen(folder, 1, 2))
        #expect(world.nodes[1].store.memberships.count == all.count && world.wireFailures.isEmpty)
    }

    @Test func aStrangersIntroductionHasNoEffect() throws {
        var (world, folder) = try MembersTests.household(2)
        // Node 3 has made itself a member in a folder of the same ID.
        let stranger = PeersNode.identity(3)
        var founding = MembershipSet.founding(
            folder: folder, founder: stranger.device, name: "x", signerKey: stranger.publicKey)
        founding.signature = stranger.sign(try founding.signedBytes())
        let hash = try founding.identity()
        var set = MembershipSet(folder: folder, founding: hash)
        _ = set.insert(founding, hash: hash, isVerified: true)
        var other = try #require(
            set.adding(
                world.nodes[0].device, role: .readWrite, name: "y", signer: stranger.device,
                signerKey: stranger.publicKey))
        other.signature = stranger.sign(try other.signedBytes())
        let known = KnownFolder(folder: folder, name: "x", path: Array("/x".utf8), createdSeconds: 0)
        let store = PeersStore(
            devices: [KnownDevice(device: world.nodes[0].device, name: "y", pairedSeconds: 0)], folders: [known],
            memberships: [
                KnownMembership(hash: hash, record: founding),
                KnownMembership(hash: try other.identity(), record: other),
            ])
        world.nodes.append(PeersNode(2, generation: 1, store: store, key: 3))
        world.boot(2)
        world.run(seconds: 30)
        #expect(!world.isPaired(0, 2) && world.nodes[0].machine.members(of: folder).count == 2)
        #expect(world.nodes[0].machine.devices.count == 1 && world.faults.isEmpty)
    }

    @Test func aRemovedMemberLosesTheFolderAndKeepsTheOthers() throws {
        var (world, folder) = try MembersTests.household(3)
        let second = try world.addFolder(0, "music")
        let removed = world.nodes[1].device
        #expect(world.result(0, .shareFolder(second, device: removed, role: .readWrite)) == .success(.done))
        world.run(seconds: 1)
        #expect(world.nodes[1].machine.offers.map(\.folder) == [second])
        let accepted = world.result(1, .acceptFolder(second, path: Array("/home/1/music".utf8)))
        guard case .success(.folder)? = accepted else { throw PeersError(.notFound, "\(String(describing: accepted))") }
        world.run(seconds: 2)
        #expect(world.isOpen(second, 0, 1))
        let author = Author(device: removed, epoch: IndexEpoch(1))
        let frontier = VersionVector(Origin(author: author, counter: 7))
        #expect(world.result(0, .removeMember(folder, device: removed, knownFrontier: frontier)) == .success(.done))
        world.run(seconds: 8)
        #expect(!world.isOpen(folder, 0, 1) && !world.isOpen(folder, 1, 2) && world.isOpen(folder, 0, 2))
        #expect(world.isOpen(second, 0, 1))
        for index in [0, 2] {
            #expect(world.nodes[index].machine.members(of: folder).count == 2)
            #expect(world.nodes[index].machine.frontierLimit(of: author, in: folder) == 7)
        }
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty)
    }

    @Test func onlyReadWriteMembersShareAndRemove() throws {
        var world = PeersWorld(3)
        let folder = try world.addFolder(0, "photos")
        _ = world.join(1, try world.invite(0, role: .readOnly))
        _ = try world.pair(1, 2)
        let devices = world.nodes.map(\.device)
        #expect(
            world.result(1, .shareFolder(folder, device: devices[2], role: .readWrite))
                == .failure(PeersError(.notAllowed, "")))
        #expect(
            world.result(1, .removeMember(folder, device: devices[0], knownFrontier: VersionVector()))
                == .failure(PeersError(.notAllowed, "")))
        #expect(world.result(0, .shareFolder(folder, device: devices[1], role: .readOnly)) == .success(.done))
        #expect(
            world.result(0, .shareFolder(folder, device: devices[1], role: .archive))
                == .failure(PeersError(.exists, "")))
    }

    // MARK: Rule 18

    @Test(arguments: 1...8)
    func twoNeverSharedFoldersBecomeOne(seed: Int) throws {
        var world = PeersWorld(2, seed: UInt64(seed))
        world.handle(0, .counted(FolderID(high: 0, low: 0), files: 1))
        let folders = try [world.addFolder(0, "a"), world.addFolder(1, "b")]
        let views = try world.pair(0, 1)
        let winner = min(folders[0], folders[1])
        let loser = folders[0] < folders[1] ? 1 : 0
        #expect(views.allSatisfy { $0.outcome == .merged(winner) })
        world.run(seconds: 3)
        #expect(world.isOpen(winner, 0, 1) && world.nodes[loser].rekeyed[folders[loser]] == winner)
        for index in 0..<2 {
            #expect(world.nodes[index].store.folders.map(\.folder) == [winner])
            #expect(world.nodes[index].store.folders[0].isNeverShared == false)
            #expect(world.nodes[index].opened.keys.sorted() == [winner])
        }
        #expect(world.nodes[loser].store.folders[0].path == Array("/home/\(loser)/\(["a", "b"][loser])".utf8))
        world.restart(loser)
        world.run(seconds: 5)
        #expect(world.isOpen(winner, 0, 1) && world.faults.isEmpty && world.wireFailures.isEmpty)
    }

    @Test func oneFolderIsOfferedAndAccepted() throws {
        var world = PeersWorld(2)
        let folder = try world.addFolder(0, "a")
        let views = try world.pair(0, 1)
        #expect(views[0].outcome == .offered(folder) && views[1].outcome == .offeredToUs(folder))
        let offer = try #require(world.nodes[1].machine.offers.first)
        #expect(offer.folder == folder && offer.role == .readWrite && offer.devices == [world.nodes[0].device])
        #expect(
            world.result(1, .acceptFolder(FolderID(high: 9, low: 9), path: Array("/x".utf8)))
                == .failure(PeersError(.notFound, "")))
        #expect(world.result(1, .acceptFolder(folder, path: Array("x".utf8))) == .failure(PeersError(.malformed, "")))
        guard case .success(.folder(let known))? = world.result(1, .acceptFolder(folder, path: Array("/x".utf8)))
        else { throw PeersError(.notFound, "") }
        #expect(known.name == "a" && world.nodes[1].machine.offers.isEmpty)
        world.run(seconds: 1)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
    }

    @Test func severalOrSharedAsk() throws {
        var world = PeersWorld(2)
        _ = try world.addFolder(0, "a")
        let second = try world.addFolder(0, "b")
        _ = try world.addFolder(1, "c")
        let views = try world.beginPairing(0, 1)
        world.command(0, .confirmPairing(session: views[0].session, .yes, folder: nil))
        let reply = world.result(1, .confirmPairing(session: views[1].session, .yes, folder: nil))
        guard case .success(.paired(let view))? = reply else { throw PeersError(.notFound, "") }
        #expect(view.outcome == .ask)
        world.run(seconds: 2)
        #expect(world.nodes.allSatisfy { $0.rekeyed.isEmpty && $0.machine.offers.isEmpty })
        // Naming one makes it unambiguous.
        var other = PeersWorld(2)
        _ = try other.addFolder(0, "a")
        let named = try other.addFolder(0, "b")
        let again = try other.beginPairing(0, 1)
        other.command(0, .confirmPairing(session: again[0].session, .yes, folder: named))
        guard
            case .success(.paired(let told))? = other.result(
                1, .confirmPairing(session: again[1].session, .yes, folder: nil))
        else { throw PeersError(.notFound, "") }
        #expect(told.outcome == .offeredToUs(named) && second == named)
    }

    // MARK: Commands

    @Test func foldersAreRenamedPausedAndRemoved() throws {
        var (world, folder) = try MembersTests.household(2)
        guard case .success(.folder(let renamed))? = world.result(0, .renameFolder(folder, name: "pictures")),
            case .success(.folder(let paused))? = world.result(0, .setPaused(folder, true))
        else { throw PeersError(.notFound, "") }
        #expect(renamed.name == "pictures" && paused.isPaused && world.nodes[0].opened[folder] == paused)
        #expect(
            world.result(0, .addFolder(name: "pictures", path: Array("/y".utf8), isPaused: false))
                == .failure(PeersError(.exists, "")))
        world.nodes[0].failsToStore = true
        #expect(world.result(0, .setPaused(folder, false)) == .failure(PeersError(.storage, "")))
        #expect(world.nodes[0].machine.folders.first?.isPaused == true)
        world.nodes[0].failsToStore = false
        #expect(world.result(0, .removeFolder(folder)) == .success(.done))
        world.run(seconds: 5)
        #expect(world.isPaired(0, 1) && !world.isOpen(folder, 0, 1) && world.nodes[0].opened.isEmpty)
        // Still a member: it is offered again, and may be taken again.
        #expect(world.nodes[0].machine.offers.map(\.folder) == [folder])
        guard case .success? = world.result(0, .acceptFolder(folder, path: Array("/z".utf8))) else {
            throw PeersError(.notFound, "")
        }
        world.run(seconds: 2)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
    }
}
