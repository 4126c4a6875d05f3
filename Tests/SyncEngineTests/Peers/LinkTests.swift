import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// One connection a pair of devices, kept alive.
@Suite struct LinkTests {
    /// Both call each other at the same time, with any delays: one connection remains, the same on both sides.
    @Test(arguments: 1...40)
    func ofTwoConnectionsBothSidesKeepTheSame(seed: Int) throws {
        var world = PeersWorld(2, seed: UInt64(seed), delay: UInt64(1 + seed % 8) * 60 * PeersWorld.millisecond)
        _ = try world.pair(0, 1)
        world.run(seconds: 3)
        for _ in 0..<5 {
            for index in 0..<2 {
                for connection in world.nodes[index].sessions.keys.sorted() { world.cut(index, connection) }
            }
            world.run(milliseconds: 500)
            world.handle(0, .networkChanged)
            world.handle(1, .networkChanged)
            world.run(seconds: 6)
            #expect(world.isPaired(0, 1))
            #expect(world.nodes[0].sessions.count == 1 && world.nodes[1].sessions.count == 1)
            let ends = try [0, 1].map { index in
                try #require(
                    world.nodes[index].machine.connection(with: world.nodes[1 - index].device)?.connection)
            }
            #expect(world.nodes[0].ends[ends[0]]?.connection == ends[1])
        }
        #expect(world.faults.isEmpty)
    }

    @Test func aRestartedPeerReplacesItsDeadConnectionAtOnce() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        for index in [0, 1] {
            // The other side does not learn that the old connection is dead.
            world.restart(index, cutting: false)
            world.run(seconds: 3)
            #expect(world.isPaired(0, 1), "after a restart of \(index)")
        }
    }

    @Test func pausesGrowAndEndWhenThereIsReason() throws {
        var world = PeersWorld(2, discovery: false)
        let views = try world.beginPairing(0, 1, selection: world.nodes[1].address)
        for index in 0..<2 {
            world.command(index, .confirmPairing(session: views[index].session, .yes, folder: nil))
        }
        world.run(seconds: 3)
        #expect(world.isPaired(0, 1))
        world.block(0, 1)
        world.run(seconds: 120)
        let before = world.nodes[0].dials
        world.run(seconds: 600)
        let dials = world.nodes[0].dials - before
        #expect(dials >= 9 && dials <= 21)
        world.unblock()
        let calm = world.nodes[0].dials
        world.handle(0, .networkChanged)
        world.run(milliseconds: 500)
        #expect(world.nodes[0].dials == calm + 1 && world.isPaired(0, 1))
    }

    @Test func resumingCallsAtOnce() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        world.block(0, 1)
        world.run(seconds: 300)
        world.unblock()
        world.handle(1, .resumed)
        world.run(milliseconds: 500)
        #expect(world.isPaired(0, 1))
    }

    @Test func aDiscoveredDeviceIsCalledAtItsNewAddress() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        world.block(0, 1)
        world.run(seconds: 100)
        world.unblock()
        let key = NearbyKey("another hint")
        world.handle(
            0,
            .discovered(
                NearbyDevice(
                    key: key, device: world.nodes[1].device, addresses: [world.nodes[1].address], pairingName: nil)))
        world.run(seconds: 3)
        #expect(world.isPaired(0, 1))
    }

    @Test func addressesAreRememberedWithoutDiscovery() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        world.hasDiscovery = false
        world.restart(0)
        world.restart(1)
        world.run(seconds: 5)
        #expect(world.isPaired(0, 1))
        #expect(world.nodes[0].store.devices[0].addresses.contains(world.nodes[1].address))
    }

    @Test func aRemovedDeviceIsNeitherCalledNorHeard() throws {
        var world = PeersWorld(2)
        let folder = try world.addFolder(0, "a")
        _ = try world.pair(0, 1)
        #expect(world.result(0, .removeDevice(world.nodes[1].device, knownFrontiers: [:])) == .success(.done))
        world.run(seconds: 2)
        let dials = world.nodes[0].dials
        world.run(seconds: 200)
        #expect(world.nodes[0].dials == dials && !world.isPaired(0, 1))
        #expect(world.nodes[0].machine.members(of: folder).count == 1)
        #expect(world.faults.isEmpty)
        world.restart(0)
        world.run(seconds: 30)
        #expect(!world.isPaired(0, 1) && world.nodes[0].machine.devices.first?.isRemoved == true)
    }

    /// Its connection ends while the removal is on its way to the disk: what is noted of that undoes nothing.
    @Test func whoIsRemovedStaysSoWhenItsConnectionEndsMeanwhile() {
        let peer = PeersNode.identity(2).device
        var alone = Lone(
            1, store: PeersStore(devices: [KnownDevice(device: peer, name: "p", pairedSeconds: 1)]))
        let (connection, _) = alone.open(peer, saysPaired: true)
        _ = alone.handle(.linkPaired(connection))
        var effects = alone.handle(.command(CommandID(1), .removeDevice(peer, knownFrontiers: [:])))
        effects += alone.handle(.linkClosed(connection, code: nil, livedNanoseconds: 1))
        for case .store(let ticket, _) in effects { effects += alone.handle(.stored(ticket)) }
        var stored: KnownDevice?
        for case .store(_, let changes) in effects {
            for case .putDevice(let device) in changes { stored = device }
        }
        #expect(stored?.isRemoved == true && alone.machine.devices.first?.isRemoved == true)
    }

    @Test func commandsAboutDevices() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        let other = world.nodes[1].device
        #expect(world.result(0, .renameDevice(other, name: "Desk")) == .success(.done))
        #expect(world.nodes[0].store.devices.first?.name == "Desk")
        #expect(world.result(0, .renameDevice(other, name: "a\u{1b}")) == .failure(PeersError(.malformed, "")))
        #expect(world.result(0, .addAddress(other, address: "192.0.2.7:22077")) == .success(.done))
        #expect(world.nodes[0].store.devices.first?.addresses.first == "192.0.2.7:22077")
        #expect(world.result(0, .addAddress(other, address: "192.0.2.7")) == .failure(PeersError(.malformed, "")))
        world.nodes[0].failsToStore = true
        #expect(world.result(0, .renameDevice(other, name: "Else")) == .failure(PeersError(.storage, "")))
        #expect(world.nodes[0].machine.devices.first?.name == "Desk")
    }
}
