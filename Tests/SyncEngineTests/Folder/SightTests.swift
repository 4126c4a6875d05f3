import ModelFolder
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing

/// What was seen of the disk, and when: it is put down once, never after something later, and never passed over.
@Suite struct SightTests {
    private let path = samplePath("c")

    /// What was read before a scan began is not put down behind it: where the entry went meanwhile, the scan has passed
    /// a path that has neither an entry nor a row.
    @Test(arguments: 0..<60 as Range<UInt64>) func aScanBeginsAfterWhatWasSeenBeforeIsPutDown(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.settle()
        world.trace = []
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: path) }
        while world.trace?.last?.contains("load [c]") == false, world.step() {}
        // The watcher loses what it has to tell of this.
        world.devices[0].disk.remove(path)
        world.tell(0, .watched([.rescan(nil)]))
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// Whoever asks whether all is in sync is not told so while a path is being looked at.
    @Test(arguments: 0..<20 as Range<UInt64>) func whatIsBeingLookedAtIsNotSettled(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.settle()
        world.trace = []
        world.devices[0].disk.put(simulatedFile(8), at: path)
        world.tell(0, .watched([.changed(path)]))
        while world.trace?.contains(where: { $0.contains("-> read") }) == false, world.step() {}
        repeat {
            if world.devices[0].index.rows[path] != nil { break }
            #expect(world.devices[0].machine?.isSettled == false, "seed \(seed)")
        } while world.step()
        #expect(world.devices[0].index.rows[path] != nil, "seed \(seed)")
    }

    /// A step that is refused has changed nothing: what was read before it still holds, and is not read again.
    @Test(arguments: 0..<60 as Range<UInt64>) func aRefusedStepLeavesWhatWasReadBefore(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        // Written anew with what it holds: no step finds the entry that it expects before this is seen.
        world.devices[1].disk.put(simulatedFile(1), at: path)
        world.trace = []
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: path) }
        while world.trace?.contains(where: { $0.contains("d1 -> execute") }) == false, world.step() {}
        world.tell(1, .watched([.changed(path)]))
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        // One that was told, one after the refusal, and one more where that comes behind the step that is done then.
        let reads = world.trace?.filter { $0.contains("d1 -> read") && $0.contains("path: c,") }.count ?? 0
        #expect(reads <= 3, "seed \(seed): \(reads) reads")
    }

    /// What a wave does is told like everybody's changes. It is looked at when the index has it: then its stat is the
    /// row's, and nothing is read.
    @Test(arguments: 0..<20 as Range<UInt64>) func whatAWaveIsAtIsLookedAtAfterIt(seed: UInt64) throws {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        world.settle()
        world.trace = []
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        let (told, looked) = ("d1 -> execute", "d1 -> read")
        while world.trace?.contains(where: { $0.contains(told) }) == false, world.step() {}
        world.tell(1, .watched([.changed(path)]))
        while world.devices[1].index.rows[path] == nil, world.step() {
            #expect(world.trace?.contains { $0.contains(looked) } == false, "seed \(seed)")
        }
        #expect(world.devices[1].machine?.isSettled == false)
        world.settle()
        world.checkQuiet()
        #expect(world.trace?.contains { $0.contains(looked) && $0.contains("path: c,") } == true, "seed \(seed)")
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// A look at a directory that came too late shows nothing by its times: they change with all that comes into it,
    /// and while waves last, every look comes too late.
    @Test(arguments: 0..<10 as Range<UInt64>) func aDirectoryIsNotReadAgainForItsTimes(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        let directory = samplePath("d")
        world.startAll()
        world.edit(0) { disk, _ in disk.put(.directory, at: directory) }
        world.settle()
        for mode in [nil, 0o700] as [UInt16?] {
            world.devices[0].disk.change(directory, mode: mode)
            world.trace = []
            world.glimpse(0, of: .directory, at: directory, begun: 0)
            world.settle()
            let reads = world.trace?.filter { $0.contains("d0 -> read") && $0.contains("path: d,") }.count
            #expect(reads == (mode == nil ? 0 : 1), "seed \(seed)")
        }
        #expect(world.devices[0].index.rows[directory]?.record.mode?.value == FileMode(0o700))
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// A walk that came by while a file was being written tells of it after the look at what was written: it rests.
    @Test(arguments: 0..<10 as Range<UInt64>) func whatWasChangingBeforeALaterLookIsNoProblem(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(1), at: path)
            disk.put(simulatedFile(2), at: samplePath("d"))
        }
        world.settle()
        for (begun, count) in [(0, 0), (world.now, 1)] {
            world.glimpse(
                0, of: simulatedFile(2), at: samplePath("d"), begun: begun, unobserved: [path], because: .keepsChanging)
            world.settle()
            #expect(world.devices[0].machine?.status.problems.count == count, "seed \(seed)")
        }
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// What comes too late again and again is not read without a pause.
    @Test(arguments: 0..<10 as Range<UInt64>) func whatComesTooLateIsReadLaterAndLater(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        world.trace = []
        let began = world.now
        for _ in 0..<200 {
            world.glimpse(0, of: simulatedFile(2), at: path, begun: 0)
            for _ in 0..<8 { _ = world.step() }
        }
        let reads = world.trace?.filter { $0.contains("d0 -> read") && $0.contains("path: c,") }.count ?? 0
        #expect(reads <= 2 + Int((world.now - began) / 200_000_000), "seed \(seed): \(reads) reads")
        world.settle()
        #expect(world.devices[0].index.rows[path]?.record.content == simulatedFile(1))
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
    }

    /// A notice that comes while its directory is being looked at is of something later.
    @Test(arguments: 0..<40 as Range<UInt64>) func aDirectoryIsLookedAtAgainAfterALaterNotice(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 1)
        world.startAll()
        let file = samplePath("d/f")
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: file) }
        world.settle()
        world.trace = []
        world.tell(0, .watched([.rescan(samplePath("d"))]))
        while world.trace?.contains(where: { $0.contains("-> scan(") }) == false, world.step() {}
        for _ in 0..<(seed % 5) { _ = world.step() }
        world.devices[0].disk.put(simulatedFile(2), at: file)
        world.tell(0, .watched([.rescan(samplePath("d"))]))
        world.settle()
        #expect(world.devices[0].index.rows[file]?.record.content == simulatedFile(2), "seed \(seed)")
    }

    /// Two devices that will find a directory and a file at one path.
    private func apart(_ seed: UInt64) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: samplePath("c/d")) }
        world.edit(1) { disk, _ in disk.put(simulatedFile(3), at: path) }
        world.settle()
        return world
    }

    /// The loser of a conflict stands where it was made, under a stat that no scan has seen: its copy is not given up
    /// as a content that is nowhere.
    @Test(arguments: 0..<20 as Range<UInt64>) func whatWasTouchedUnseenIsNotGivenUp(seed: UInt64) {
        var world = apart(seed)
        world.devices[1].disk.put(simulatedFile(3), at: path)
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        #expect(world.copies.count == 1, "seed \(seed): \(world.copies)")
    }

    /// It was eaten by rot, under the stat that the row has: no look finds a difference, and all goes on without it.
    @Test(arguments: 0..<6 as Range<UInt64>) func whatIsReallyGoneIsGivenUp(seed: UInt64) {
        var world = apart(seed)
        guard case .file(let content) = simulatedFile(3) else { return }
        let rotten = FileContent(size: content.size, hash: ContentHash(sampleBytes(77)))
        world.devices[1].disk.tear(path, to: rotten)
        world.connectAll()
        world.settle()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        for device in world.devices {
            #expect(device.machine?.activity == .idle, "seed \(seed): \(device.name) \(device.index.needs)")
        }
    }

    /// A step that is undone shows its own entry for a moment: who looked just then has seen nothing that a user made.
    @Test(arguments: 0..<10 as Range<UInt64>) func whatAnUndoneStepShowedIsNoSight(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) }
        world.settle()
        world.interference.isUndone = true
        world.trace = []
        world.edit(0) { disk, _ in disk.put(simulatedFile(8), at: path) }
        while world.trace?.contains(where: { $0.contains("d1 -> execute") }) == false, world.step() {}
        world.glimpse(1, of: simulatedFile(8), at: path)
        world.edit(1) { disk, _ in disk.put(simulatedFile(5), at: path) }
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        #expect(world.copies.count == 1, "seed \(seed): \(world.copies)")
    }

    /// The same at a member that does not look at its disk just now: what won over it is not settled meanwhile, or that
    /// member would hear of somebody who has seen its file and replaced it.
    @Test(arguments: 0..<20 as Range<UInt64>) func aWinnerWaitsForWhoDoesNotLook(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 3)
        world.startAll()
        world.edit(0) { disk, _ in disk.put(simulatedFile(3), at: path) }
        world.edit(2) { disk, _ in disk.put(simulatedFile(8), at: samplePath("c/d")) }
        world.settle()
        world.devices[0].disk.put(simulatedFile(3), at: path)
        world.tell(0, .setPaused(true))
        world.settle()
        world.connect(0, 1)
        while world.step() {}
        world.connect(1, 2)
        while world.step() {}
        world.tell(0, .setPaused(false))
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures)")
        #expect(world.copies.count == 1, "seed \(seed): \(world.copies)")
    }

    /// A directory that was gone when a walk came by, and is there again when the walk tells what is gone, is not gone.
    @Test(arguments: 0..<40 as Range<UInt64>) func aDirectoryThatIsMadeAnewIsNotGone(seed: UInt64) {
        for steps in stride(from: 2, to: 60, by: 2) {
            var world = SimulatedWorld(seed: seed, count: 1)
            world.startAll()
            world.edit(0) { disk, _ in disk.put(.directory, at: path) }
            world.settle()
            // Only a walk tells of this, in several batches.
            world.devices[0].disk.remove(path)
            for name in ["d", "e", "f", "g"] { world.devices[0].disk.put(simulatedFile(8), at: samplePath(name)) }
            world.tell(0, .rescan)
            for _ in 0..<steps { _ = world.step() }
            world.edit(0) { disk, _ in disk.put(.directory, at: path) }
            world.settle()
            world.checkQuiet()
            #expect(world.allFailures.isEmpty, "seed \(seed), \(steps) steps: \(world.allFailures)")
        }
    }
}
