import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// A file that was moved by two devices, and edited at the end that gives way: the edit goes to the other end.
@Suite struct BroughtEditTests {
    private let old = samplePath("a")
    private let edited = samplePath("b")
    private let other = samplePath("c")
    /// It does not ride along with its record.
    private let large = simulatedFile(17)

    /// Whoever brings the edit to the other end may not have its content yet, and its author is away. That it is gone
    /// from where it was made is told to nobody before, or the author would delete the only one that there is.
    @Test(arguments: 0..<20 as Range<UInt64>, [0, 1])
    func itIsNotGoneBeforeItIsThere(seed: UInt64, editor: Int) {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: old) }
        world.settle()
        for device in 0..<2 { for next in (device + 1)..<3 { world.disconnect(device, next) } }
        world.edit(editor) { disk, _ in disk.rename(old, to: edited) }
        world.edit(1 - editor) { disk, _ in disk.rename(old, to: other) }
        world.settle()
        world.edit(editor) { disk, _ in disk.put(large, at: edited) }
        world.settle()
        // Its author tells of it and hears nothing; its records arrive, and its content does not.
        world.tell(editor, .setPaused(true))
        world.connect(0, 1)
        while world.devices[1 - editor].index.needs[other]?.state != .wanted, world.step() {}
        world.disconnect(0, 1)
        world.connect(1 - editor, 2)
        for _ in 0..<600 where world.step() {}
        let teller = world.devices[1 - editor].index
        let isTold = teller.rows[edited]?.record.isDeleted == true
        #expect(!isTold || teller.needs[other]?.state != .wanted, "seed \(seed), \(editor): told too early")
        world.disconnect(1 - editor, 2)
        world.tell(editor, .setPaused(false))
        world.connect(editor, 2)
        for _ in 0..<600 where world.step() {}
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed), \(editor): \(world.allFailures)")
        for device in world.devices {
            let files = device.disk.entries.values.map(\.content)
            // Where a scan came between the two steps, it was no move, and the other file is one of its own.
            #expect(files.contains(large), "seed \(seed), \(editor): \(device.name)")
        }
    }
}
