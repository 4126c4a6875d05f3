import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// An edit that follows a move, whose content its own user destroyed before it was carried along.
@Suite struct DroppedNeedTests {
    /// The log of the member that moved the file is read again from the very position at which its stream was opened:
    /// that is another stream, not more credit for the one under way.
    @Test(arguments: 0..<200 as Range<UInt64>) func aLogIsReadAgainFromWhereItsStreamWasOpened(seed: UInt64) {
        let (a, b, c) = (samplePath("a"), samplePath("b"), samplePath("c"))
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(3), at: a) }
        world.settle()
        world.disconnect(0, 1)
        world.edit(0) { disk, _ in disk.put(simulatedFile(7), at: a) }
        world.edit(1) { disk, _ in disk.rename(a, to: b) }
        world.settle()
        world.connectAll()
        while world.devices[0].index.needs[b] == nil, world.step() {}
        // What was to go to the new place is destroyed by its own user.
        world.edit(0) { disk, _ in
            disk.remove(a)
            disk.put(simulatedFile(9), at: samplePath("a/x"))
        }
        world.disconnect(0, 1)
        world.edit(1) { disk, _ in disk.rename(b, to: c) }
        for _ in 0..<200 where world.step() {}
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        for device in world.devices { #expect(device.disk[c] != nil, "seed \(seed), \(device.name)") }
    }

    /// A device that is lost and removed takes with it what nobody had fetched: the others wait for it no longer. If it
    /// comes back as a new member, it is told again.
    @Test(arguments: 0..<20 as Range<UInt64>, [false, true])
    func whatOnlyARemovedMemberHasIsGivenUp(seed: UInt64, comesBack: Bool) {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.startAll()
        world.connectAll()
        world.settle()
        world.edit(0) { disk, _ in disk.put(simulatedFile(3), at: samplePath("f")) }
        while world.devices[1].index.needs[samplePath("f")] == nil, world.step() {}
        world.crash(0)
        let members = SimulatedDevice.members(3)
        for device in 1...2 { world.tell(device, .membersChanged(Array(members.dropFirst()))) }
        world.settle()
        for device in world.devices.dropFirst() {
            #expect(device.machine?.activity == .idle, "seed \(seed): \(device.name) \(device.index.needs.keys)")
        }
        guard comesBack else { return }
        for device in 1...2 { world.tell(device, .membersChanged(members)) }
        world.start(0)
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }
}
