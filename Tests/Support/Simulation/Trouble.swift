import ModelFolder
import SimulatedFolder

/// What may happen between the turns of a history, beside edits, links that come and go, and crashes.
package enum Trouble: CaseIterable, Sendable {
    /// A link ends, and only one side notices.
    case halfOpenLinks
    /// Some devices can't reach the others for a while.
    case partitions
    /// Months pass, with some devices down.
    case sleep
    /// Clocks are wrong by hours to days, and go back.
    case clocks
    /// Files that can't be read for a while.
    case unreadableFiles
    /// An index is put back to an older copy of itself.
    case oldIndices
    /// The same, and the folder has lost the mark that would tell.
    case unmarkedIndices
    /// A device is copied to another machine, and one or the other of the two goes on.
    case clones
    /// A member is removed, and is one again.
    case removals

    /// Lets it happen to `world`, or ends what happened before.
    func strike(_ world: inout SimulatedWorld) {
        let count = world.devices.count
        let (first, second) = (world.user.number(count), world.user.number(count))
        switch self {
        case .halfOpenLinks: world.halfOpen(first, second)
        case .partitions:
            if world.user.chance(40) { return world.mend() }
            world.part(Set(world.devices.indices.filter { _ in world.user.chance(50) }))
        case .sleep: Self.sleep(&world)
        case .clocks:
            let days = world.user.chance(30) ? 0 : world.user.number(20) - 10
            world.setClock(first, wrongBy: Int64(days) * 86_400 + Int64(world.user.number(7_200)) - 3_600)
        case .unreadableFiles:
            if world.user.chance(40) { return world.allowReading(first) }
            let paths = world.devices[first].disk.entries.keys.sorted()
            if !paths.isEmpty { world.forbidReading(first, paths[world.user.number(paths.count)]) }
        case .oldIndices:
            if world.user.chance(50) { return world.backUp(first) }
            world.rollBack(first, keepsMark: true)
        case .unmarkedIndices:
            if world.user.chance(50) { return world.backUp(first) }
            world.rollBack(first, keepsMark: false)
        case .clones:
            if world.user.chance(50) { return world.clone(first) }
            world.swapTwins(first)
        case .removals:
            if world.removed.contains(first) { return world.bringBack(first) }
            if world.removed.isEmpty, count > 2 { world.remove(first, isTold: world.user.chance(70)) }
        }
    }

    private static func sleep(_ world: inout SimulatedWorld) {
        let sleepers = world.devices.indices.filter { _ in world.user.chance(50) }
        for sleeper in sleepers where world.devices[sleeper].isUp { world.crash(sleeper) }
        world.pass(days: 1 + world.user.number(100))
    }
}
