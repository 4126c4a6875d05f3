import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// Steps that find something else than the index says, because somebody changed much and that is still to be looked at.
@Suite struct SurpriseTests {
    private let count = 200

    /// Two devices with a directory of many files: the first changes all of them, and the second one's user moved the
    /// directory away. The watcher lost what it had to tell of that, and a walk has begun that gets nowhere.
    private func surprised(seed: UInt64) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.batchRecords = 1
        world.startAll()
        for content in [0, 1] as [UInt64] {
            world.edit(0) { disk, _ in
                for number in 1...UInt64(count) {
                    disk.put(simulatedFile(number + content * UInt64(count)), at: samplePath("d/\(number)"))
                }
            }
            if content == 0 {
                world.connectAll()
                world.settle(limit: 200_000)
            }
        }
        world.trace = []
        world.devices[1].disk.rename(samplePath("d"), to: samplePath("e"))
        world.devices[1].holdsWalks = true
        world.tell(1, .watched([.rescan(nil)]))
        return world
    }

    /// Files that steps of the second device were to place.
    private func tried(_ world: SimulatedWorld) -> Int {
        world.trace?.filter { $0.contains("d1 -> execute") }.reduce(0) { $0 + $1.ranges(of: "placeFile").count } ?? 0
    }

    /// With each bit that others tell there is something new to be done: what can't be done is not tried each time, and
    /// it is tried now and then, however long the walk takes.
    @Test(arguments: 0..<5 as Range<UInt64>) func whatIsToBeLookedAtIsSeldomTriedBefore(seed: UInt64) {
        var world = surprised(seed: seed)
        for _ in 0..<100_000 where world.devices[1].index.needs.count < count { _ = world.step() }
        #expect(world.devices[1].index.needs.count >= count)
        #expect(tried(world) <= count, "seed \(seed)")
        for _ in 0..<2_000 { if !world.step() { break } }
        let before = tried(world)
        world.now += 11_000_000_000
        for _ in 0..<2_000 { if !world.step() { break } }
        #expect(tried(world) > before, "seed \(seed)")
        world.devices[1].holdsWalks = false
        world.settle(limit: 400_000)
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures.prefix(3))")
        #expect(world.devices[0].disk.differences(from: world.devices[1].disk).isEmpty, "seed \(seed)")
    }

    /// A file that both have changed waits for the look at itself, and not for a walk that takes long: whoever wins, as
    /// the order of contents has it.
    @Test(arguments: 0..<10 as Range<UInt64>, [(2, 3), (3, 2)] as [(UInt64, UInt64)])
    func whatWasSeenIsNotWaitedFor(seed: UInt64, contents: (told: UInt64, found: UInt64)) {
        var world = SimulatedWorld(seed: seed, count: 2)
        let path = samplePath("c")
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        world.devices[1].holdsWalks = true
        world.tell(1, .watched([.rescan(nil)]))
        world.edit(0) { disk, _ in disk.put(simulatedFile(contents.told), at: path) }
        world.devices[1].disk.put(simulatedFile(contents.found), at: path)
        let begun = world.now
        while world.now < begun + 5_000_000_000, world.step() {}
        let there = world.devices[1].disk.entries.values.map(\.content)
        #expect(there.contains(simulatedFile(2)) && there.contains(simulatedFile(3)), "seed \(seed)")
        world.devices[1].holdsWalks = false
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }
}
