import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

extension PeersWorld {
    /// Runs `pair` on both, and gives what both saw.
    mutating func beginPairing(
        _ left: Int, _ right: Int, selection: String? = nil, other: String? = nil
    ) throws -> [PairingView] {
        let commands = [(left, command(left, .startPairing(selection))), (right, command(right, .startPairing(other)))]
        for _ in 0..<150 where commands.contains(where: { nodes[$0.0].replies[$0.1] == nil }) { run(milliseconds: 200) }
        return try commands.map { index, command in
            guard case .success(.pairing(let view))? = nodes[index].replies[command] else {
                throw PeersError(.notFound, "No code at \(index): \(String(describing: nodes[index].replies[command]))")
            }
            return view
        }
    }

    /// Pairs two by code, as people do.
    mutating func pair(_ left: Int, _ right: Int) throws -> [PairedView] {
        let views = try beginPairing(left, right)
        let commands = try [(left, 0), (right, 1)].map { index, place in
            let code = try #require(views[1 - place].code)
            return (index, command(index, .confirmPairing(session: views[place].session, .code(code), folder: nil)))
        }
        run(seconds: 3)
        return try commands.map { index, command in
            guard case .success(.paired(let view))? = nodes[index].replies[command] else {
                throw PeersError(.notFound, "Not paired: \(String(describing: nodes[index].replies[command]))")
            }
            return view
        }
    }

    mutating func addFolder(_ index: Int, _ name: String) throws -> FolderID {
        let path = Array("/home/\(index)/\(name)".utf8)
        guard case .success(.folder(let folder))? = result(index, .addFolder(name: name, path: path, isPaused: false))
        else { throw PeersError(.notFound, "No folder.") }
        return folder.folder
    }

    func isPaired(_ left: Int, _ right: Int) -> Bool {
        nodes[left].machine.connection(with: nodes[right].device) != nil
            && nodes[right].machine.connection(with: nodes[left].device) != nil
    }

    /// Whether a folder is open between two, on both sides.
    func isOpen(_ folder: FolderID, _ left: Int, _ right: Int) -> Bool {
        nodes[left].connected[folder]?[nodes[right].device] != nil
            && nodes[right].connected[folder]?[nodes[left].device] != nil
    }

    var faults: [String] { nodes.flatMap(\.faults) }
    var wireFailures: [WireError] { nodes.flatMap(\.failures) }
}

@Suite struct PairingTests {
    @Test(arguments: 1...8)
    func byCodeOnBothSides(seed: Int) throws {
        var world = PeersWorld(2, seed: UInt64(seed), delay: UInt64(seed) * 40 * PeersWorld.millisecond)
        let views = try world.beginPairing(0, 1)
        #expect(views[0].code == views[1].code && views[0].code?.count == 6)
        #expect(views[0].peer == world.nodes[1].device && views[1].peerName == "device 0")
        #expect(world.nodes.allSatisfy { $0.pairingName != nil && $0.store.devices.isEmpty })
        let confirmed = world.command(0, .confirmPairing(session: views[0].session, .yes, folder: nil))
        world.run(seconds: 2)
        // One yes is none.
        #expect(world.nodes[0].replies[confirmed] == nil && world.nodes.allSatisfy { $0.store.devices.isEmpty })
        let reply = world.result(1, .confirmPairing(session: views[1].session, .code(views[0].code ?? ""), folder: nil))
        guard case .success(.paired(let view))? = reply else { throw PeersError(.notFound, "") }
        #expect(view.device == world.nodes[0].device && view.name == "device 0" && view.outcome == .nothing)
        world.run(seconds: 2)
        #expect(world.nodes[0].replies[confirmed] != nil && world.isPaired(0, 1))
        #expect(world.nodes.allSatisfy { $0.pairingName == nil && $0.store.devices.count == 1 })
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty)
    }

    /// Both call each other at once, with any delays: whatever code is shown first is the one that holds.
    @Test(arguments: 1...60)
    func bothStartingAtOnceShowTheSameCode(seed: Int) throws {
        var world = PeersWorld(2, seed: UInt64(seed), delay: UInt64(1 + seed % 8) * 60 * PeersWorld.millisecond)
        let views = try world.beginPairing(0, 1)
        #expect(views[0].code != nil && views[0].code == views[1].code)
        world.run(seconds: 5)
        for index in 0..<2 {
            guard case .success(.pairings(let list))? = world.result(index, .listPairings) else { continue }
            #expect(list == [views[index]])
        }
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty)
    }

    @Test func survivesARestartOfBoth() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        world.restart(0)
        world.restart(1)
        world.run(seconds: 10)
        #expect(world.isPaired(0, 1) && world.faults.isEmpty)
    }

    @Test func aWrongCodeEndsItAsMismatch() throws {
        var world = PeersWorld(2)
        let views = try world.beginPairing(0, 1)
        let other = world.command(1, .confirmPairing(session: views[1].session, .yes, folder: nil))
        let reply = world.result(0, .confirmPairing(session: views[0].session, .code("12"), folder: nil))
        #expect(reply == .failure(PeersError(.mismatch, "")))
        world.run(seconds: 2)
        #expect(world.nodes[1].replies[other] == .failure(PeersError(.mismatch, "")))
        #expect(world.nodes.allSatisfy { $0.store.devices.isEmpty && $0.pairingName == nil })
        let late = world.result(1, .confirmPairing(session: views[1].session, .yes, folder: nil))
        #expect(late == .failure(PeersError(.notFound, "")))
        #expect(world.faults.isEmpty)
    }

    @Test func aNoDeclines() throws {
        var world = PeersWorld(2)
        let views = try world.beginPairing(0, 1)
        let other = world.command(1, .confirmPairing(session: views[1].session, .yes, folder: nil))
        #expect(world.result(0, .confirmPairing(session: views[0].session, .no, folder: nil)) == .success(.done))
        world.run(seconds: 2)
        #expect(world.nodes[1].replies[other] == .failure(PeersError(.declined, "")))
        #expect(world.nodes.allSatisfy { $0.store.devices.isEmpty })
    }

    @Test func expiresAfterFiveMinutes() throws {
        var world = PeersWorld(2)
        let views = try world.beginPairing(0, 1)
        let waiting = world.command(0, .confirmPairing(session: views[0].session, .yes, folder: nil))
        world.run(seconds: 310)
        guard case .failure(let error)? = world.nodes[0].replies[waiting] else { throw PeersError(.notFound, "") }
        #expect([.expired, .unreachable].contains(error.code))
        #expect(world.nodes.allSatisfy { $0.store.devices.isEmpty && $0.pairingName == nil })
        var alone = PeersWorld(1)
        #expect(alone.result(0, .startPairing(nil), seconds: 310) == .failure(PeersError(.expired, "")))
    }

    @Test func cancelledOrAbandonedItEndsOnBothSides() throws {
        for abandons in [false, true] {
            var world = PeersWorld(2)
            let command = world.command(0, .startPairing(nil))
            world.run(seconds: 1)
            if abandons {
                world.handle(0, .commandAbandoned(command))
            } else {
                #expect(world.result(0, .cancelPairing(session: nil)) == .success(.done))
            }
            #expect(world.nodes[0].replies[command] == .failure(PeersError(.cancelled, "")))
            #expect(world.nodes[0].pairingName == nil)
        }
    }

    @Test func severalNearbyMustBeTold() throws {
        var world = PeersWorld(3)
        world.command(1, .startPairing("nobody"))
        world.command(2, .startPairing("nobody"))
        world.run(seconds: 2)
        let command = world.command(0, .startPairing(nil))
        #expect(world.nodes[0].replies[command] == nil)
        world.run(seconds: 5)
        guard case .failure(let error)? = world.nodes[0].replies[command] else { throw PeersError(.notFound, "") }
        #expect(error.code == .ambiguous && error.choices == ["device 1", "device 2"])
    }

    /// What is announced a moment longer than it holds is no second choice.
    @Test func oneOfSeveralThatEndsIsNoQuestion() throws {
        var world = PeersWorld(3)
        let other = world.command(1, .startPairing("nobody"))
        world.command(2, .startPairing(nil))
        world.run(seconds: 1)
        let command = world.command(0, .startPairing(nil))
        #expect(world.nodes[0].replies[command] == nil)
        world.command(1, .cancelPairing(session: nil))
        world.run(seconds: 5)
        guard case .success(.pairing(let view))? = world.nodes[0].replies[command] else {
            throw PeersError(.notFound, "")
        }
        #expect(view.peerName == "device 2")
        #expect(world.nodes[1].replies[other] != nil)
    }

    @Test func aChosenDeviceIsFoundByNameAndOthersAreNotTaken() throws {
        var world = PeersWorld(3)
        let other = world.command(2, .startPairing("device 0"))
        let id = String(world.nodes[0].device.description.prefix(10))
        let views = try world.beginPairing(0, 1, selection: "Device 1", other: id)
        #expect(views[0].peerName == "device 1" && views[1].peerName == "device 0")
        #expect(world.nodes[2].replies[other] == nil)
    }

    @Test func byAddressWithoutDiscovery() throws {
        var world = PeersWorld(2, discovery: false)
        let views = try world.beginPairing(0, 1, selection: "10.0.0.2:22077")
        #expect(views[0].code != nil && views[0].code == views[1].code)
    }

    @Test func whoIsPairedAlreadyIsToldSo() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        let address = world.nodes[1].address
        #expect(world.result(0, .startPairing(address)) == .failure(PeersError(.exists, "")))
        world.run(seconds: 3)
        #expect(world.isPaired(0, 1) && world.nodes[0].pairingName == nil && world.faults.isEmpty)
        // Neither itself nor nobody is called in a tight loop.
        for address in [world.nodes[0].address, "10.9.9.9:1"] {
            let dials = world.nodes[0].dials
            let command = world.command(0, .startPairing(address))
            world.run(seconds: 100)
            #expect(world.nodes[0].dials - dials <= 12 && world.nodes[0].replies[command] == nil)
        }
    }

    @Test func whoDoesNotWantToPairRefuses() throws {
        var world = PeersWorld(2, discovery: false)
        let command = world.command(0, .startPairing("10.0.0.2:22077"))
        world.run(seconds: 20)
        #expect(world.nodes[0].replies[command] == nil && world.nodes[1].machine.devices.isEmpty)
        let second = world.command(1, .startPairing(nil))
        world.run(seconds: 70)
        #expect(world.nodes[0].replies[command] != nil && world.nodes[1].replies[second] != nil)
    }

    @Test func aFailingStorePairsNobody() throws {
        var world = PeersWorld(2)
        let views = try world.beginPairing(0, 1)
        world.nodes[0].failsToStore = true
        world.command(1, .confirmPairing(session: views[1].session, .yes, folder: nil))
        let reply = world.result(0, .confirmPairing(session: views[0].session, .yes, folder: nil))
        #expect(reply == .failure(PeersError(.storage, "")))
        world.run(seconds: 5)
        #expect(!world.nodes[0].machine.isPaired(world.nodes[1].device) && !world.isPaired(0, 1))
        // The other side believes in the pair; pairing again mends it.
        world.nodes[0].failsToStore = false
        _ = try world.pair(0, 1)
        world.run(seconds: 70)
        #expect(world.isPaired(0, 1) && world.faults.isEmpty)
    }

    @Test func aRemovedDeviceCanBePairedAgain() throws {
        var world = PeersWorld(2)
        _ = try world.pair(0, 1)
        #expect(world.result(0, .removeDevice(world.nodes[1].device, knownFrontiers: [:])) == .success(.done))
        world.run(seconds: 30)
        #expect(!world.isPaired(0, 1) && world.nodes[0].machine.devices.first?.isRemoved == true)
        _ = try world.pair(0, 1)
        world.run(seconds: 70)
        #expect(world.isPaired(0, 1) && world.faults.isEmpty)
    }
}
