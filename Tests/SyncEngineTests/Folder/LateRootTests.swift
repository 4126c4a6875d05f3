import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// A directory's row is behind those of all that is in it, because its mode was set last: as unpacking does.
@Suite struct LateRootTests {
    /// Until the directory is told of nothing in it can be placed: each batch, and each content that comes, is
    /// something new, and nothing of it is worth another look at all that waits.
    @Test(arguments: 0..<3 as Range<UInt64>) func whatWaitsForItsDirectoryIsSeldomLookedAt(seed: UInt64) {
        let count = 3 * Limits.waveRecords
        var world = SimulatedWorld(seed: seed, count: 2)
        world.batchRecords = 32
        world.startAll()
        world.edit(0) { disk, _ in
            // Every tenth travels by itself.
            for number in 1...count {
                let content = simulatedFile(UInt64(number) * 7 + (number.isMultiple(of: 10) ? 3 : 1))
                disk.put(content, at: samplePath("d/\(number)"))
            }
        }
        world.settle(limit: 200_000)
        world.edit(0) { disk, _ in disk.change(samplePath("d"), mode: 0o700) }
        world.settle()
        world.connectAll()
        world.settle(limit: 200_000)
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        #expect(world.devices[1].disk.entries.count == count + 1)
        #expect(world.devices[1].looked < 10 * count, "seed \(seed)")
    }
}
