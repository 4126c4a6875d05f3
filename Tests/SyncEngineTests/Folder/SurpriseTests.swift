import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// Steps that find something else than the index says, because somebody changed much and that is still to be looked at.
@Suite struct SurpriseTests {
    /// A directory was moved away, and others change all that was in it, bit by bit: with each bit there is something
    /// new to be done, and what can't be done is not tried each time.
    @Test(arguments: 0..<5 as Range<UInt64>) func whatIsToBeLookedAtIsNotTriedAgainBefore(seed: UInt64) {
        let count = 200
        let (old, new) = (samplePath("d"), samplePath("e"))
        var world = SimulatedWorld(seed: seed, count: 2)
        world.batchRecords = 1
        world.startAll()
        world.edit(0) { disk, _ in
            for number in 1...count { disk.put(simulatedFile(UInt64(number)), at: samplePath("d/\(number)")) }
        }
        world.connectAll()
        world.settle(limit: 200_000)
        world.edit(0) { disk, _ in
            for number in 1...count { disk.put(simulatedFile(UInt64(number + count)), at: samplePath("d/\(number)")) }
        }
        world.trace = []
        // The watcher lost what it had to tell of this, and the walk takes long.
        world.devices[1].disk.rename(old, to: new)
        world.devices[1].holdsWalks = true
        world.tell(1, .watched([.rescan(nil)]))
        for _ in 0..<100_000 where world.devices[1].index.needs.count < count { _ = world.step() }
        #expect(world.devices[1].index.needs.count >= count)
        let tried =
            world.trace?.filter { $0.contains("d1 -> execute") }
            .reduce(0) { $0 + $1.ranges(of: "placeFile").count } ?? 0
        #expect(tried <= count, "seed \(seed)")
        world.devices[1].holdsWalks = false
        world.settle(limit: 400_000)
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures.prefix(3))")
        #expect(world.devices[0].disk.differences(from: world.devices[1].disk).isEmpty, "seed \(seed)")
    }
}
