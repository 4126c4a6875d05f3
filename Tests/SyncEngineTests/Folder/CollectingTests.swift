import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// Deletions are remembered until every member has covered them, and forgotten then (rule 7); each case with several
/// seeds.
@Suite struct CollectingTests {
    private static let seeds = 0..<8 as Range<UInt64>
    private let path = samplePath("d/file")

    private func world(_ seed: UInt64, _ count: Int = 3, seconds: Int64 = 0) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.collectionSeconds = seconds
        world.startAll()
        world.connectAll()
        world.edit(Int(seed) % count) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        return world
    }

    private func remove(_ world: inout SimulatedWorld, at index: Int) {
        world.edit(index) { disk, _ in disk.remove(path) }
        world.settle()
    }

    private func remembers(_ world: SimulatedWorld) -> [Bool] {
        world.devices.map { $0.index.rows[path] != nil }
    }

    /// Whether it claims to have covered nothing of its own.
    private func isSilent(_ index: SimulatedIndex) -> Bool {
        index.frontier[Author(device: index.device, epoch: index.epoch)] == 0
    }

    private func check(_ world: inout SimulatedWorld, _ seed: UInt64) {
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
    }

    @Test(arguments: seeds) func whatAllHaveCoveredIsForgotten(seed: UInt64) {
        var world = world(seed)
        remove(&world, at: 1)
        #expect(remembers(world) == [false, false, false], "seed \(seed)")
        check(&world, seed)
        // The name is free, and what is made there is deleted like anything.
        world.edit(2) { disk, _ in disk.put(simulatedFile(2), at: path) }
        world.settle()
        #expect(world.devices.allSatisfy { $0.disk[path]?.content == simulatedFile(2) }, "seed \(seed)")
        remove(&world, at: 0)
        #expect(remembers(world) == [false, false, false], "seed \(seed)")
        check(&world, seed)
    }

    @Test(arguments: seeds) func aCutCountsAfterItsTime(seed: UInt64) {
        var world = world(seed, seconds: Limits.collectionSeconds)
        remove(&world, at: 1)
        #expect(remembers(world) == [true, true, true], "seed \(seed)")
        #expect(world.devices.allSatisfy { $0.index.forgotten == 0 }, "seed \(seed)")
        check(&world, seed)
    }

    /// A member that is away has not covered it: it comes back, and deletes.
    @Test(arguments: seeds) func aMemberThatIsAwayIsWaitedFor(seed: UInt64) throws {
        var world = world(seed)
        world.crash(2)
        remove(&world, at: Int(seed % 2))
        #expect(remembers(world)[0] && remembers(world)[1], "seed \(seed)")
        #expect(try #require(world.devices[0].machine).status.awaited == ["d2"], "seed \(seed)")
        world.start(2)
        world.connectAll()
        world.settle()
        #expect(remembers(world) == [false, false, false], "seed \(seed)")
        #expect(world.devices[2].disk[path] == nil, "seed \(seed)")
        #expect(try #require(world.devices[0].machine).status.awaited.isEmpty, "seed \(seed)")
        check(&world, seed)
    }

    /// Nor has one that nobody of the others has met: they can't know what it has.
    @Test(arguments: seeds) func aMemberThatNobodyMetIsWaitedFor(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.collectionSeconds = 0
        world.startAll()
        world.connect(0, 1)
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        remove(&world, at: Int(seed % 2))
        #expect(remembers(world) == [true, true, false], "seed \(seed)")
        world.connectAll()
        world.settle()
        #expect(remembers(world) == [false, false, false], "seed \(seed)")
        check(&world, seed)
    }

    /// A member that only one of the others knows of yet has not covered it either.
    @Test(arguments: seeds) func aMemberThatJoinedThroughAnotherIsWaitedFor(seed: UInt64) {
        let all = SimulatedDevice.members(3)
        var world = SimulatedWorld(seed: seed, count: 3)
        world.collectionSeconds = 0
        world.startAll()
        for index in 0..<2 { world.tell(index, .membersChanged(Array(all.prefix(2)))) }
        world.connect(0, 1)
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        world.tell(1, .membersChanged(all))
        world.connect(1, 2)
        world.settle()
        world.disconnect(1, 2)
        remove(&world, at: 0)
        #expect(remembers(world) == [true, true, true], "seed \(seed)")
        world.tell(0, .membersChanged(all))
        world.connectAll()
        world.settle()
        #expect(remembers(world) == [false, false, false], "seed \(seed)")
        #expect(world.devices.allSatisfy { $0.disk[path] == nil }, "seed \(seed)")
        check(&world, seed)
    }

    /// A backup brings back files that all have deleted and forgotten, and the index is lost: a member's trace tells
    /// them from what nobody knew.
    @Test(arguments: seeds) func aLostIndexBringsNothingBackAndHidesNothing(seed: UInt64) {
        var world = world(seed)
        let (link, directory, photo) = (samplePath("link"), samplePath("old"), samplePath("d/photo"))
        world.edit(1) { disk, _ in
            disk.put(.symlink(target: [66]), at: link)
            disk.put(.directory, at: directory)
        }
        world.settle()
        remove(&world, at: 1)
        world.edit(1) { disk, _ in
            disk.remove(link)
            disk.remove(directory)
            disk.remove(samplePath("d"))
        }
        world.settle()
        check(&world, seed)
        world.loseIndex(0)
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(1), at: path)
            disk.put(simulatedFile(7), at: photo)
            disk.put(.symlink(target: [66]), at: link)
            disk.put(.directory, at: directory)
        }
        world.start(0)
        world.connectAll()
        world.settle()
        for device in world.devices {
            #expect(device.disk.entries.keys.sorted() == [samplePath("d"), photo], "seed \(seed)")
        }
        #expect(world.devices[0].disk.history.contains(simulatedFile(1)), "seed \(seed)")
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// What a reader has made where others deleted stays, keeps nobody from forgetting, and is told once it may be.
    @Test(arguments: seeds.filter { $0 % 3 != 2 }) func aReadersChangesAreNotWaitedFor(seed: UInt64) {
        var world = world(seed)
        world.setRole(.readOnly, of: 2)
        let (other, gone) = (samplePath("other"), samplePath("gone"))
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(2), at: other)
            disk.put(simulatedFile(3), at: gone)
        }
        world.settle()
        world.edit(2) { disk, _ in
            disk.put(simulatedFile(70), at: path)
            disk.put(simulatedFile(71), at: samplePath("mine"))
            disk.remove(gone)
        }
        world.settle()
        world.edit(1) { disk, _ in
            disk.remove(path)
            disk.remove(gone)
        }
        world.settle()
        check(&world, seed)
        #expect(world.devices.allSatisfy { $0.index.status.tombstones == 0 }, "seed \(seed)")
        #expect(world.devices[2].index.rows[path]?.standing == .local, "seed \(seed)")
        #expect(world.devices[2].index.rows[path]?.agreed == nil, "seed \(seed)")
        #expect(world.devices[2].index.rows[gone] == nil, "seed \(seed)")
        #expect(isSilent(world.devices[2].index), "seed \(seed)")
        world.setRole(.readWrite, of: 2)
        world.settle()
        for device in world.devices {
            #expect(device.disk[path]?.content == simulatedFile(70), "seed \(seed)")
            #expect(device.disk[samplePath("mine")]?.content == simulatedFile(71), "seed \(seed)")
        }
        check(&world, seed)
    }
}
