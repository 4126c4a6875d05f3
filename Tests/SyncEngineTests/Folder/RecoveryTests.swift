import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// What a user wrote where a wave was about to work, or had just worked, when the agent or the machine went down: it is
/// an edit like any other. Only what a loss of power left of a wave is none (rule 12).
@Suite struct RecoveryTests {
    private let path = samplePath("f")
    private let edit = simulatedFile(9)

    /// When the second device goes down.
    enum Cut: CaseIterable {
        case intended
        case unflushed
    }

    /// What the first device did.
    enum Change: CaseIterable {
        case made
        case edited
        case deleted
    }

    /// A change of metadata leaves the content as it was: that it is there does not show that the step was done.
    @Test(arguments: 0..<60) func aCrashWithinAChangeOfModeIsMended(steps: Int) {
        var world = SimulatedWorld(seed: UInt64(steps), count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in
            disk.put(simulatedFile(1), at: samplePath("d/f"))
            disk.put(simulatedFile(2), at: samplePath("g"))
        }
        world.settle()
        world.edit(0) { disk, _ in
            for path in ["d", "d/f", "g"] { disk.change(samplePath(path), mode: 0o700) }
        }
        for _ in 0..<steps { _ = world.step() }
        world.crash(1)
        world.start(1)
        world.connectAll()
        world.settle()
        world.checkQuiet()
        #expect(world.allFailures.isEmpty, "\(steps) steps")
        for path in ["d/f", "g"] {
            #expect(world.devices[1].disk.entries[samplePath(path)]?.state.mode == 0o700, "\(path), \(steps) steps")
        }
    }

    /// What was changed of what is not known to be flushed yet, and noticed, stays changed.
    @Test func whatWasNoticedOfAnUnflushedFileStays() {
        var reached = 0
        for seed in 0..<40 as Range<UInt64> {
            var world = goingDown(seed, .made, .unflushed)
            world.edit(1) { disk, _ in disk.change(path, mode: 0o700) }
            while world.devices[1].index.rows[path]?.record.mode?.value.bits != 0o700, world.step() {}
            if world.devices[1].index.needs[path]?.state != .unflushed { continue }
            reached += 1
            world.crash(1)
            world.start(1, restarted: seed.isMultiple(of: 2))
            finish(&world, keeping: simulatedFile(8), "seed \(seed)")
            for device in world.devices {
                #expect(device.disk[path]?.state.mode == 0o700, "seed \(seed): \(device.name)")
            }
        }
        #expect(reached > 0)
    }

    @Test(arguments: Change.allCases, Cut.allCases)
    func whatAUserWroteAfterTheStartOfTheMachineIsAnEdit(change: Change, cut: Cut) {
        for seed in 0..<8 as Range<UInt64> {
            var world = goingDown(seed, change, cut)
            world.crash(1)
            world.edit(1) { disk, _ in disk.put(edit, at: path) }
            world.start(1, restarted: true)
            finish(&world, keeping: edit, "\(change) \(cut) seed \(seed)")
        }
    }

    @Test(arguments: Change.allCases, Cut.allCases)
    func whatAUserWroteBeforeTheMachineWentDownIsAnEdit(change: Change, cut: Cut) {
        for seed in 0..<8 as Range<UInt64> {
            var world = goingDown(seed, change, cut)
            world.edit(1) { disk, _ in disk.put(edit, at: path) }
            world.crash(1)
            world.start(1, restarted: true)
            finish(&world, keeping: edit, "\(change) \(cut) seed \(seed)")
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func whatALossOfPowerToreIsFetchedAgain(seed: UInt64) {
        var world = goingDown(seed, .made, .unflushed)
        world.crash(1, powerFails: true)
        world.start(1, restarted: true)
        finish(&world, keeping: simulatedFile(8), "seed \(seed)")
        #expect(world.devices[1].disk.entries.count == 1, "seed \(seed)")
    }

    /// Where a loss of power took a file away, somebody makes something else: he may never have seen the file, which is
    /// not replaced by that anywhere.
    @Test(arguments: [simulatedFile(9), .directory])
    func whatIsMadeWhereALossOfPowerTookAFileReplacesNothing(made: Content) {
        var reached = 0
        for seed in 0..<24 as Range<UInt64> {
            var world = goingDown(seed, .made, .unflushed)
            world.crash(1, powerFails: true)
            if world.devices[1].disk[path] != nil { continue }
            reached += 1
            world.edit(1) { disk, _ in disk.put(made, at: path) }
            world.start(1, restarted: true)
            finish(&world, keeping: simulatedFile(8), "seed \(seed)")
            #expect(world.devices[0].disk.entries.values.contains { $0.content == made }, "seed \(seed)")
        }
        #expect(reached > 2)
    }

    /// What can't be removed yet, because a program has it open, is no edit either.
    @Test(arguments: 0..<8 as Range<UInt64>) func whatALossOfPowerToreWaitsUntilItIsClosed(seed: UInt64) {
        var world = goingDown(seed, .made, .unflushed)
        world.crash(1, powerFails: true)
        world.interference.isOpen = true
        world.start(1, restarted: true)
        for _ in 0..<40 { _ = world.step() }
        if seed.isMultiple(of: 2) {
            world.crash(1)
            world.start(1)
            for _ in 0..<40 { _ = world.step() }
        }
        world.interference.isOpen = false
        finish(&world, keeping: simulatedFile(8), "seed \(seed)")
        #expect(world.devices[1].disk.entries.count == 1, "seed \(seed)")
    }

    /// Whoever ends before all is mended has it before it still.
    @Test(arguments: 0..<16)
    func whatALossOfPowerToreIsFetchedAgainAfterOneMoreEnd(steps: Int) {
        for seed in 0..<8 as Range<UInt64> {
            var world = goingDown(seed, .made, .unflushed)
            world.crash(1, powerFails: true)
            world.start(1, restarted: true)
            for _ in 0..<steps { _ = world.step() }
            world.crash(1)
            world.start(1)
            finish(&world, keeping: simulatedFile(8), "\(steps) steps, seed \(seed)")
            #expect(world.devices[1].disk.entries.count == 1, "\(steps) steps, seed \(seed)")
        }
    }

    /// Whatever a loss of power takes back of waves, nobody made it so: what was announced is what stands there again.
    @Test(arguments: 0..<240 as Range<UInt64>) func whatALossOfPowerTookBackIsNobodysEdit(seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        world.edit(0) { disk, _ in
            for (number, path) in ["a", "b/c", "b/d/e", "f/g", "h/i", "j/k"].enumerated() {
                disk.put(simulatedFile(UInt64(number)), at: samplePath(path))
            }
            for path in ["l", "m", "n/o"] { disk.put(.symlink(target: Array("a".utf8)), at: samplePath(path)) }
        }
        world.settle()
        world.edit(0) { disk, user in
            for _ in 0..<6 { Self.change(&disk, &user) }
        }
        let expected = world.devices[0].disk
        for _ in 0..<Int(seed % 40) * 4 { _ = world.step() }
        world.crash(1, powerFails: true)
        world.start(1, restarted: true)
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "seed \(seed)")
        for device in world.devices {
            #expect(device.disk.differences(from: expected) == [], "seed \(seed): \(device.name)")
        }
    }

    private static func change(_ disk: inout ModelDisk, _ user: inout ModelUser) {
        let paths = disk.entries.keys.sorted()
        guard !paths.isEmpty else { return }
        let path = paths[user.number(paths.count)]
        switch user.number(8) {
        case 0: disk.change(path, mode: 0o700)
        case 1: disk.change(path, modified: Timestamp(seconds: 77, nanoseconds: UInt32(user.number(1_000))))
        case 2: disk.setAttribute(Array("user.x".utf8), Array("\(user.number(100))".utf8), at: path)
        case 3: disk.remove(path)
        case 4: disk.rename(path, to: samplePath("z\(user.number(100))"))
        case 5: disk.put(.directory, at: path)
        case 6: disk.put(.symlink(target: Array("b/\(user.number(9))".utf8)), at: path)
        default: disk.put(simulatedFile(100 + UInt64(user.number(100))), at: path)
        }
    }

    /// The second device at the moment when it is to go down: it has heard of the first's change.
    private func goingDown(_ seed: UInt64, _ change: Change, _ cut: Cut) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: 2)
        world.startAll()
        world.connectAll()
        if change != .made { world.edit(0) { disk, _ in disk.put(simulatedFile(1), at: path) } }
        world.settle()
        world.edit(0) { disk, _ in
            if change == .deleted { disk.remove(path) } else { disk.put(simulatedFile(8), at: path) }
        }
        let state: NeedState = cut == .intended ? .applying : .unflushed
        while world.devices[1].index.needs[path]?.state != state, world.step() {}
        #expect(world.devices[1].index.needs[path]?.state == state, "\(change) \(cut) seed \(seed)")
        return world
    }

    private func finish(_ world: inout SimulatedWorld, keeping content: Content, _ text: String) {
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "\(text)")
        for device in world.devices {
            #expect(device.disk.entries.values.contains { $0.content == content }, "\(text): \(device.name)")
        }
    }
}
