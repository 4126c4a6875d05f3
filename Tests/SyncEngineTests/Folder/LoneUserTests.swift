import ModelFolder
import SimulatedFolder
import Testing

/// What one device does while nobody else does anything, no other one undoes: in the end the tree is what it made, with
/// its directories and without conflict copies.
@Suite struct LoneUserTests {
    /// Quickly, so that looks at the disk come in the midst of it.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func nobodyUndoesWhatOneDoesAlone(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = LoneUser(seed: seed)
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }
}

/// One of two or three connected devices is used.
struct LoneUser {
    var world: SimulatedWorld

    init(seed: UInt64) { world = SimulatedWorld(seed: seed, count: 2 + Int(seed % 2)) }

    /// What is wrong in the end: laws that were broken, and where a disk differs from what was made on the first. An
    /// attribute of an earlier entry of the path may come back (the architecture page, "What is not there yet").
    mutating func runOut() -> [String] {
        world.startAll()
        world.connectAll()
        for _ in 0..<40 {
            world.edit(0) { disk, user in
                for _ in 0...user.number(3) { user.edit(&disk) }
            }
            for _ in 0..<world.user.number(80) { _ = world.step() }
        }
        let made = world.devices[0].disk
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        let differences = world.devices.flatMap { $0.disk.differences(from: made) }
        return world.allFailures + differences.filter { !$0.hasPrefix("attributes of ") }
    }
}
