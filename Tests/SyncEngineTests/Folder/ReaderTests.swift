import ModelFolder
import SimulatedFolder
import SyncCore
import SyncEngine
import SyncModel
import Testing

/// A device that may only read: d2, beside d0 and d1.
@Suite struct ReaderTests {
    private func start(_ files: [String], seed: UInt64 = 1) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.setRole(.readOnly, of: 2)
        world.edit(0) { disk, _ in
            for (number, path) in files.enumerated() {
                if let parent = samplePath(path).parent, disk[parent] == nil { disk.put(.directory, at: parent) }
                disk.put(simulatedFile(UInt64(number) + 1), at: samplePath(path))
            }
        }
        world.startAll()
        world.connectAll()
        world.settle()
        world.checkQuiet()
        return world
    }

    private func put(_ world: inout SimulatedWorld, _ device: Int, _ path: String, _ content: Content?) {
        world.edit(device) { disk, _ in
            if let content { disk.put(content, at: samplePath(path)) } else { disk.remove(samplePath(path)) }
        }
    }

    private func settle(_ world: inout SimulatedWorld) {
        world.settle()
        world.checkQuiet()
    }

    private func local(_ world: SimulatedWorld) -> [String: LocalDifference] {
        var found: [String: LocalDifference] = [:]
        for row in world.devices[2].index.rows.values {
            if let difference = LocalRow.difference(row) { found["\(row.record.path)"] = difference }
        }
        return found
    }

    @Test func whatAReaderChangesIsTakenBackAndKeptInHistory() {
        var world = start(["a", "b", "d/c"])
        put(&world, 2, "a", simulatedFile(70))
        put(&world, 2, "b", nil)
        put(&world, 2, "new", simulatedFile(71))
        settle(&world)
        #expect(local(world) == ["a": .edited, "b": .deleted, "new": .added])
        world.crash(2)
        world.start(2)
        world.connectAll()
        settle(&world)
        #expect(local(world).count == 3)
        world.tell(2, .revert([samplePath("a")]))
        settle(&world)
        #expect(local(world) == ["b": .deleted, "new": .added])
        world.tell(2, .revert([]))
        settle(&world)
        #expect(local(world).isEmpty && world.allFailures.isEmpty, "\(world.allFailures)")
        for number in [70, 71] as [UInt64] {
            #expect(world.devices[2].disk.history.contains(simulatedFile(number)))
        }
    }

    /// What others make of the path is known and counted, and stays away from what was made there.
    @Test func othersGoOnWithoutIt() {
        var world = start(["a", "b", "d/c"])
        put(&world, 2, "a", simulatedFile(70))
        put(&world, 2, "d/mine", simulatedFile(71))
        settle(&world)
        put(&world, 0, "a", simulatedFile(80))
        put(&world, 1, "d/c", nil)
        put(&world, 1, "d", nil)
        settle(&world)
        #expect(local(world) == ["a": .edited, "d": .added, "d/mine": .added])
        #expect(world.devices[2].disk[samplePath("a")]?.content == simulatedFile(70))
        world.tell(2, .revert([]))
        settle(&world)
        #expect(local(world).isEmpty && world.devices[2].disk[samplePath("d")] == nil)
        #expect(world.allFailures.isEmpty, "\(world.allFailures)")
    }

    /// What is new below a directory that was deleted here has no place, and is waited for by nobody.
    @Test func whatHasNoPlaceComesWithItsDirectory() {
        var world = start(["d/c"])
        put(&world, 2, "d/c", nil)
        put(&world, 2, "d", nil)
        settle(&world)
        put(&world, 0, "d/x", simulatedFile(80))
        settle(&world)
        #expect(local(world) == ["d": .deleted, "d/c": .deleted, "d/x": .missing])
        world.tell(2, .revert([samplePath("d/x")]))
        settle(&world)
        #expect(local(world) == ["d/c": .deleted])
        world.tell(2, .revert([samplePath("d")]))
        settle(&world)
        #expect(local(world).isEmpty && world.allFailures.isEmpty, "\(world.allFailures)")
    }

    /// Who may announce again tells what was made: an edit like any other, and a conflict where others went on.
    @Test func whatWasLocalIsToldOnceItMayBe() {
        var world = start(["a", "b", "c"])
        put(&world, 2, "a", simulatedFile(70))
        put(&world, 2, "b", simulatedFile(71))
        put(&world, 2, "c", nil)
        put(&world, 2, "new", simulatedFile(72))
        settle(&world)
        put(&world, 0, "b", simulatedFile(80))
        settle(&world)
        world.setRole(.readWrite, of: 2)
        settle(&world)
        #expect(world.allFailures.isEmpty, "\(world.allFailures)")
        let contents = world.devices[0].disk.entries.mapValues(\.content)
        #expect(contents[samplePath("a")] == simulatedFile(70) && contents[samplePath("new")] == simulatedFile(72))
        #expect(contents[samplePath("c")] == nil && world.copies.count == 1)
        #expect(Set(contents.values).isSuperset(of: [simulatedFile(71), simulatedFile(80)]))
    }

    /// A directory's move that others tell by its ends is made of what is agreed, not of what was changed here.
    @Test func aMoveOfADirectoryIsOfWhatIsAgreed() {
        for seed in 0..<8 as Range<UInt64> {
            var world = start((0..<9).map { "d/f\($0)" }, seed: seed)
            put(&world, 2, "d/f1", simulatedFile(70))
            put(&world, 2, "d/f2", nil)
            put(&world, 2, "d/mine", simulatedFile(71))
            settle(&world)
            world.edit(0) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
            settle(&world)
            let disk = world.devices[2].disk
            #expect(disk[samplePath("e/f0")] != nil && disk[samplePath("d/f0")] == nil, "seed \(seed)")
            #expect(disk[samplePath("d/f1")]?.content == simulatedFile(70), "seed \(seed)")
            #expect(local(world) == ["d": .added, "d/f1": .added, "d/mine": .added], "seed \(seed)")
            world.tell(2, .revert([]))
            settle(&world)
            #expect(local(world).isEmpty && world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        }
    }

    /// A deletion that exceeds the budget is asked about when it may be told, not before.
    @Test func theBudgetHoldsForWhatIsTold() {
        var world = SimulatedWorld(seed: 3, count: 3)
        world.budget = DeletionBudget(threshold: .files(1))
        world.setRole(.readOnly, of: 2)
        world.edit(0) { disk, _ in
            for number in 1...4 as ClosedRange<UInt64> { disk.put(simulatedFile(number), at: samplePath("f\(number)")) }
        }
        world.startAll()
        world.connectAll()
        world.settle()
        for number in 1...4 { put(&world, 2, "f\(number)", nil) }
        settle(&world)
        #expect(local(world).count == 4)
        world.setRole(.readWrite, of: 2)
        world.settle()
        #expect(world.devices[2].machine?.status.heldDeletions == 4)
        #expect(world.devices[0].disk.entries.count == 4)
        // Nobody is asked any more once it may tell nothing again.
        world.setRole(.readOnly, of: 2)
        settle(&world)
        #expect(local(world).values.filter { $0 == .deleted }.count == 4)
        #expect(world.allFailures.isEmpty, "\(world.allFailures)")
    }

    /// What was told before stays what it is.
    @Test func whatWasToldStays() {
        var world = start(["a"])
        world.setRole(.readWrite, of: 2)
        put(&world, 2, "a", simulatedFile(70))
        settle(&world)
        world.setRole(.readOnly, of: 2)
        put(&world, 2, "a", simulatedFile(71))
        world.settle()
        #expect(local(world) == ["a": .edited])
        #expect(world.devices[0].disk[samplePath("a")]?.content == simulatedFile(70))
        #expect(world.devices[0].index.digest == world.devices[2].index.digest)
    }
}
