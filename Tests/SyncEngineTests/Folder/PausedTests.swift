import ModelFolder
import SeededRandom
import SimulatedFolder
import SyncEngine
import SyncModel
import Testing
import WireProtocol

/// A folder that is paused, a barrier that is asked for, and a member that is a member no longer.
@Suite struct PausedTests {
    static let seeds = 0..<10 as Range<UInt64>

    private func world(_ seed: UInt64, _ count: Int = 2) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in
            for number in 0..<6 { disk.put(simulatedFile(UInt64(100 + number)), at: TopologyTests.path(number)) }
        }
        world.settle()
        return world
    }

    // MARK: Paused

    /// Whatever others do, nothing changes on the disk of a folder that is paused; then everything is made up for.
    @Test(arguments: seeds, [1, 0]) func aPausedFolderStaysAsItIs(seed: UInt64, device: Int) {
        var world = world(seed)
        world.tell(device, .setPaused(true))
        if seed.isMultiple(of: 2) { world.settle() }
        for _ in 0..<50 where world.step() {}
        let before = world.devices[device].disk.entries
        world.edit(1 - device) { disk, _ in
            disk.put(simulatedFile(200), at: TopologyTests.path(0))
            disk.put(simulatedFile(10), at: samplePath("large"))
            disk.remove(TopologyTests.path(1))
        }
        world.settle()
        #expect(world.devices[device].disk.entries == before, "seed \(seed)")
        #expect(world.devices[device].machine?.activity == .paused)
        // What its own user does meanwhile is his, and told afterwards.
        world.edit(device) { disk, _ in
            disk.put(simulatedFile(300), at: samplePath("own"))
            disk.remove(TopologyTests.path(2))
        }
        world.settle()
        #expect(world.devices[1 - device].disk[samplePath("own")] == nil, "seed \(seed)")
        world.tell(device, .setPaused(false))
        TopologyTests.expectEqual(&world, "seed \(seed)")
        for one in world.devices {
            #expect(one.disk[samplePath("own")]?.content == simulatedFile(300), "seed \(seed), \(one.name)")
            #expect(one.disk[TopologyTests.path(0)]?.content == simulatedFile(200), "seed \(seed), \(one.name)")
            #expect(one.disk[TopologyTests.path(1)] == nil && one.disk[TopologyTests.path(2)] == nil, "seed \(seed)")
        }
    }

    /// Paused and resumed at any moments, over restarts: it is only later.
    @Test(arguments: seeds) func pausesAtAnyMomentOnlyDelay(seed: UInt64) {
        var world = world(seed, 3)
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let device = Int.random(in: 0..<3, using: &random)
            world.edit(device) { disk, _ in
                disk.put(simulatedFile(UInt64(200 + round)), at: samplePath("d\(device)/f\(round % 4)"))
            }
            world.tell(Int.random(in: 0..<3, using: &random), .setPaused(Bool.random(using: &random)))
            for _ in 0..<Int.random(in: 0...80, using: &random) where world.step() {}
            if round == 6 {
                world.crash(device)
                world.start(device)
                world.connectAll()
            }
        }
        for device in 0..<3 { world.tell(device, .setPaused(false)) }
        TopologyTests.expectEqual(&world, "seed \(seed)")
    }

    // MARK: Barriers

    private func ask(_ world: inout SimulatedWorld, _ device: Int, _ token: UInt64, by other: Int = 0) {
        world.tell(
            device,
            .message(
                world.devices[other].id, .barrier(Barrier(folder: SimulatedWorld.folder, token: token))))
    }

    /// A barrier that is reached tells of everything that its device's user had done when it was asked for.
    @Test(arguments: 0..<30 as Range<UInt64>) func aBarrierIsBehindWhatWasDoneBefore(seed: UInt64) throws {
        var world = world(seed)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 0...20, using: &random) where world.step() {}
        world.edit(1) { disk, _ in
            disk.put(simulatedFile(200), at: TopologyTests.path(0))
            disk.put(simulatedFile(10), at: samplePath("large"))
        }
        for _ in 0..<Int.random(in: 0...40, using: &random) where world.step() {}
        ask(&world, 1, 7)
        while world.barrierAnswers.isEmpty, world.step() {}
        world.settle()
        let answer = try #require(world.barrierAnswers.first)
        #expect(world.barrierAnswers.count == 1 && answer.device == 0, "seed \(seed)")
        #expect(answer.answer.token == 7 && answer.answer.reached, "seed \(seed): \(answer.answer.reason)")
        TopologyTests.expectEqual(&world, "seed \(seed)")
        #expect(answer.answer.rootDigest == world.devices[0].index.digest.live, "seed \(seed)")
    }

    /// Each barrier is answered once, however many there are.
    @Test(arguments: seeds) func manyBarriersAreAnsweredEach(seed: UInt64) {
        var world = world(seed)
        for token in 0..<UInt64(Limits.barriers) {
            ask(&world, 1, token)
            for _ in 0..<3 where world.step() {}
        }
        world.settle()
        #expect(world.barrierAnswers.map(\.answer.token).sorted() == Array(0..<UInt64(Limits.barriers)))
        #expect(world.barrierAnswers.allSatisfy { $0.answer.reached }, "seed \(seed)")
    }

    @Test(arguments: seeds) func aPausedFolderRefusesBarriersAtOnce(seed: UInt64) {
        var world = world(seed)
        world.edit(1) { disk, _ in disk.put(simulatedFile(200), at: TopologyTests.path(0)) }
        ask(&world, 1, 1)
        world.tell(1, .setPaused(true))
        ask(&world, 1, 2)
        world.settle()
        let answers = world.barrierAnswers.map(\.answer)
        #expect(Set(answers.map(\.token)) == [1, 2] && answers.count == 2, "seed \(seed)")
        #expect(answers.allSatisfy { !$0.reached && !$0.reason.isEmpty }, "seed \(seed)")
    }

    /// Who asked and is gone gets no answer, also not after it came back: its barriers are of the connection.
    @Test(arguments: seeds) func aBarrierGoesWithItsConnection(seed: UInt64) {
        var world = world(seed)
        world.edit(1) { disk, _ in disk.put(simulatedFile(10), at: samplePath("large")) }
        ask(&world, 1, 9)
        while world.devices[1].machine?.activity == .idle, world.step() {}
        world.disconnect(0, 1)
        for _ in 0..<30 where world.step() {}
        world.connect(0, 1)
        TopologyTests.expectEqual(&world, "seed \(seed)")
        #expect(world.barrierAnswers.isEmpty, "seed \(seed)")
    }

    // MARK: Members

    /// What is told of a member that was removed before its connection ended is not believed.
    @Test(arguments: seeds) func aRemovedMembersEditsAreNotTaken(seed: UInt64) {
        var world = world(seed, 3)
        let left = SimulatedDevice.members(3).filter { $0.device != world.devices[2].id }
        for device in 0..<2 { world.tell(device, .membersChanged(left)) }
        world.settle()
        world.edit(2) { disk, _ in
            disk.put(simulatedFile(200), at: TopologyTests.path(0))
            disk.remove(TopologyTests.path(1))
        }
        world.settle()
        for device in world.devices.prefix(2) {
            #expect(device.disk[TopologyTests.path(0)]?.content == simulatedFile(100), "seed \(seed)")
            #expect(device.disk[TopologyTests.path(1)] != nil, "seed \(seed)")
        }
        world.disconnect(0, 2)
        world.disconnect(1, 2)
        world.edit(0) { disk, _ in disk.put(simulatedFile(300), at: TopologyTests.path(2)) }
        world.settle()
        #expect(world.allFailures.isEmpty, "seed \(seed): \(world.allFailures.prefix(3))")
        #expect(world.devices[1].disk[TopologyTests.path(2)]?.content == simulatedFile(300), "seed \(seed)")
        // Those that are left are done with each other.
        #expect(world.devices.prefix(2).allSatisfy { $0.machine?.activity == .idle }, "seed \(seed)")
    }

    /// People are shown the members that there are.
    @Test func aRemovedMemberIsNotShown() {
        var world = world(1, 3)
        world.tell(0, .membersChanged(SimulatedDevice.members(2)))
        world.disconnect(0, 2)
        world.settle()
        #expect(world.devices[0].machine?.status.members.map(\.member.device) == [world.devices[1].id])
    }

    /// Whoever was removed is told so, and not that it is on its way to what the others have.
    @Test func whoWasRemovedIsToldSo() {
        var world = world(1, 2)
        let members = SimulatedDevice.members(2)
        world.tell(1, .membersChanged([members[0]]))
        world.settle()
        #expect(world.devices[1].machine?.activity == .held)
        #expect(world.devices[1].machine?.status.hold?.cause == .membership)
        world.tell(1, .membersChanged(members))
        world.settle()
        #expect(world.devices[1].machine?.activity == .idle && world.devices[1].machine?.status.hold == nil)
        #expect(world.allFailures.isEmpty, "\(world.allFailures.prefix(3))")
    }

    /// A member that knows more of our log than there is has met another index of this identity: nothing is told or
    /// applied until a person decides.
    @Test(arguments: seeds) func anIndexThatWentBackIsNoticed(seed: UInt64) {
        var world = world(seed)
        var state = WireProtocol.FolderState(
            folder: SimulatedWorld.folder, activity: .active, epoch: world.devices[1].index.epoch,
            head: world.devices[1].index.mark.sequence, mark: world.devices[1].index.mark,
            frontier: VersionVector(), rootDigest: nil, tombstoneDigest: nil, needFiles: 0, needBytes: 0,
            scannedGeneration: 1, unflushed: false, position: nil)
        let own = world.devices[0].index
        let isAhead = seed.isMultiple(of: 2)
        state.position = LogPosition(
            epoch: own.epoch, received: own.mark.sequence + (isAhead ? 1 : 0), applied: 0,
            mark: isAhead ? nil : LogMark(sequence: own.mark.sequence, hash: sampleBytes(99)))
        world.tell(0, .message(world.devices[1].id, .folderState(state)))
        world.settle()
        #expect(world.devices[0].machine?.status.hold?.cause == .identity, "seed \(seed)")
        #expect(world.devices[0].machine?.activity == .held, "seed \(seed)")
        let before = world.devices[0].disk.entries
        world.edit(1) { disk, _ in disk.put(simulatedFile(200), at: TopologyTests.path(0)) }
        world.settle()
        #expect(world.devices[0].disk.entries == before, "seed \(seed)")
        world.edit(0) { disk, _ in disk.put(simulatedFile(300), at: samplePath("own")) }
        world.settle()
        #expect(world.devices[1].disk[samplePath("own")] == nil, "seed \(seed)")
    }
}
