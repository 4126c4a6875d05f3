import ModelFolder
import SimulatedFolder
import SyncCore
import SyncEngine
import SyncModel
import Testing

/// What a device announces is a whole tree, and who hears of it waits for the whole: but neither of them for ever.
@Suite struct WholeTreeTests {
    private let directory = samplePath("c")
    private let file = samplePath("c/f")

    /// More than may be held in memory lies in a directory that is told of last: none of it can be placed before.
    @Test(arguments: 0..<4 as Range<UInt64>, [false, true])
    func aDirectoryIsHeardOfAfterMoreThanMemoryHolds(seed: UInt64, isDeletedThere: Bool) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        if isDeletedThere {
            world.connectAll()
            for isThere in [true, false] {
                world.edit(0) { disk, _ in isThere ? disk.put(.directory, at: directory) : disk.remove(directory) }
                world.settle()
            }
            world.disconnect(0, 1)
        }
        world.edit(0) { disk, _ in
            for number in 0..<640 as Range<UInt64> {
                let content = FileContent(size: UInt64(Limits.inlineBytes), hash: ContentHash(sampleBytes(number)))
                disk.put(.file(content), at: samplePath("c/\(number)"))
            }
        }
        world.settle()
        world.edit(0) { disk, _ in disk.change(directory, mode: 0o700) }
        world.settle()
        world.connectAll()
        world.settle(limit: 200_000)
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        #expect(world.devices[1].disk.entries.count == 641, "seed \(seed)")
    }

    /// A tree that looks torn each time is as it looks, also where a conflict's copy is to be looked up.
    @Test(arguments: 0..<10 as Range<UInt64>) func aTreeThatStaysTornIsTaken(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.settle()
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: file) }
        world.settle()
        // What the first one has is known at the second, and stands there not yet.
        world.interference.outcomes = 1_000
        world.connectAll()
        while world.devices[1].index.needs[file] == nil, world.step() {}
        // So many looks in a row that were all on their way before any was answered: what stands in no directory is
        // held back sixty times.
        for _ in 0..<61 { world.glimpse(1, of: simulatedFile(5), at: file, begun: .max) }
        while world.devices[1].index.rows[file] == nil, world.step() {}
        #expect(world.devices[1].index.rows[file]?.record.content == simulatedFile(5), "seed \(seed)")
    }

    /// A directory that looks each time like a file is one, and what was in it is gone whether it was looked at or not:
    /// whoever hears of the file would take what is not deleted for alive. More may have been in one than is loaded.
    @Test(arguments: 0..<5 as Range<UInt64>, [1, 1_100])
    func directoriesEndWithAllThatWasInThem(seed: UInt64, count: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        let other = samplePath("d")
        world.startAll()
        world.settle()
        world.edit(0) { disk, _ in
            for number in 0..<count { disk.put(simulatedFile(8), at: samplePath("c/s/\(number)")) }
            disk.put(simulatedFile(8), at: samplePath("d/f"))
        }
        world.tell(0, .setBudget(.off))
        world.settle(limit: 100_000)
        for _ in 0..<8 { world.glimpse(0, of: simulatedFile(5), at: directory, other, begun: .max) }
        func rows() -> [RelativePath: IndexRow] { world.devices[0].index.rows }
        while rows()[directory]?.record.content == .directory, world.step() {
            let live = rows().values.filter { !$0.record.isDeleted }
            let torn = live.filter { row in
                row.record.path.parent.map { rows()[$0]?.record.content != .directory } ?? false
            }
            guard torn.isEmpty else {
                Issue.record("seed \(seed): \(torn.count) of \(live.count) entries without a directory")
                return
            }
        }
        for path in [directory, other] { #expect(rows()[path]?.record.content == simulatedFile(5), "seed \(seed)") }
        #expect(rows().values.filter { !$0.record.isDeleted }.count == 2, "seed \(seed)")
    }

    /// A look at a directory is older than one at what is in it: the directory is looked at again.
    @Test(arguments: 0..<10 as Range<UInt64>) func aDirectoryThatWasSeenToHoldSomethingSinceWaits(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.settle()
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: file) }
        world.settle()
        for _ in 0..<6 { world.glimpse(0, of: simulatedFile(5), at: directory, begun: .max) }
        world.settle()
        let before = world.now
        world.glimpse(0, of: simulatedFile(9), at: file, begun: .max)
        world.settle()
        world.glimpse(0, of: simulatedFile(5), at: directory, begun: before)
        while world.step() {
            #expect(world.devices[0].index.rows[directory]?.record.content == .directory, "seed \(seed)")
            #expect(world.devices[0].index.rows[file]?.record.isDeleted == false, "seed \(seed)")
        }
    }

    /// An entry whose directory can't be observed is not read again for that.
    @Test(arguments: 0..<10 as Range<UInt64>) func whatLiesInAnUnreadableDirectoryIsTaken(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.settle()
        world.trace = []
        world.glimpse(0, of: simulatedFile(8), at: file, unobserved: [directory])
        while world.devices[0].index.rows[file] == nil, world.step() {}
        #expect(world.devices[0].index.rows[file] != nil, "seed \(seed)")
        #expect(world.trace?.contains { $0.contains("-> read") } == false, "seed \(seed)")
    }

    /// A member that is connected and can't open its folder has nothing to tell: others don't wait for it.
    @Test(arguments: 0..<20 as Range<UInt64>) func whoCanNotOpenTheFolderIsNotWaitedFor(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 3)
        for device in 0..<2 { world.start(device) }
        world.connect(0, 1)
        world.edit(0) { disk, _ in disk.put(.directory, at: directory) }
        world.settle()
        world.disconnect(0, 1)
        world.edit(0) { disk, _ in disk.remove(directory) }
        world.edit(1) { disk, _ in disk.put(simulatedFile(8), at: file) }
        world.settle()
        for device in 0..<2 { world.tell(device, .memberConnected(world.devices[2].id)) }
        world.connect(0, 1)
        world.settle()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        for device in world.devices[..<2] {
            #expect(device.machine?.isSettled == true, "seed \(seed): \(device.name)")
            #expect(device.disk[file]?.content == simulatedFile(8), "seed \(seed): \(device.name)")
        }
    }
}
