import ModelFolder
package import SimulatedFolder

/// One of two or three connected devices is used.
package struct LoneUserHistory: SimulatedHistory {
    package var world: SimulatedWorld
    package var script = TurnScript()

    package init(seed: UInt64) {
        world = SimulatedWorld(seed: seed, count: 2 + Int(seed % 2))
        world.interference.addThreads()
    }

    /// What is wrong in the end: laws that were broken, and where a disk differs from what was made on the first.
    package mutating func runOut() -> [String] {
        world.startAll()
        world.connectAll()
        for _ in 0..<40 {
            guard script.begin(&world.user) else { continue }
            world.edit(0) { disk, user in
                for _ in 0...user.number(3) { user.edit(&disk) }
            }
            for _ in 0..<world.user.number(80) { _ = world.step() }
        }
        _ = script.begin(&world.user, isTurn: false)
        let made = world.devices[0].disk
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        world.checkLoneUser(made: made)
        return world.allFailures
    }
}
