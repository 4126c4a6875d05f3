import ModelFolder
import SimulatedFolder
import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// What ends a question about deletions, and what does not.
extension DeletionTests {
    /// What a member changed meanwhile keeps a file from being asked about no longer than it is gone.
    @Test(arguments: seeds, [false, true]) func whatComesBackIsHeldNoMore(seed: UInt64, isChangedThere: Bool) {
        var world = world(seed, 2)
        delete(0..<25, 0, &world)
        let gone = (0..<25).filter { world.devices[1].disk[path($0)] != nil }
        #expect(held(world) == [UInt64(gone.count), 0], "seed \(seed)")
        if isChangedThere {
            world.edit(1) { disk, _ in for number in gone { disk.change(path(number), mode: 0o600) } }
            world.settle()
            #expect(held(world) == [UInt64(gone.count), 0], "seed \(seed)")
        }
        world.edit(0) { disk, _ in
            for number in gone { disk.put(simulatedFile(UInt64(100 + number)), at: path(number)) }
        }
        world.settle()
        #expect(held(world) == [0, 0], "seed \(seed)")
        // There is nothing to release any more.
        world.tell(0, .release)
        finish(&world, seed, files: 15 + gone.count)
    }

    /// A release of something else, after the hour, is no answer to what is held.
    @Test(arguments: seeds, [0, 1]) func whatNobodyReleasedStaysHeld(seed: UInt64, holder: Int) {
        var world = world(seed, 2, unbound: holder == 1 ? [0] : [])
        delete(0..<8, 0, &world)
        delete(8..<16, 0, &world)
        let before = held(world)
        #expect(before[holder] > 0 && before[holder] <= 8, "seed \(seed)")
        world.now += 2 * 3_600_000_000_000
        let other = world.devices[1 - holder]
        let release = DeletionRelease(
            folder: SimulatedWorld.folder, author: Author(device: other.id, epoch: IndexEpoch(4_242_424)), upTo: 1,
            signer: other.id, signerKey: [], signature: [])
        world.tell(holder, .message(other.id, .deletionRelease(release)))
        world.settle()
        #expect(held(world) == before, "seed \(seed)")
        #expect(world.allFailures.isEmpty, "seed \(seed)")
    }

    /// Whoever is no member any more lets nothing through.
    @Test(arguments: seeds) func aReleaseOfWhoWasRemovedMeanwhileIsNoAnswer(seed: UInt64) {
        var world = world(seed, 3, unbound: [0])
        let author = Author(device: world.devices[0].id, epoch: world.devices[0].index.epoch)
        let signer = world.devices[2].id
        let release = DeletionRelease(
            folder: SimulatedWorld.folder, author: author, upTo: 1_000, signer: signer, signerKey: [], signature: [])
        world.tell(1, .message(signer, .deletionRelease(release)))
        world.settle()
        world.disconnect(1, 2)
        world.tell(1, .membersChanged(Array(SimulatedDevice.members(2))))
        world.settle()
        delete(0..<25, 0, &world)
        #expect(held(world)[1] > 0, "seed \(seed)")
    }

    /// However many releases a member makes up, those of people here and of other members still count.
    @Test(arguments: [UInt64(3)]) func madeUpReleasesLeaveRoomForOthers(seed: UInt64) {
        var world = world(seed, 2)
        let (zero, one) = (world.devices[0], world.devices[1])
        for epoch in 0..<UInt64(2 * Limits.members) {
            let release = DeletionRelease(
                folder: SimulatedWorld.folder, author: Author(device: one.id, epoch: IndexEpoch(epoch + 5_000_000)),
                upTo: 1, signer: one.id, signerKey: [], signature: [])
            world.tell(0, .message(one.id, .deletionRelease(release)))
        }
        world.settle()
        #expect(world.devices[0].index.releases.count < Limits.members / 2)
        delete(0..<25, 0, &world)
        #expect(held(world)[0] > 0)
        // Nor does the signer's word count longer than its membership.
        world.tell(0, .release)
        finish(&world, seed, files: 15)
        world.tell(0, .membersChanged([FolderMember(device: zero.id, role: .readWrite, name: "d0")]))
        world.disconnect(0, 1)
        world.settle()
        #expect(world.devices[0].index.releases.values.allSatisfy { $0.signer == zero.id })
    }
}
