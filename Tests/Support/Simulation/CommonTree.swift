import ModelFolder
import SimulatedFolder

/// Devices that have one tree, are connected and at rest: histories that begin so have moves, edits and conflicts from
/// their first turn on. A world is a value, so each is made once.
enum CommonTree {
    /// Worlds of two and of three devices, each with links of another speed.
    private static let worlds: [SimulatedWorld] = (0..<32).map { make(2 + $0 % 2, seed: 1 << 40 + UInt64($0)) }

    /// One of the worlds, from here on drawn from `seed`.
    static func world(seed: UInt64) -> SimulatedWorld {
        let number = Int(seed.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15).low >> 59)
        return worlds[number].drawn(from: seed)
    }

    private static func make(_ count: Int, seed: UInt64) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: count)
        world.edit(0) { disk, user in
            for name in ["a/a", "a/b/a", "b/a", "b/c", "c"] { disk.put(user.content(), at: samplePath(name)) }
        }
        world.startAll()
        world.connectAll()
        world.settle()
        // What is wrong here fails each history that begins so.
        world.checkQuiet()
        return world
    }
}
