import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// One file that somebody moves to and fro (decision 36): only where devices disagree about it may it stay.
@Suite struct ToAndFroTests {
    /// What becomes of it at last, where it was before.
    enum End: CaseIterable { case stays, goes, goesOn }

    @Test(arguments: End.allCases, 0..<24 as Range<UInt64>) func itStandsWhereItWasMovedLast(end: End, seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        let (x, y, z) = (samplePath("x"), samplePath("y"), samplePath("z"))
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: y) }
        world.settle()
        world.edit(0) { disk, _ in disk.rename(y, to: x) }
        world.settle()
        world.disconnect(0, 1)
        world.edit(0) { disk, _ in disk.rename(x, to: y) }
        world.settle()
        // Its record is told far behind that of where it came from.
        for number in 3..<8 as Range<UInt64> {
            world.edit(0) { disk, _ in disk.put(simulatedFile(number), at: samplePath("\(number)")) }
        }
        world.settle()
        world.edit(0) { disk, _ in
            switch end {
            case .stays: disk.put(simulatedFile(2), at: y)
            case .goes: disk.remove(y)
            case .goesOn: disk.rename(y, to: z)
            }
        }
        world.settle()
        // The link is cut in the midst of it.
        world.connect(0, 1)
        for _ in 0..<(seed * 2) { _ = world.step() }
        world.disconnect(0, 1)
        for _ in 0..<1_000 { if !world.step() { break } }
        world.connect(0, 1)
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "\(end), seed \(seed): \(world.allFailures)")
        #expect(world.devices.allSatisfy { $0.disk[x] == nil }, "\(end), seed \(seed)")
        #expect(world.devices[1].disk.entries.count == (end == .goes ? 5 : 6), "\(end), seed \(seed)")
    }
}
