import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// Indices that go back to an older state, and devices of which there are two (rule 9).
@Suite struct CopyTests {
    /// Devices that have the same files, connected.
    private func settled(_ seed: UInt64, _ count: Int = 2) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.startAll()
        world.connectAll()
        write(&world, 0, 1, at: "a")
        world.settle()
        return world
    }

    private func write(_ world: inout SimulatedWorld, _ device: Int, _ content: UInt64, at name: String) {
        world.edit(device) { disk, _ in disk.put(simulatedFile(content), at: samplePath(name)) }
    }

    /// The first device is found to be another one of its kind when it meets others, and gets an index of its own.
    private func renew(_ world: inout SimulatedWorld, _ seed: UInt64) {
        world.connectAll()
        world.settle()
        #expect(isDoubted(world, 0), "seed \(seed)")
        while world.renewRolledBack() {
            world.connectAll()
            world.settle()
        }
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    private func isDoubted(_ world: SimulatedWorld, _ device: Int) -> Bool {
        world.devices[device].machine?.status.hold?.cause == .identity
    }

    /// Nobody need be met: the folder remembers that its index had come further.
    @Test(arguments: 0..<24 as Range<UInt64>) func anIndexThatWasPutBackBeginsAnew(seed: UInt64) {
        var world = settled(seed)
        world.backUp(0)
        let epoch = world.devices[0].index.epoch
        write(&world, 0, 2, at: "b")
        world.settle()
        world.rollBack(0, keepsMark: true)
        world.start(0)
        #expect(world.devices[0].index.epoch != epoch && world.devices[0].index.isRebuilding, "seed \(seed)")
        // What was made under numbers that are used already is told as what it is.
        write(&world, 0, 3, at: "c")
        world.settle()
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        #expect(world.devices[1].disk[samplePath("c")]?.content == simulatedFile(3))
        #expect(world.devices[1].disk[samplePath("b")]?.content == simulatedFile(2))
    }

    /// A log that went on from an older state may be longer than what others know of it.
    @Test(arguments: 0..<24 as Range<UInt64>) func aLogThatForkedIsFoundAtTheNextMeeting(seed: UInt64) {
        var world = settled(seed)
        world.backUp(0)
        write(&world, 0, 2, at: "b")
        world.settle()
        world.rollBack(0, keepsMark: false)
        world.start(0)
        for number in 3..<8 as Range<UInt64> {
            write(&world, 0, number, at: "\(number)")
            world.settle()
        }
        #expect(!isDoubted(world, 0), "seed \(seed)")
        renew(&world, seed)
        for number in 3..<8 as Range<UInt64> {
            #expect(world.devices[1].disk[samplePath("\(number)")]?.content == simulatedFile(number), "seed \(seed)")
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func twoCopiesOfADeviceAreToldApart(seed: UInt64) {
        var world = settled(seed, 3)
        world.clone(0)
        write(&world, 0, 2, at: "b")
        world.settle()
        world.swapTwins(0)
        for number in 3..<6 as Range<UInt64> {
            write(&world, 0, number, at: "\(number)")
            world.settle()
        }
        renew(&world, seed)
        #expect(world.devices[0].disk[samplePath("b")]?.content == simulatedFile(2), "seed \(seed)")
    }

    /// What arrived before is placed when it belongs to the folder again, or told anew then: by who may make copies.
    @Test(arguments: 0..<48 as Range<UInt64>) func whoIsRemovedPlacesNothing(seed: UInt64) {
        var world = settled(seed, 3)
        write(&world, 0, 2, at: "a")
        for _ in 0..<(seed * 3) { _ = world.step() }
        let before = world.devices[1].disk.entries
        world.remove(1, isTold: true)
        let isPlaced = before[samplePath("a")]?.content == simulatedFile(2)
        let isUnderWay = world.devices[1].index.needs.values.contains { $0.state == .applying }
        // Nor if it is started again meanwhile.
        if seed.isMultiple(of: 2), !isUnderWay {
            world.crash(1)
            world.start(1)
        }
        for _ in 0..<1_000 { if !world.step() { break } }
        if !isPlaced, !isUnderWay { #expect(world.devices[1].disk.entries == before, "seed \(seed)") }
        world.bringBack(1)
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }
}
