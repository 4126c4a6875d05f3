import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// A directory's move is told by its ends (rule 6), and by its records where the other has something else there.
@Suite struct DirectoryMoveTests {
    static let seeds = 0..<8 as Range<UInt64>

    /// Devices in a row that hold the same directory with twelve files in three directories.
    private func world(_ seed: UInt64, _ count: Int) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.startAll()
        for device in 1..<count { world.connect(device - 1, device) }
        world.edit(0) { disk, _ in
            for number in 0..<12 {
                disk.put(simulatedFile(UInt64(100 + number)), at: samplePath("d/\(number % 3)/f\(number)"))
            }
        }
        world.settle()
        return world
    }

    private func finish(_ world: inout SimulatedWorld, _ seed: UInt64, copies: Int = 0) {
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures.prefix(3))")
        #expect(world.copies.count == copies, "seed \(seed): \(world.copies)")
    }

    /// Who has heard of it tells it in the same way, as far as a batch has room for all of it.
    @Test func itGoesFromDeviceToDevice() {
        var folded = 0
        for seed in 0..<16 as Range<UInt64> {
            var world = world(seed, 3)
            for (from, to) in [("d", "e"), ("e/1", "f"), ("f", "e/2/g")] {
                world.edit(0) { disk, _ in disk.rename(samplePath(from), to: samplePath(to)) }
                world.settle()
            }
            #expect(world.declinedMoves == 0, "seed \(seed)")
            #expect(world.devices[2].disk.entries[samplePath("e/2/g/f4")] != nil)
            folded += world.foldedMoves
            finish(&world, seed)
        }
        #expect(folded > 48, "\(folded)")
    }

    /// What only the receiver has there is not part of the move; nothing is lost, and nothing is in two places.
    @Test func whereSomethingElseStandsRecordsAreAskedFor() {
        var declined = 0
        for seed in 0..<16 as Range<UInt64> {
            var world = world(seed, 2)
            world.disconnect(0, 1)
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            world.edit(1) { disk, _ in
                disk.put(simulatedFile(200), at: samplePath("d/1/f4"))
                disk.put(simulatedFile(201), at: samplePath("d/1/new"))
            }
            world.settle()
            world.connect(0, 1)
            finish(&world, seed)
            declined += world.declinedMoves
            for device in world.devices {
                let files = device.disk.entries.keys.filter { "\($0)".contains("f4") || "\($0)".contains("new") }
                #expect(Set(files.map { "\($0)" }) == ["e/1/f4", "e/1/new"], "seed \(seed)")
            }
        }
        #expect(declined > 4, "\(declined)")
    }

    /// The same rename on both, and one into the other.
    @Test(arguments: seeds) func bothMoveIt(seed: UInt64) {
        for target in ["e", "g", "h/e"] {
            var world = world(seed, 2)
            world.disconnect(0, 1)
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            world.edit(1) { disk, _ in
                if target.contains("/") { disk.put(.directory, at: samplePath("h")) }
                disk.rename(samplePath("d"), to: samplePath(target))
            }
            world.settle()
            world.connect(0, 1)
            finish(&world, seed)
            #expect(world.devices[0].disk.entries.keys.filter { "\($0)".contains("f4") }.count == 1, "seed \(seed)")
        }
    }

    // MARK: At the receiver

    /// The rename keeps the inodes of all that is in it, whatever order things happen in.
    @Test func itIsOneRename() {
        var carried = 0
        for seed in 0..<16 as Range<UInt64> {
            var world = world(seed, 2)
            let before = world.devices[1].disk.entries.filter { $0.key.isBelow(samplePath("d")) }
                .map(\.value.state.inode).sorted()
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            finish(&world, seed)
            carried += world.devices[1].carried
            let after = world.devices[1].disk.entries.filter { $0.key.isBelow(samplePath("e")) }
                .map(\.value.state.inode).sorted()
            if world.devices[1].carried > 0 { #expect(before == after, "seed \(seed)") }
        }
        #expect(carried > 6, "\(carried)")
    }

    /// The process ends at any point, or power fails and takes the rename back: nobody takes what is found for an edit.
    @Test(arguments: 0..<40 as Range<Int>) func aCrashWithinIt(steps: Int) {
        for power in [false, true] {
            var world = world(UInt64(steps % 4), 2)
            let (first, second) = (world.devices[0].index.status.nextEdit, world.devices[1].index.status.nextEdit)
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            for _ in 0..<(steps * 6) { _ = world.step() }
            world.crash(1, powerFails: power)
            world.start(1, restarted: power)
            world.connectAll()
            finish(&world, UInt64(steps))
            // What small batches tell one after the other may be moved file by file, with edits that follow.
            let isEdited = world.devices[1].index.status.nextEdit != second
            #expect(!isEdited || world.devices[1].carried == 0, "\(steps) \(power)")
            #expect(world.devices[0].index.status.nextEdit > first, "\(steps) \(power)")
            #expect(world.devices[0].disk.history.isEmpty && world.devices[1].disk.history.isEmpty, "\(steps) \(power)")
        }
    }

    /// What a person does in it meanwhile is an edit at the new place, and not a conflict.
    @Test(arguments: 0..<40 as Range<Int>) func whatIsEditedInItMeanwhileGoesAlong(steps: Int) {
        var world = world(UInt64(steps % 4), 2)
        world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
        for _ in 0..<(steps * 6) { _ = world.step() }
        world.edit(1) { disk, _ in
            let place = disk[samplePath("d/1/f4")] == nil ? "e" : "d"
            disk.put(simulatedFile(200), at: samplePath("\(place)/1/f4"))
            disk.put(simulatedFile(201), at: samplePath("\(place)/1/new"))
            disk.remove(samplePath("\(place)/2/f5"))
        }
        finish(&world, UInt64(steps))
        for device in world.devices {
            #expect(device.disk[samplePath("e/1/f4")]?.content == simulatedFile(200), "\(steps)")
            #expect(device.disk[samplePath("e/1/new")]?.content == simulatedFile(201), "\(steps)")
            #expect(device.disk[samplePath("d")] == nil, "\(steps)")
        }
    }

    /// What is not synced goes along; so does what nobody has looked at.
    @Test(arguments: seeds) func whatNobodyLookedAtGoesAlong(seed: UInt64) {
        var world = world(seed, 2)
        world.devices[1].disk.put(simulatedFile(300), at: samplePath("d/0/unseen"))
        world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
        finish(&world, seed)
        for device in world.devices where world.devices[1].carried > 0 {
            #expect(device.disk[samplePath("e/0/unseen")]?.content == simulatedFile(300), "seed \(seed)")
        }
    }
}
