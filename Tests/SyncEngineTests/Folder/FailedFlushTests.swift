import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// The disk refuses a flush: what it lost of that is found, although the next flush succeeds (rule 12).
@Suite struct FailedFlushTests {
    private let path = samplePath("c")

    /// Nobody wrote since, and the stat is as it was: only who reads the bytes finds that they are others.
    @Test func whatAFailedFlushLostIsFetchedAgain() {
        var lost = 0
        for seed in 0..<40 as Range<UInt64> {
            var world = SimulatedWorld(seed: seed, count: 2)
            world.startAll()
            world.connectAll()
            world.settle()
            world.trace = []
            world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
            while world.trace?.contains(where: { $0.contains("d1 -> flush") }) == false, world.step() {}
            world.interference.flushes = 1_000
            while world.devices[1].machine?.activity != .error, world.step() {}
            world.interference.flushes = 0
            if world.devices[1].disk[path]?.content != simulatedFile(1) { lost += 1 }
            world.settle()
            world.checkQuiet()
            #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
            #expect(world.devices[1].disk[path]?.content == simulatedFile(1), "seed \(seed)")
        }
        #expect(lost > 5)
    }
}
