import ModelFolder
import SimulatedFolder
import SyncEngine
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
        let seeds = 0..<16 as Range<UInt64>
        for seed in seeds {
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
        // Three moves, each told twice: how many go whole depends on how looks and waves fall between.
        #expect(folded > seeds.count * 6 / 4, "\(folded)")
    }

    /// A walk of the new place may come by before anything is known of the directory there, so that what is in it
    /// waits: with it waits that it is gone from the old place, or that would be told as a deletion.
    @Test(arguments: 0..<200 as Range<UInt64>) func whatWaitsForItsDirectoryIsNotDeletedMeanwhile(seed: UInt64) {
        var world = world(seed, 1)
        world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
        finish(&world, seed)
        for number in 0..<12 {
            let (rows, moved) = (world.devices[0].index.rows, samplePath("e/\(number % 3)/f\(number)"))
            let content = rows[samplePath("d/\(number % 3)/f\(number)")]?.record.content
            #expect(content == .deleted(movedTo: moved), "seed \(seed): \(number)")
        }
    }

    /// Who hears of a move at both its ends knows who told it, and does not tell it back.
    @Test(arguments: seeds) func whatWasMovedIsNotToldBack(seed: UInt64) {
        var world = world(seed, 2)
        world.edit(0) { disk, _ in
            for number in [1, 4, 7] { disk.rename(samplePath("d/1/f\(number)"), to: samplePath("d/g\(number)")) }
        }
        world.settle()
        for number in [1, 4, 7] {
            let row = world.devices[1].index.rows[samplePath("d/g\(number)")]
            #expect(row?.source == world.devices[0].id, "seed \(seed)")
        }
        finish(&world, seed)
    }

    /// What only the receiver has there is not part of the move; nothing is lost, and nothing is in two places.
    @Test func whereSomethingElseStandsRecordsAreAskedFor() {
        var declined = 0
        for seed in 0..<64 as Range<UInt64> {
            var world = world(seed, 2)
            world.disconnect(0, 1)
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            world.edit(1) { disk, _ in
                disk.put(simulatedFile(200), at: samplePath("d/1/f4"))
                disk.put(simulatedFile(201), at: samplePath("d/1/new"))
            }
            world.settle()
            #expect(sawMove(world.devices[0], at: "e/1/f4"), "seed \(seed)")
            world.connect(0, 1)
            finish(&world, seed)
            declined += world.declinedMoves
            for device in world.devices {
                let files = device.disk.entries.keys.filter { "\($0)".contains("f4") || "\($0)".contains("new") }
                #expect(Set(files.map { "\($0)" }) == ["e/1/f4", "e/1/new"], "seed \(seed)")
            }
        }
        // Most are told by records: the watcher's looks find a directory's ends one after the other.
        #expect(declined > 0)
    }

    private func sawMove(_ device: SimulatedDevice, at path: String) -> Bool {
        device.index.rows[samplePath(path)]?.record.movedFrom != nil
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
            #expect(sawMove(world.devices[0], at: "e/1/f4"), "seed \(seed)")
            #expect(sawMove(world.devices[1], at: "\(target)/1/f4"), "seed \(seed)")
            world.connect(0, 1)
            finish(&world, seed)
            #expect(world.devices[0].disk.entries.keys.filter { "\($0)".contains("f4") }.count == 1, "seed \(seed)")
        }
    }
}
