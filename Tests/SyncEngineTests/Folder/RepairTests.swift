import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// Records that one device lost without noticing: both digests become equal again, each case with several seeds.
@Suite struct RepairTests {
    private static let path = samplePath("d/small")
    private static let large = samplePath("d/large")
    private static let gone = samplePath("d/gone")

    /// Files in a directory, one of which was deleted, are shared; everyone is at rest.
    private func settled(_ seed: UInt64, _ count: Int = 2) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.startAll()
        world.connectAll()
        world.edit(Int(seed % 2)) { disk, _ in
            disk.put(simulatedFile(1), at: Self.path)
            disk.put(simulatedFile(3), at: Self.large)
            disk.put(simulatedFile(5), at: Self.gone)
        }
        world.settle()
        world.edit(Int(seed / 2 % 2)) { disk, _ in disk.remove(Self.gone) }
        world.settle()
        return world
    }

    /// All become equal, without a conflict.
    private func finish(_ world: SimulatedWorld, _ seed: UInt64) -> SimulatedWorld {
        var world = world
        world.interference = Interference()
        for index in world.devices.indices where !world.devices[index].isUp { world.start(index) }
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty && world.copies.isEmpty, "seed \(seed): \(world.allFailures.prefix(4))")
        return world
    }

    /// The device is at rest, and its machine learns of the loss with its next commit. A scan would find the file
    /// before anyone told of it again, as an edit.
    private func lose(_ path: RelativePath, of index: Int, in world: inout SimulatedWorld) {
        world.devices[index].loseRow(path)
        world.interference.losesEvents = false
        world.edit(index) { disk, _ in disk.put(simulatedFile(7), at: samplePath("other")) }
        world.interference.losesEvents = true
        world.settle()
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func aLostDeletionIsToldAgain(seed: UInt64) {
        var world = settled(seed)
        lose(Self.gone, of: 0, in: &world)
        world = finish(world, seed)
        #expect(world.devices[0].index.rows[Self.gone]?.record.isDeleted == true, "seed \(seed)")
        #expect(world.devices.allSatisfy { $0.disk[Self.gone] == nil }, "seed \(seed)")
    }

    /// The file still stands there: it takes the other's record, and nobody edits or deletes anything.
    @Test(arguments: 0..<24 as Range<UInt64>) func aLostRowOfAFileIsToldAgain(seed: UInt64) {
        var world = settled(seed)
        let path = [Self.path, Self.large, samplePath("d")][Int(seed % 3)]
        let before = world.devices[1].index.rows[path]?.record
        let histories = world.devices.map(\.disk.history)
        lose(path, of: 0, in: &world)
        world = finish(world, seed)
        #expect(world.devices[0].index.rows[path]?.record == before, "seed \(seed)")
        for device in world.devices {
            #expect(device.disk[path] != nil, "seed \(seed)")
        }
        #expect(world.devices.map(\.disk.history) == histories, "seed \(seed)")
    }

    /// The first scan finds the file, which is a new edit of the same content.
    @Test(arguments: 0..<24 as Range<UInt64>) func aRowLostWhileStoppedIsFoundByTheScan(seed: UInt64) {
        var world = settled(seed)
        world.crash(0)
        world.devices[0].loseRow(Self.path)
        world.devices[0].loseRow(samplePath("d"))
        world.devices[0].loseRow(Self.gone)
        world = finish(world, seed)
        for device in world.devices {
            #expect(device.disk[Self.path]?.content == simulatedFile(1), "seed \(seed)")
            #expect(device.disk[Self.gone] == nil, "seed \(seed)")
        }
    }

    /// Nothing that is told arrives, but the other is told to be at the end of the log.
    @Test(arguments: 0..<24 as Range<UInt64>) func whatALogDidNotTellIsAskedFor(seed: UInt64) {
        var world = settled(seed, 2 + Int(seed % 2))
        world.interference.entries = 1_000
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(8), at: Self.path)
            disk.put(simulatedFile(10), at: samplePath("e/new"))
            disk.rename(Self.large, to: samplePath("e/moved"))
        }
        world.settle()
        world = finish(world, seed)
        for device in world.devices {
            #expect(device.disk[Self.path]?.content == simulatedFile(8), "seed \(seed)")
            #expect(device.disk[samplePath("e/moved")]?.content == simulatedFile(3), "seed \(seed)")
            #expect(device.disk[Self.large] == nil, "seed \(seed)")
        }
    }

    /// Both have changed what the other was not told of: an ordinary conflict, nothing is lost.
    @Test(arguments: 0..<24 as Range<UInt64>) func whatNeitherWasToldOfIsAConflict(seed: UInt64) {
        var world = settled(seed)
        world.interference.entries = 1_000
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: Self.path) }
        world.edit(1) { disk, _ in disk.put(simulatedFile(9), at: Self.path) }
        world.settle()
        world.interference.entries = 0
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty && world.copies.count == 1, "seed \(seed)")
    }

    /// Of the deletion one device lost the record, and the other never heard of it: the file stays where it is, and
    /// comes to nobody, until one comes who knows (rule 7).
    @Test(arguments: 0..<24 as Range<UInt64>) func aLostDeletionIsNotUndone(seed: UInt64) {
        var world = settled(seed, 3)
        world.disconnect(0, 1)
        world.disconnect(1, 2)
        world.edit(0) { disk, _ in disk.remove(Self.path) }
        world.settle()
        world.crash(2)
        lose(Self.path, of: 0, in: &world)
        world.connect(0, 1)
        world.settle()
        #expect(world.devices[0].disk[Self.path] == nil && world.devices[1].disk[Self.path] != nil, "seed \(seed)")
        let problems = world.devices[0].machine?.status.problems.map(\.problem.message) ?? []
        #expect(problems.count == 1 && problems[0].contains("d/small was replaced here"), "\(problems)")
        world = finish(world, seed)
        #expect(world.devices.allSatisfy { $0.disk[Self.path] == nil }, "seed \(seed)")
    }

    // MARK: What can't be repaired

    /// The first device compares with one that lies: that ends, and people are told.
    @Test(arguments: SimulatedDevice.Lister.allCases.filter { $0 != .honest }, 0..<6 as Range<UInt64>)
    func aLiarIsNotAskedForEver(lister: SimulatedDevice.Lister, seed: UInt64) {
        var world = settled(seed)
        world.devices[1].lister = lister
        // Only the liar's records are missing, so only it could mend that.
        lose(Self.gone, of: 0, in: &world)
        for _ in 0..<10 {
            world.connectAll()
            world.settle(limit: 100_000)
        }
        #expect(world.allFailures.isEmpty, "\(lister), seed \(seed)")
        let device = world.devices[0]
        #expect(device.machine?.status.problems.count == (device.refusals.isEmpty ? 1 : 0), "\(lister)")
        #expect(device.refusals.isEmpty == ![.repeating, .pushing].contains(lister), "\(lister): \(device.refusals)")
        let asked = world.devices[1].comparisons
        #expect(asked <= 50, "\(lister): \(asked)")
        #expect(device.disk.entries.keys.sorted() == world.devices[1].disk.entries.keys.sorted(), "\(lister)")
    }
}
