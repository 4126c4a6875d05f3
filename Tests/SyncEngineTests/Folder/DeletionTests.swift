import ModelFolder
import SimulatedFolder
import SyncCore
import SyncModel
import Testing
import WireProtocol

@testable import SyncEngine

/// The deletion budget (rule 15) of ten files, at the device that deletes and at those that hear of it.
@Suite struct DeletionTests {
    static let seeds = 0..<6 as Range<UInt64>

    func path(_ number: Int) -> RelativePath { samplePath("f\(number)") }

    /// Devices in a row that hold the same 40 files. Those in `unbound` hold nothing back.
    func world(_ seed: UInt64, _ count: Int, unbound: Set<Int> = []) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.budget = DeletionBudget(threshold: .files(10))
        world.startAll()
        for device in 1..<count { world.connect(device - 1, device) }
        for device in unbound { world.tell(device, .setBudget(.off)) }
        world.edit(0) { disk, _ in
            for number in 0..<40 { disk.put(simulatedFile(UInt64(100 + number)), at: path(number)) }
        }
        world.settle()
        return world
    }

    func delete(_ numbers: Range<Int>, _ device: Int, _ world: inout SimulatedWorld, settling: Bool = true) {
        world.edit(device) { disk, _ in for number in numbers { disk.remove(path(number)) } }
        if settling { world.settle() }
    }

    func held(_ world: SimulatedWorld) -> [UInt64] {
        world.devices.map { $0.machine?.status.heldDeletions ?? 0 }
    }

    func files(_ world: SimulatedWorld) -> [Int] { world.devices.map(\.disk.entries.count) }

    func finish(_ world: inout SimulatedWorld, _ seed: UInt64, files: Int) {
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        #expect(self.files(world).allSatisfy { $0 == files }, "seed \(seed): \(self.files(world))")
    }

    // MARK: Where files are deleted

    /// Ten within one batch that has to be decided on twice are ten.
    @Test(arguments: seeds) func aBatchIsCountedOnce(seed: UInt64) {
        var world = world(seed, 2)
        world.disconnect(0, 1)
        world.edit(0) { disk, _ in disk.put(simulatedFile(10), at: path(39)) }
        world.settle()
        // The new content is known at the second device, and can't be had.
        world.interference.fetches = 1_000
        world.connect(0, 1)
        while world.devices[1].index.needs[path(39)] == nil, world.step() {}
        world.disconnect(0, 1)
        world.crash(1)
        world.edit(1) { disk, _ in
            disk.put(simulatedFile(17), at: path(39))
            for number in 0..<5 { disk.remove(path(number)) }
        }
        world.start(1)
        rest(&world)
        for (numbers, count) in [(0..<0, 0), (5..<10, 0), (10..<11, 1)] {
            delete(numbers, 1, &world, settling: false)
            rest(&world)
            #expect(held(world)[1] == UInt64(count), "seed \(seed)")
        }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
    }

    /// Lets everything happen that can happen now: nothing is tried again later.
    private func rest(_ world: inout SimulatedWorld) {
        for _ in 0..<5_000 where !world.step() { return }
    }

    @Test(arguments: seeds) func whileSomeAreHeldEveryFurtherOneIs(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<6, 0, &world)
        #expect(files(world) == [34, 34], "seed \(seed)")
        delete(6..<12, 0, &world)
        // What fits the rest of the budget goes by batches; the rest waits.
        let first = held(world)[0]
        #expect(first > 0 && first <= 6, "seed \(seed)")
        delete(12..<13, 0, &world)
        world.tell(0, .rescan)
        world.settle()
        #expect(held(world) == [first + 1, 0], "seed \(seed)")
        #expect(files(world)[1] == 27 + Int(first) + 1, "seed \(seed)")
        world.tell(0, .release)
        finish(&world, seed, files: 27)
    }

    @Test(arguments: seeds) func aReleaseCoversWhatIsHeldThen(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<11, 0, &world)
        world.tell(0, .release)
        world.settle()
        #expect(files(world) == [29, 29], "seed \(seed)")
        delete(11..<33, 0, &world)
        #expect(held(world)[0] > 0, "seed \(seed)")
        #expect(files(world)[1] > 7, "seed \(seed)")
        world.tell(0, .release)
        finish(&world, seed, files: 7)
    }

    @Test(arguments: seeds) func aRestartLetsNothingThrough(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        let (before, kept) = (held(world)[0], files(world)[1])
        #expect(before >= 15, "seed \(seed)")
        for _ in 0..<3 {
            world.crash(0)
            world.start(0)
            world.connect(0, 1)
            world.settle()
            #expect(held(world)[0] == before, "seed \(seed)")
            #expect(files(world)[1] == kept, "seed \(seed)")
            #expect(world.devices[0].machine?.activity == .held, "seed \(seed)")
        }
        world.tell(0, .discard)
        finish(&world, seed, files: kept)
    }

    @Test(arguments: seeds) func aFileMadeAnewIsHeldNoMore(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        let before = held(world)[0]
        let gone = (0..<25).filter { world.devices[1].disk[path($0)] != nil }
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(8), at: path(gone[0]))
            disk.put(simulatedFile(UInt64(100 + gone[1])), at: path(gone[1]))
        }
        world.settle()
        #expect(held(world)[0] == before - 2, "seed \(seed)")
        #expect(world.devices[1].disk[path(gone[0])]?.content == simulatedFile(8), "seed \(seed)")
        // With the last one that comes back the question ends.
        world.edit(0) { disk, _ in
            for number in gone.dropFirst(2) { disk.put(simulatedFile(UInt64(200 + number)), at: path(number)) }
        }
        finish(&world, seed, files: 40 - 25 + gone.count)
    }

    /// What others say of the path meanwhile is not forgotten.
    @Test(arguments: seeds) func anEditOfOthersBringsAHeldDeletionBack(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        let before = held(world)[0]
        let gone = (0..<25).filter { world.devices[1].disk[path($0)] != nil }
        world.edit(1) { disk, _ in
            disk.put(simulatedFile(8), at: path(gone[0]))
            disk.change(path(gone[1]), mode: 0o600)
        }
        world.settle()
        #expect(held(world)[0] == before - 1, "seed \(seed)")
        #expect(world.devices[0].disk[path(gone[0])]?.content == simulatedFile(8), "seed \(seed)")
        world.tell(0, .discard)
        finish(&world, seed, files: 15 + gone.count)
        #expect(world.devices[0].disk[path(gone[1])]?.state.mode == 0o600, "seed \(seed)")
    }

    /// The last directory goes with what was in it, and comes back with it.
    @Test(arguments: seeds, [false, true]) func directoriesWaitWithTheirFiles(seed: UInt64, isMeant: Bool) {
        var world = world(seed, 3)
        world.edit(0) { disk, _ in
            for number in 0..<12 { disk.put(simulatedFile(UInt64(300 + number)), at: samplePath("d/e/g\(number)")) }
            disk.put(.directory, at: samplePath("d/empty"))
            disk.put(.symlink(target: [65]), at: samplePath("d/link"))
        }
        delete(0..<10, 0, &world)
        world.edit(0) { disk, _ in disk.remove(samplePath("d")) }
        world.settle()
        // Four are no files.
        #expect(held(world)[0] == 16, "seed \(seed)")
        world.tell(0, isMeant ? .release : .discard)
        finish(&world, seed, files: isMeant ? 30 : 46)
    }

    /// What went out of a directory and is found elsewhere was moved; moves are never held.
    @Test(arguments: seeds) func movesAreNotHeld(seed: UInt64) {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        let before = held(world)
        world.edit(0) { disk, _ in for number in 25..<40 { disk.rename(path(number), to: samplePath("m\(number)")) } }
        world.settle()
        #expect(held(world) == before, "seed \(seed)")
        #expect(world.devices[1].disk[samplePath("m30")] != nil, "seed \(seed)")
        world.tell(0, .release)
        finish(&world, seed, files: 15)
    }

    /// What no member ever had can't come back: a person is asked once more, and nothing is deleted meanwhile.
    @Test(arguments: seeds) func whatNobodyHasIsAskedAboutAgain(seed: UInt64) {
        var world = world(seed, 2)
        world.disconnect(0, 1)
        let new = (0..<15).map { samplePath("n\($0)") }
        world.edit(0) { disk, _ in
            for (number, path) in new.enumerated() { disk.put(simulatedFile(UInt64(400 + number)), at: path) }
        }
        world.settle()
        world.edit(0) { disk, _ in for path in new { disk.remove(path) } }
        world.settle()
        let before = held(world)[0]
        #expect(before > 0, "seed \(seed)")
        world.tell(0, .discard)
        rest(&world)
        #expect(held(world)[0] == 0, "seed \(seed)")
        world.connect(0, 1)
        world.settle(asking: false)
        while held(world)[0] < before, world.allFailures.isEmpty, world.step() {}
        #expect(held(world)[0] == before, "seed \(seed)")
        world.tell(0, .release)
        finish(&world, seed, files: 40)
    }

    // MARK: Where others hear of it

    @Test(arguments: seeds) func aReceiverHoldsAndCounts(seed: UInt64) {
        var world = world(seed, 2, unbound: [0])
        delete(0..<25, 0, &world)
        let before = held(world)
        #expect(before[0] == 0 && before[1] >= 15, "seed \(seed)")
        delete(25..<26, 0, &world)
        #expect(held(world) == [0, before[1] + 1], "seed \(seed)")
        #expect(files(world)[1] == 14 + Int(before[1]) + 1, "seed \(seed)")
        // A restart there changes nothing.
        for _ in 0..<2 {
            world.crash(1)
            world.start(1)
            world.connect(0, 1)
            world.settle()
            #expect(held(world) == [0, before[1] + 1], "seed \(seed)")
            #expect(files(world)[1] == 14 + Int(before[1]) + 1, "seed \(seed)")
        }
        world.tell(1, .release)
        finish(&world, seed, files: 14)
    }

    @Test(arguments: seeds) func discardAtAReceiverKeepsTheFilesEverywhere(seed: UInt64) {
        var world = world(seed, 3, unbound: [0])
        delete(0..<25, 0, &world)
        world.tell(1, .discard)
        world.settle()
        // The third may have held what the second let through.
        if held(world)[2] > 0 { world.tell(2, .discard) }
        world.settle()
        let kept = files(world)[1]
        #expect(kept >= 30, "seed \(seed)")
        finish(&world, seed, files: kept)
        // Also for one that comes later, whatever it hears first.
        world.crash(2)
        world.start(2)
        world.connect(1, 2)
        finish(&world, seed, files: kept)
    }

    @Test(arguments: seeds) func aHeldFileThatIsEditedThereStays(seed: UInt64) {
        var world = world(seed, 2, unbound: [0])
        delete(0..<25, 0, &world)
        let before = held(world)[1]
        let kept = (0..<25).filter { world.devices[1].disk[path($0)] != nil }
        world.edit(1) { disk, _ in
            disk.put(simulatedFile(8), at: path(kept[0]))
            // Not an edit: the deletion waits still.
            disk.change(path(kept[1]), mode: 0o600)
            // His own deletion of what is held waits with it.
            disk.remove(path(kept[2]))
        }
        world.settle()
        #expect(held(world)[1] == before - 1, "seed \(seed)")
        #expect(world.devices[0].disk[path(kept[0])]?.content == simulatedFile(8), "seed \(seed)")
        #expect(world.devices[1].disk[path(kept[1])] != nil, "seed \(seed)")
        world.tell(1, .release)
        finish(&world, seed, files: 16)
    }

    // MARK: A release travels

    /// What is deleted here as well, while another's deletion of it is held, is not kept by a discard.
    @Test(arguments: seeds, [false, true]) func aHeldFileThatIsDeletedThereIsGone(seed: UInt64, isMeant: Bool) {
        var world = world(seed, 2, unbound: [0])
        delete(0..<25, 0, &world)
        let kept = (0..<25).filter { world.devices[1].disk[path($0)] != nil }
        world.edit(1) { disk, _ in for number in kept.prefix(3) { disk.remove(path(number)) } }
        world.settle()
        world.tell(1, isMeant ? .release : .discard)
        finish(&world, seed, files: isMeant ? 15 : 15 + kept.count - 3)
        #expect(held(world) == [0, 0], "seed \(seed)")
    }

    @Test(arguments: seeds, [0, 1, 2]) func aReleaseAtOneSideIsEnough(seed: UInt64, side: Int) {
        var world = world(seed, 3, unbound: [0])
        delete(0..<25, 0, &world)
        #expect(held(world)[1] > 0, "seed \(seed)")
        world.tell(side == 2 ? 1 : side, .release)
        finish(&world, seed, files: 15)
        #expect(held(world) == [0, 0, 0], "seed \(seed)")
    }

    /// Whoever was away, or down, hears of it when it opens the folder.
    @Test(arguments: seeds) func aReleaseIsShownToWhoWasAway(seed: UInt64) {
        var world = world(seed, 3, unbound: [0])
        world.disconnect(1, 2)
        delete(0..<25, 0, &world)
        world.tell(0, .release)
        world.settle()
        #expect(files(world) == [15, 15, 40], "seed \(seed)")
        world.crash(1)
        world.start(1)
        world.settle()
        world.connect(1, 2)
        world.connect(0, 1)
        finish(&world, seed, files: 15)
        // Nobody has to hear of it any more, or it goes with the next one.
        #expect(world.devices.allSatisfy { $0.index.releases.count <= 1 }, "seed \(seed)")
    }

    @Test(arguments: seeds) func whatBothHoldIsReleasedAtEither(seed: UInt64) {
        var world = world(seed, 2)
        world.disconnect(0, 1)
        delete(0..<15, 0, &world)
        delete(20..<35, 1, &world)
        world.connect(0, 1)
        world.settle()
        for device in 0..<2 { world.tell(device, .release) }
        world.settle()
        finish(&world, seed, files: 10)
    }

    /// A release that nobody may give changes nothing.
    @Test(arguments: seeds) func onlyMembersThatWriteReleaseAndNotWithoutBound(seed: UInt64) {
        var world = world(seed, 2, unbound: [0])
        delete(0..<25, 0, &world)
        let before = held(world)
        let (zero, one) = (world.devices[0], world.devices[1])
        let author = Author(device: zero.id, epoch: zero.index.epoch)
        let last = zero.index.status.nextEdit - 1
        func release(
            _ author: Author, _ upTo: UInt64, _ signer: DeviceID, _ folder: FolderID = SimulatedWorld.folder
        ) -> DeletionRelease {
            DeletionRelease(
                folder: folder, author: author, upTo: upTo, signer: signer, signerKey: [], signature: [])
        }
        let own = Author(device: one.id, epoch: one.index.epoch)
        let refused = [
            release(author, last, sampleDevice(77)),
            release(Author(device: sampleDevice(77), epoch: author.epoch), 9, zero.id),
            release(author, Limits.counter, zero.id), release(author, last + Limits.releaseReach + 1, zero.id),
            release(own, one.index.status.nextEdit, zero.id), release(author, last, zero.id, FolderID(high: 1, low: 1)),
        ]
        for release in refused {
            #expect(world.devices[1].machine?.isOfUse(release) == false, "\(release)")
            world.tell(1, .message(zero.id, .deletionRelease(release)))
        }
        world.settle()
        #expect(held(world) == before, "seed \(seed)")
        // One of a member that may no longer write neither.
        let members = SimulatedDevice.members(2)
        world.tell(
            1, .membersChanged([FolderMember(device: zero.id, role: .readOnly, name: "d0"), members[1]]))
        world.tell(1, .message(zero.id, .deletionRelease(release(author, last, zero.id))))
        world.settle()
        #expect(held(world) == before, "seed \(seed)")
        world.tell(1, .membersChanged(members))
        // A smaller one lets its part through, what is left waits.
        world.tell(1, .message(zero.id, .deletionRelease(release(author, last - 12, zero.id))))
        world.settle()
        #expect(held(world)[1] > 0 && held(world)[1] < before[1], "seed \(seed)")
        world.tell(1, .message(zero.id, .deletionRelease(release(author, last, zero.id))))
        finish(&world, seed, files: 15)
    }

    /// Rule 15's other side: releases go before all else, but not without end.
    @Test(arguments: seeds) func whoSignsWithoutEndKeepsNothingElseFromBeingDone(seed: UInt64) {
        var world = world(seed, 2)
        let (zero, new) = (world.devices[0], samplePath("new"))
        let author = Author(device: zero.id, epoch: zero.index.epoch)
        let last = zero.index.status.nextEdit - 1
        world.edit(1) { disk, _ in disk.put(simulatedFile(7), at: new) }
        var signed: UInt64 = 0
        while world.devices[1].index.rows[new] == nil, signed < 2_000 {
            signed += 1
            let release = DeletionRelease(
                folder: SimulatedWorld.folder, author: author, upTo: last + signed, signer: zero.id, signerKey: [],
                signature: [])
            world.tell(1, .message(zero.id, .deletionRelease(release)))
            _ = world.step()
        }
        #expect(signed < 2_000, "seed \(seed)")
        finish(&world, seed, files: 41)
    }

    /// What could not be put down is not asked about.
    @Test(arguments: seeds) func aQuestionEndsWithTheCommitThatFailed(seed: UInt64) throws {
        var world = world(seed, 2)
        world.disconnect(0, 1)
        world.interference.commits = 1_000
        delete(0..<25, 0, &world, settling: false)
        while world.devices[0].machine?.status.hold?.cause != .index, world.step() {}
        let machine = try #require(world.devices[0].machine)
        #expect(machine.status.hold?.cause == .index && !machine.asksAboutDeletions, "seed \(seed)")
        world.interference.commits = 0
        world.connect(0, 1)
        world.settle()
        #expect(held(world)[0] > 0, "seed \(seed)")
        world.tell(0, .release)
        finish(&world, seed, files: 15)
    }

    // MARK: Other reasons to wait

    /// Rule 9: what a person is asked about does not hide that another index goes by this identity.
    @Test(arguments: seeds) func aQuestionDoesNotHideACopyOfTheIndex(seed: UInt64) throws {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        #expect(held(world)[0] > 0, "seed \(seed)")
        let (zero, one) = (world.devices[0].index, world.devices[1])
        let mark = LogMark(sequence: zero.status.mark.sequence, hash: .zero)
        world.tell(
            0,
            .message(
                one.id,
                .folderState(
                    FolderState(
                        folder: SimulatedWorld.folder, activity: .active, epoch: one.index.epoch,
                        head: one.index.status.mark.sequence, mark: one.index.status.mark,
                        frontier: one.index.status.frontier, rootDigest: nil, tombstoneDigest: nil, needFiles: 0,
                        needBytes: 0, scannedGeneration: 1, unflushed: false,
                        position: LogPosition(
                            epoch: zero.epoch, received: mark.sequence, applied: mark.sequence, mark: mark)))))
        rest(&world)
        #expect(try #require(world.devices[0].machine).status.hold?.cause == .identity, "seed \(seed)")
    }
}
