import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// The loser of a conflict whose copy is not made yet: nothing that a user does at the winner's path tells that it was
/// seen, or the device that has it would replace it.
@Suite struct UnmadeCopyTests {
    private let path = samplePath("c")
    /// It does not ride along with its record.
    private let large = simulatedFile(17)

    /// Device 0 knows of a file at device 1, which is away, and of what won over it at device 2.
    private func meeting(_ seed: UInt64, winner: Content) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.startAll()
        world.edit(1) { disk, _ in disk.put(large, at: path) }
        world.edit(2) { disk, _ in disk.put(winner, at: path) }
        world.settle()
        world.tell(1, .setPaused(true))
        world.connect(0, 1)
        while world.devices[0].index.needs[path]?.state != .wanted, world.step() {}
        world.disconnect(0, 1)
        world.connect(0, 2)
        while world.devices[0].index.needs.count < 2, world.step() {}
        return world
    }

    /// He makes what won himself: that is not the settlement of the conflict.
    @Test(arguments: 0..<60 as Range<UInt64>) func whatWonIsNotTakenForSettled(seed: UInt64) {
        var world = meeting(seed, winner: .directory)
        // Or he would replace a file that he can see.
        guard world.devices[0].disk[path] == nil else { return }
        world.edit(0) { disk, _ in disk.put(.directory, at: path) }
        world.trace = []
        for _ in 0..<70 where world.step() {}
        // Who is away is not waited for any longer (decision 16).
        if world.trace?.contains(where: { $0.contains("d0 -> execute") }) == true { return }
        world.disconnect(0, 2)
        world.tell(1, .setPaused(false))
        world.connect(1, 2)
        for _ in 0..<600 where world.step() {}
        finish(&world, seed)
    }

    /// He puts the copy back to where the loser stands, before the winner comes there.
    @Test(arguments: 0..<20 as Range<UInt64>) func aCopyThatIsPutBackIsAnEdit(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.edit(0) { disk, _ in disk.put(large, at: path) }
        world.edit(1) { disk, _ in disk.put(.directory, at: path) }
        world.settle()
        world.connect(0, 1)
        func copy() -> RelativePath? { world.devices[0].disk.entries.keys.first { $0 != path } }
        while copy() == nil, world.step() {}
        if let copy = copy(), world.devices[0].disk[path]?.content == large {
            world.edit(0) { disk, _ in
                disk.remove(path)
                disk.rename(copy, to: path)
            }
        }
        finish(&world, seed)
    }

    private func finish(_ world: inout SimulatedWorld, _ seed: UInt64) {
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        for device in world.devices {
            #expect(device.disk.entries.values.map(\.content).contains(large), "seed \(seed): \(device.name)")
        }
    }
}
