import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// A device that ends in the middle of a wave and goes on.
@Suite struct RecoveryTests {
    /// A change of metadata leaves the content as it was: that it is there does not show that the step was done.
    @Test(arguments: 0..<60) func aCrashWithinAChangeOfModeIsMended(steps: Int) {
        var world = SimulatedWorld(seed: UInt64(steps), count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(1), at: samplePath("d/f"))
            disk.put(simulatedFile(2), at: samplePath("g"))
        }
        world.settle()
        world.edit(0) { disk, _ in
            for path in ["d", "d/f", "g"] { disk.change(samplePath(path), mode: 0o700) }
        }
        for _ in 0..<steps { _ = world.step() }
        world.crash(1)
        world.start(1)
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "\(steps) steps")
        for path in ["d/f", "g"] {
            #expect(world.devices[1].disk.entries[samplePath(path)]?.state.mode == 0o700, "\(path), \(steps) steps")
        }
    }
}
