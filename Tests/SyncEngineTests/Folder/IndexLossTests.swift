import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// The first of several devices loses its index (rule 8), each case with several seeds.
@Suite struct IndexLossTests {
    typealias Change = @Sendable (inout ModelDisk) -> Void

    private static let path = samplePath("d/small")
    private static let tree: Change = { disk in
        disk.put(simulatedFile(1), at: path)
        disk.put(simulatedFile(3), at: samplePath("d/large"))
        disk.put(simulatedFile(0), at: samplePath("d/empty"))
        disk.put(.symlink(target: [65]), at: samplePath("link"))
        disk.put(.directory, at: samplePath("nothing"))
    }

    private func settled(
        _ seed: UInt64, _ count: Int = 2, by maker: Int, _ interference: Interference = Interference()
    ) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.startAll()
        world.connectAll()
        world.edit(maker) { disk, _ in Self.tree(&disk) }
        world.settle()
        world.interference = interference
        return world
    }

    /// The tree is shared, the first device loses its index, `lost` is done to its disk and `meanwhile` at the second.
    private func loss(_ seed: UInt64, lost: Change = { _ in }, meanwhile: @escaping Change = { _ in }) -> SimulatedWorld
    {
        var world = settled(seed, by: Int(seed % 2))
        world.loseIndex(0)
        world.edit(0) { disk, _ in lost(&disk) }
        world.edit(1) { disk, _ in meanwhile(&disk) }
        if seed.isMultiple(of: 3) { world.settle() }
        return world
    }

    private func finish(_ world: SimulatedWorld, copies: Int = 0, _ seed: UInt64) -> SimulatedWorld {
        var world = world
        for index in world.devices.indices where !world.devices[index].isUp { world.start(index) }
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        #expect(world.copies.count == copies, "seed \(seed): \(world.copies)")
        for device in world.devices {
            #expect(device.index.rows.values.allSatisfy { $0.standing == .agreed }, "seed \(seed)")
        }
        return world
    }

    /// What stands in the way of found entries waits for the rest of the member's log, with more than may be held in
    /// memory.
    @Test func moreThanIsHeldWaitsForTheRestOfALog() {
        var world = SimulatedWorld(seed: 1, count: 2)
        func put(_ device: Int, _ first: UInt64) {
            world.edit(device) { disk, _ in
                for number in first..<first + 1_500 {
                    let content = FileContent(size: 20_000, hash: ContentHash(sampleBytes(number)))
                    disk.put(.file(content), at: samplePath("\(number - first)"))
                }
            }
        }
        world.startAll()
        world.connectAll()
        put(0, 10_000)
        world.settle(limit: 200_000)
        world.loseIndex(0)
        put(1, 20_000)
        world.settle(limit: 200_000)
        world.start(0)
        world.connectAll()
        world.settle(limit: 200_000)
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.map { $0.prefix(200) }.isEmpty)
        #expect(world.copies.isEmpty)
    }

    /// What a member said of an earlier index counts for nothing: it must acknowledge the new one.
    @Test(arguments: 0..<24 as Range<UInt64>) func theNewLogIsAcknowledgedFromItsBeginning(seed: UInt64) {
        var world = settled(seed, by: 0)
        for number in 20..<40 as Range<UInt64> {
            world.edit(0) { disk, _ in disk.put(simulatedFile(number), at: Self.path) }
            world.settle()
        }
        // The new log is shorter than what was acknowledged of the old one.
        world.loseIndex(0)
        world.start(0)
        world.connect(0, 1)
        // It commits something before it hears of the new index.
        world.edit(1) { disk, _ in disk.put(simulatedFile(41), at: samplePath("other")) }
        world = finish(world, seed)
        let head = world.devices[0].index.mark.sequence
        #expect(world.devices[0].acknowledged[world.devices[1].id] == head, "seed \(seed)")
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func nothingChanged(seed: UInt64) {
        let before = settled(seed, by: Int(seed % 2)).devices[1].disk.entries.keys.sorted()
        let world = finish(loss(seed), seed)
        #expect(world.devices[0].disk.entries.keys.sorted() == before)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatWasChangedMeanwhileIsTaken(seed: UInt64) {
        let world = finish(
            loss(
                seed,
                meanwhile: { disk in
                    disk.put(simulatedFile(9), at: Self.path)
                    disk.put(simulatedFile(10), at: samplePath("d/large"))
                    disk.put(simulatedFile(11), at: samplePath("d/empty"))
                }), seed)
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(9))
        #expect(world.devices[0].disk.history.contains(simulatedFile(1)))
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatWasDeletedMeanwhileGoes(seed: UInt64) {
        let world = finish(loss(seed, meanwhile: { $0.remove(samplePath("d")) }), seed)
        #expect(world.devices[0].disk.entries.keys.sorted() == [samplePath("link"), samplePath("nothing")])
        #expect(world.devices[0].disk.history.contains(simulatedFile(1)))
    }

    /// Of links, a trace is kept like of contents.
    @Test(arguments: 0..<24 as Range<UInt64>) func aLinkThatWasDeletedOrChangedMeanwhileIsTaken(seed: UInt64) {
        let link = samplePath("link")
        let change: Change =
            switch seed % 3 {
            case 0: { $0.remove(link) }
            case 1: { $0.put(.symlink(target: [66]), at: link) }
            default: { $0.put(simulatedFile(9), at: link) }
            }
        let world = finish(loss(seed, meanwhile: change), seed)
        #expect(world.devices[0].disk[link]?.content == world.devices[1].disk[link]?.content)
        #expect(world.devices[1].disk[link]?.content != .symlink(target: [65]), "seed \(seed)")
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func aLinkThatNobodyKnewOutlivesADeletion(seed: UInt64) {
        let link = samplePath("link")
        let world = finish(
            loss(seed, lost: { $0.put(.symlink(target: [67]), at: link) }, meanwhile: { $0.remove(link) }), seed)
        for device in world.devices {
            #expect(device.disk[link]?.content == .symlink(target: [67]), "seed \(seed)")
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatWasRenamedMeanwhileIsNotThereTwice(seed: UInt64) {
        let world = finish(loss(seed, meanwhile: { $0.rename(samplePath("d"), to: samplePath("e")) }), seed)
        #expect(world.devices[0].disk[samplePath("e/large")]?.content == simulatedFile(3))
        #expect(world.devices[0].disk[samplePath("d")] == nil)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatNobodyKnewBecomesAConflictCopy(seed: UInt64) {
        let world = finish(
            loss(
                seed, lost: { $0.put(simulatedFile(8), at: Self.path) },
                meanwhile: { $0.put(simulatedFile(9), at: Self.path) }), copies: 1, seed)
        #expect(world.devices[1].disk[Self.path] != nil)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatNobodyKnewOutlivesADeletion(seed: UInt64) {
        let world = finish(
            loss(
                seed,
                lost: { disk in
                    disk.put(simulatedFile(8), at: Self.path)
                    disk.put(simulatedFile(5), at: samplePath("d/new"))
                    // It has the content of another file, which says nothing of this path.
                    disk.put(simulatedFile(3), at: samplePath("d/empty"))
                }, meanwhile: { $0.remove(samplePath("d")) }), seed)
        for device in world.devices {
            #expect(device.disk[Self.path]?.content == simulatedFile(8), "seed \(seed)")
            #expect(device.disk[samplePath("d/new")]?.content == simulatedFile(5), "seed \(seed)")
            #expect(device.disk[samplePath("d/empty")]?.content == simulatedFile(3), "seed \(seed)")
            #expect(device.disk[samplePath("d/large")] == nil, "seed \(seed)")
        }
    }

    /// The deletion at the old path comes with the need of the new one.
    @Test(arguments: 0..<24 as Range<UInt64>) func whatNobodyKnewOutlivesARename(seed: UInt64) {
        let world = finish(
            loss(
                seed, lost: { $0.put(simulatedFile(8), at: Self.path) },
                meanwhile: { $0.rename(Self.path, to: samplePath("d/zzz")) }), seed)
        for device in world.devices {
            #expect(device.disk[Self.path]?.content == simulatedFile(8), "seed \(seed)")
            #expect(device.disk[samplePath("d/zzz")]?.content == simulatedFile(1), "seed \(seed)")
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatIsGoneComesBack(seed: UInt64) {
        let world = finish(loss(seed, lost: { $0.remove(samplePath("d")) }), seed)
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(1))
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func anOlderStateOfTheDiskGivesWay(seed: UInt64) {
        var world = settled(seed, by: 0)
        // Told by the device itself before its index was lost: it must be told of it again.
        world.edit(0) { disk, _ in disk.put(simulatedFile(9), at: Self.path) }
        world.settle()
        world.loseIndex(0)
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: Self.path) }
        world = finish(world, seed)
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(9))
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func oneOfManyThatKnowsIsEnough(seed: UInt64) {
        var world = settled(seed, 4, by: Int(seed % 4))
        world.loseIndex(0)
        world.edit(1) { disk, _ in disk.put(simulatedFile(9), at: Self.path) }
        world.settle()
        // What these held, they forget, too.
        world.loseIndex(2)
        world.start(2)
        world.connect(1, 2)
        world.settle()
        world.devices[3].witness = .failing
        world = finish(world, seed)
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(9))
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func silenceDecidesNothing(seed: UInt64) {
        var world = loss(seed, meanwhile: { $0.remove(Self.path) })
        // The deletion is in the log: else what is the same is adopted first.
        world.settle()
        world.devices[1].witness = seed.isMultiple(of: 2) ? .silent : .failing
        world.start(0)
        world.connectAll()
        world.settle()
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(1))
        #expect(world.devices[1].disk[Self.path] == nil)
        #expect(world.devices[0].index.rows[Self.path]?.standing == .found)
        #expect(world.devices[0].machine?.status.problems.count == 1)
        world.devices[1].witness = .honest
        world.disconnect(0, 1)
        world = finish(world, seed)
        #expect(world.devices[0].disk[Self.path] == nil)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func withoutMembersNothingIsNew(seed: UInt64) {
        var world = loss(seed)
        world.start(0)
        world.settle()
        #expect(world.devices[0].index.rows[Self.path]?.standing == .found)
        #expect(world.devices[0].machine?.activity == .idle)
        #expect(world.devices[0].machine?.status.problems.count == 1)
        // What a person does now is an edit.
        world.edit(0) { disk, _ in disk.put(simulatedFile(12), at: Self.path) }
        world.settle()
        #expect(world.devices[0].index.rows[Self.path]?.standing == .agreed)
        world = finish(world, copies: 1, seed)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func aloneEverythingIsNew(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.edit(0) { disk, _ in Self.tree(&disk) }
        world.settle()
        world.loseIndex(0)
        world = finish(world, seed)
    }

    /// Nobody had its content when its author lost the index and the file: nobody may wait for it.
    @Test(arguments: 0..<24 as Range<UInt64>) func whatOnlyALostIndexToldOfIsNotNeeded(seed: UInt64) {
        var world = settled(seed, by: 0)
        world.interference.fetches = 1_000
        world.edit(0) { disk, _ in disk.put(simulatedFile(17), at: samplePath("never")) }
        for _ in 0..<400 where !world.step() { break }
        world.loseIndex(0)
        world.edit(0) { disk, _ in disk.remove(samplePath("never")) }
        world.interference = Interference()
        world = finish(world, seed)
        #expect(world.devices[1].disk[samplePath("never")] == nil)
    }

    /// A member may say that it knew what it never held; history has the bytes all the same.
    @Test(arguments: 0..<24 as Range<UInt64>) func aLieCostsNoContent(seed: UInt64) {
        var world = loss(
            seed, lost: { $0.put(simulatedFile(8), at: Self.path) }, meanwhile: { $0.remove(Self.path) })
        world.devices[1].witness = .affirming
        world.start(0)
        world.connectAll()
        world.settle()
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        #expect(world.devices[0].disk[Self.path] == nil && world.devices[0].disk.history.contains(simulatedFile(8)))
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func aCrashInBetweenChangesNothing(seed: UInt64) {
        var world = loss(
            seed, lost: { $0.put(simulatedFile(8), at: samplePath("new")) },
            meanwhile: { disk in
                disk.put(simulatedFile(9), at: Self.path)
                disk.remove(samplePath("d/large"))
            })
        world.interference = .everything
        for _ in 0..<3 {
            world.start(0)
            world.connectAll()
            for _ in 0..<world.user.number(250) where !world.step() { break }
            world.crash(0)
        }
        world.interference = Interference()
        world = finish(world, seed)
        #expect(world.devices[0].disk[Self.path]?.content == simulatedFile(9), "seed \(seed)")
        #expect(world.devices[1].disk[samplePath("new")]?.content == simulatedFile(8), "seed \(seed)")
        #expect(world.devices[1].disk[samplePath("d/large")] == nil, "seed \(seed)")
    }

    /// What was announced from the lost index, and is put down by a member while the new one asks for its log, is told
    /// back: the new index knows nothing of it.
    @Test(arguments: 0..<60 as Range<UInt64>) func whatTheLostIndexAnnouncedIsToldBack(seed: UInt64) {
        let path = samplePath("made")
        for steps in stride(from: 2, to: 80, by: 2) {
            var world = SimulatedWorld(seed: seed, count: 2)
            world.startAll()
            world.connectAll()
            world.settle()
            world.edit(0) { disk, _ in disk.put(.directory, at: path) }
            while world.devices[1].index.needs[path] == nil, world.step() {}
            world.loseIndex(0)
            world.devices[0].disk.remove(path)
            world.start(0)
            world.connectAll()
            // The second one is busy meanwhile.
            world.interference.outcomes = 1_000
            for _ in 0..<steps { _ = world.step() }
            world.interference.outcomes = 0
            world.settle()
            world.checkQuiet()
            #expect(world.allFailures.isEmpty, "seed \(seed), \(steps) steps: \(world.allFailures)")
        }
    }

    /// The log that a new index reads is cut off, and read on from there: what the lost index had announced is told
    /// also beyond that, by a member that was paused all the time.
    @Test(arguments: 0..<40 as Range<UInt64>) func whatTheLostIndexAnnouncedIsToldBehindACut(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        let paths = (0..<12).map { samplePath("f\($0)") }
        world.edit(0) { disk, _ in
            for (number, path) in paths.enumerated() { disk.put(simulatedFile(UInt64(40 + number)), at: path) }
        }
        world.settle()
        world.tell(1, .setPaused(true))
        world.loseIndex(0)
        for path in paths { world.devices[0].disk.remove(path) }
        world.start(0)
        world.connectAll()
        let other = world.devices[1].id
        while world.devices[0].index.peers[other]?.receivedSequence ?? 0 == 0, world.step() {}
        world.disconnect(0, 1)
        for _ in 0..<200 where world.step() {}
        world.connectAll()
        world.tell(1, .setPaused(false))
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        for path in paths { #expect(world.devices[0].disk[path] != nil, "seed \(seed): \(path)") }
    }
}
