import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// Devices that are cut, restarted, removed and invited at random, with a store that fails at times: in the end all
/// agree on the members, and whoever should be is connected.
@Suite struct ConvergenceTests {
    @Test(arguments: 1...24)
    func allAgreeInTheEnd(seed: Int) throws {
        var (world, folder) = try MembersTests.household(4, seed: UInt64(seed))
        var random = PeersRandom(seed: UInt64(seed) + 77)
        for _ in 0..<25 {
            let (first, second) = (Int(random.next() % 4), Int(random.next() % 4))
            disturb(&world, folder, first, second, with: random.next())
            world.run(milliseconds: random.next() % 4_000)
        }
        for index in 0..<4 { world.nodes[index].failsToStore = false }
        world.unblock()
        for index in 0..<4 { world.handle(index, .networkChanged) }
        world.run(seconds: 200)
        #expect(world.faults.isEmpty && world.wireFailures.isEmpty, "\(world.faults) \(world.wireFailures)")
        check(world, folder)
    }

    private func disturb(
        _ world: inout PeersWorld, _ folder: FolderID, _ first: Int, _ second: Int, with chance: UInt64
    ) {
        switch chance % 9 {
        case 0: for connection in world.nodes[first].sessions.keys.sorted().prefix(2) { world.cut(first, connection) }
        case 1: world.restart(first, cutting: chance % 2 == 0)
        case 2: if first != second { world.block(first, second) }
        case 3: world.unblock()
        case 4 where first != second:
            let device = world.nodes[second].device
            world.command(first, .removeMember(folder, device: device, knownFrontier: VersionVector()))
        case 5, 6:
            let command = world.command(first, .invite(folder: folder, role: .readWrite, lifetimeSeconds: 60))
            world.run(milliseconds: 100)
            guard case .success(.invited(let view))? = world.nodes[first].replies[command], first != second else {
                return
            }
            world.command(second, .join(link: view.link, path: Array("/home/\(second)/joined".utf8)))
        case 7: world.nodes[first].failsToStore.toggle()
        default: world.handle(first, .resumed)
        }
    }

    private func check(_ world: PeersWorld, _ folder: FolderID) {
        // Whoever is a member by its own records, and by those of the others who are, is of the folder.
        let views = world.nodes.map { node in Set(node.machine.members(of: folder).map(\.device)) }
        let inside = (0..<4).filter { views[$0].contains(world.nodes[$0].device) }
        for left in inside {
            for right in inside where right < left {
                let agree =
                    views[left].contains(world.nodes[right].device) && views[right].contains(world.nodes[left].device)
                #expect(world.isOpen(folder, left, right) == agree, "\(left) and \(right)")
                if agree { #expect(views[left] == views[right], "\(left) and \(right)") }
            }
        }
        for index in 0..<4 {
            let connected = world.nodes[index].connected[folder] ?? [:]
            #expect(Set(connected.keys).isSubset(of: views[index]))
            #expect(world.nodes[index].told[folder].map { Set($0.map(\.device)) } == views[index])
        }
    }
}
