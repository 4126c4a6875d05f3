import ModelFolder
package import SimulatedFolder

/// What happens on an ordinary day: from a common tree, a few edits, with a link that comes and goes. Short, so that
/// very many can be run.
package struct OrdinaryHistory: SimulatedHistory {
    package var world: SimulatedWorld
    package var script = TurnScript()
    /// Who edits; nil if everybody does.
    private let editor: Int?
    /// Whether the only edit is one rename.
    private let isRename: Bool

    package init(seed: UInt64) {
        world = CommonTree.world(seed: seed)
        world.user.sharedContents = 5
        editor = seed % 3 == 0 ? Int(seed / 6) % world.devices.count : nil
        isRename = seed % 6 == 0
    }

    package mutating func runOut() -> [String] {
        for _ in 0...world.user.number(4) {
            guard script.begin(&world.user) else { continue }
            let count = world.devices.count
            let (first, second) = (world.user.number(count), world.user.number(count))
            switch world.user.number(6) {
            case 0: world.disconnect(first, second)
            case 1: world.connect(first, second)
            default: edit(editor ?? first)
            }
            for _ in 0..<world.user.number(30) { if !world.step() { break } }
        }
        _ = script.begin(&world.user, isTurn: false)
        let made = editor.map { world.devices[$0].disk }
        world.connectAll()
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        if world.allFailures.isEmpty, let made { world.checkLoneUser(made: made) }
        if isRename, world.allFailures.isEmpty { world.checkRename() }
        return world.allFailures
    }

    private mutating func edit(_ device: Int) {
        guard isRename else { return world.edit(device) { disk, user in user.edit(&disk) } }
        if (world.incidents[.edits] ?? 0) > 0 { return }
        world.edit(device) { disk, user in
            let paths = disk.entries.keys.sorted()
            disk.rename(paths[user.number(paths.count)], to: user.path())
        }
    }
}
