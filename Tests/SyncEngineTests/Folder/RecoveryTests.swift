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
