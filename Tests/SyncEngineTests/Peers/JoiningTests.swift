import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

extension PeersWorld {
    mutating func invite(_ index: Int, role: Role = .readWrite, lifetime: Int64 = 600) throws -> String {
        let reply = result(index, .invite(folder: nil, role: role, lifetimeSeconds: lifetime))
        guard case .success(.invited(let view))? = reply else {
            throw PeersError(.notFound, "\(String(describing: reply))")
        }
        return view.link
    }

    mutating func join(_ index: Int, _ link: String, _ name: String = "joined") -> Result<PeersReply, PeersError>? {
        result(index, .join(link: link, path: Array("/home/\(index)/\(name)".utf8)))
    }
}

/// Invites and joining (rule 28).
@Suite struct JoiningTests {
    static func world(_ count: Int = 2, seed: UInt64 = 1) throws -> (PeersWorld, FolderID, String) {
        var world = PeersWorld(count, seed: seed, discovery: false)
        let folder = try world.addFolder(0, "photos")
        let link = try world.invite(0)
        return (world, folder, link)
    }

    @Test(arguments: 1...6)
    func aLinkPairsAndSharesTheFolder(seed: Int) throws {
        var (world, folder, link) = try JoiningTests.world(seed: UInt64(seed))
        guard case .success(.joined(let view))? = world.join(1, link) else { throw PeersError(.notFound, "") }
        #expect(view.device == world.nodes[0].device && view.folder == folder)
        #expect(view.path == Array("/home/1/joined".utf8))
        // Both sides have committed durably when it is answered.
        #expect(world.nodes.allSatisfy { $0.store.devices.count == 1 && $0.store.folders.count == 1 })
        #expect(world.nodes[0].store.invites.first?.usedBy == world.nodes[1].device)
        world.run(seconds: 2)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty && world.wireFailures.isEmpty)
        #expect(world.nodes[1].store.folders[0].isNeverShared == false)
        #expect(world.nodes[0].store.folders[0].isNeverShared == false)
        world.restart(0)
        world.restart(1)
        world.run(seconds: 10)
        #expect(world.isOpen(folder, 0, 1) && world.nodes[0].opened[folder] != nil)
    }

    @Test func joiningAgainAnswersTheSame() throws {
        var (world, folder, link) = try JoiningTests.world()
        let first = world.join(1, link)
        world.run(seconds: 1)
        #expect(world.join(1, link, "elsewhere") == first)
        // Also for a device that has forgotten the answer.
        world.nodes[1].store = PeersStore()
        world.restart(1)
        #expect(world.join(1, link) == first)
        world.run(seconds: 70)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
        #expect(world.nodes[0].machine.members(of: folder).count == 2)
    }

    @Test func anotherDeviceCannotUseIt() throws {
        var (world, folder, link) = try JoiningTests.world(3)
        _ = world.join(1, link)
        #expect(world.join(2, link) == .failure(PeersError(.invalidInvite, "")))
        #expect(world.nodes[0].machine.members(of: folder).count == 2)
        #expect(world.nodes[2].store == PeersStore())
    }

    @Test func whoWasRemovedDoesNotComeBackByTheSameLink() throws {
        for removesDevice in [false, true] {
            var (world, folder, link) = try JoiningTests.world()
            _ = world.join(1, link)
            let device = world.nodes[1].device
            let request: PeersCommand =
                removesDevice
                ? .removeDevice(device, knownFrontiers: [:])
                : .removeMember(folder, device: device, knownFrontier: VersionVector())
            #expect(world.result(0, request) == .success(.done))
            world.run(seconds: 2)
            _ = try world.invite(0)
            #expect(world.join(1, link) == .failure(PeersError(.invalidInvite, "")))
            #expect(world.nodes[0].machine.members(of: folder).count == 1)
            let fresh = try world.invite(0)
            guard case .success? = world.join(1, fresh) else { throw PeersError(.notFound, "no return") }
            world.run(seconds: 2)
            #expect(world.nodes[0].machine.members(of: folder).map(\.incarnation).sorted() == [1, 2])
            #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
            // What it knew as an earlier member is of no more use.
            #expect(world.nodes.map(\.renewals) == [0, 1])
        }
    }

    @Test func twoAtOnceOneIsAdmitted() throws {
        var (world, _, link) = try JoiningTests.world(3)
        let commands = [1, 2].map { ($0, world.command($0, .join(link: link, path: Array("/home/\($0)".utf8)))) }
        world.run(seconds: 40)
        let results = commands.map { world.nodes[$0.0].replies[$0.1] }
        #expect(results.filter { if case .success? = $0 { true } else { false } }.count == 1)
        #expect(results.filter { $0 == .failure(PeersError(.invalidInvite, "")) }.count == 1)
    }

    @Test func aWrongSecretIsRefusedAndConsumesNothing() throws {
        var (world, folder, link) = try JoiningTests.world(3)
        var forged = try InviteLink(text: link)
        forged.secret = Bytes16(high: 1, low: forged.secret.low)
        #expect(world.join(2, try forged.text()) == .failure(PeersError(.invalidInvite, "")))
        forged = try InviteLink(text: link)
        forged.invite = Bytes16(high: 1, low: 1)
        #expect(world.join(2, try forged.text()) == .failure(PeersError(.invalidInvite, "")))
        forged = try InviteLink(text: link)
        forged.folder = FolderID(high: 1, low: 1)
        #expect(world.join(2, try forged.text()) == .failure(PeersError(.notFound, "")))
        #expect(world.nodes[0].machine.members(of: folder).count == 1)
        guard case .success? = world.join(1, link) else { throw PeersError(.notFound, "") }
        #expect(world.faults.isEmpty)
    }

    @Test func anExpiredLinkIsRefused() throws {
        var world = PeersWorld(2, discovery: false)
        _ = try world.addFolder(0, "photos")
        let link = try world.invite(0, lifetime: 5)
        world.run(seconds: 10)
        #expect(world.join(1, link) == .failure(PeersError(.expired, "")))
        #expect(
            world.result(0, .invite(folder: nil, role: .readOnly, lifetimeSeconds: 0))
                == .failure(PeersError(.malformed, "")))
    }

    @Test func anUnreachableInviterIsTriedForAWhile() throws {
        var (world, _, link) = try JoiningTests.world()
        world.block(0, 1)
        #expect(world.join(1, link) == .failure(PeersError(.unreachable, "")))
        let command = world.command(1, .join(link: link, path: Array("/home/1/joined".utf8)))
        world.run(seconds: 8)
        world.unblock()
        world.run(seconds: 20)
        guard case .success? = world.nodes[1].replies[command] else { throw PeersError(.notFound, "") }
    }

    @Test func aFailingStoreOnEitherSideConsumesNothing() throws {
        var (world, folder, link) = try JoiningTests.world(3)
        world.nodes[0].failsToStore = true
        #expect(world.join(1, link) == .failure(PeersError(.unreachable, "")))
        world.nodes[0].failsToStore = false
        world.nodes[1].failsToStore = true
        #expect(world.join(1, link) == .failure(PeersError(.storage, "")))
        world.nodes[1].failsToStore = false
        guard case .success? = world.join(1, link) else { throw PeersError(.notFound, "") }
        world.run(seconds: 70)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
    }

    @Test func aNeverSharedFolderAtThePathBecomesTheJoinedOne() throws {
        var (world, folder, link) = try JoiningTests.world()
        let own = try world.addFolder(1, "joined")
        guard case .success(.joined(let view))? = world.join(1, link) else { throw PeersError(.notFound, "") }
        #expect(view.folder == folder && world.nodes[1].rekeyed[own] == folder)
        #expect(world.nodes[1].store.folders.map(\.folder) == [folder])
        world.run(seconds: 2)
        #expect(world.isOpen(folder, 0, 1) && world.faults.isEmpty)
    }

    /// A marker that is missing, or of the folder before, is to be expected until the folder was opened.
    @Test func aFolderIsMadeOnceItWasOpened() throws {
        var (world, folder, link) = try JoiningTests.world()
        let own = try world.addFolder(1, "joined")
        #expect(world.nodes[1].opened[own]?.isMade == false)
        world.restart(1)
        world.run(seconds: 1)
        #expect(world.nodes[1].opened[own]?.isMade == false)
        _ = world.join(1, link)
        world.restart(1)
        world.run(seconds: 1)
        #expect(world.nodes[1].rekeyed == [own: folder] && world.nodes[1].opened[folder]?.isMade == false)
        world.handle(1, .folderOpened(folder))
        world.run(seconds: 1)
        world.restart(1)
        world.run(seconds: 1)
        #expect(world.nodes[1].rekeyed.isEmpty && world.nodes[1].opened[folder]?.isMade == true)
        #expect(world.faults.isEmpty)
    }

    @Test func thatAFolderIsMadeIsStoredUntilItIs() throws {
        var (world, folder, _) = try JoiningTests.world()
        world.nodes[0].failsToStore = true
        world.handle(0, .folderOpened(folder))
        #expect(world.result(0, .setPaused(folder, true)) == .failure(PeersError(.storage, "")))
        world.run(seconds: 1)
        #expect(world.nodes[0].store.folders.map(\.isMade) == [false])
        world.nodes[0].failsToStore = false
        world.run(seconds: 12)
        #expect(world.nodes[0].store.folders.map(\.isMade) == [true])
        #expect(world.nodes[0].store.folders.map(\.isPaused) == [false] && world.faults.isEmpty)
    }

    @Test func aFolderThatIsRemovedWhileItOpensStaysRemoved() throws {
        var (world, folder, _) = try JoiningTests.world()
        world.command(0, .removeFolder(folder))
        world.handle(0, .folderOpened(folder))
        world.run(seconds: 1)
        #expect(world.nodes[0].store.folders.isEmpty && world.nodes[0].opened.isEmpty && world.faults.isEmpty)
    }

    @Test func rolesComeFromTheInvite() throws {
        var world = PeersWorld(2, discovery: false)
        let folder = try world.addFolder(0, "photos")
        let link = try world.invite(0, role: .readOnly)
        _ = world.join(1, link)
        #expect(world.nodes[1].store.folders[0].role == .readOnly)
        #expect(
            world.result(1, .invite(folder: folder, role: .readWrite, lifetimeSeconds: 60))
                == .failure(PeersError(.notAllowed, "")))
    }

    @Test func whatIsNotALink() throws {
        var world = PeersWorld(1, discovery: false)
        #expect(world.join(0, "lanyard://join/1/xyz") == .failure(PeersError(.malformed, "")))
        #expect(
            world.result(0, .invite(folder: nil, role: .readWrite, lifetimeSeconds: 60))
                == .failure(PeersError(.notFound, "")))
        _ = try world.addFolder(0, "a")
        let own = try world.invite(0)
        #expect(world.join(0, own) == .failure(PeersError(.malformed, "")))
        _ = try world.addFolder(0, "b")
        #expect(
            world.result(0, .invite(folder: nil, role: .readWrite, lifetimeSeconds: 60))
                == .failure(PeersError(.ambiguous, "")))
    }
}
