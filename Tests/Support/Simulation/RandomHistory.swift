import ModelFolder
package import SimulatedFolder
import SyncCore
import SyncEngine
import SyncModel

/// A while of disturbance, then quiet with everyone connected, twice.
package struct RandomHistory: SimulatedHistory {
    package var world: SimulatedWorld
    package var script = TurnScript()
    let crashes: Bool
    /// Whether users only make things in directories, and the first one renames these.
    package var isRearranging = false
    /// Whether crashes take along what an index knows of a deletion.
    package var isForgetting = false
    /// Whether the power fails with some of the crashes.
    package var losesPower = false
    /// Whether the last device may only read, at least at first.
    package var isReading = false
    /// Whether single paths are read beside walks, and some files twice. Seeds that were found before go without.
    package var hasThreads = true
    /// Whether people also do what takes several changes.
    package var editsFreely = false
    /// What else happens.
    package var troubles: [Trouble] = []
    /// How many of the crashes take the index along.
    let lossesPercent: Int

    package init(
        seed: UInt64, count: Int? = nil, interference: Interference, crashes: Bool, lossesPercent: Int = 0
    ) {
        world = SimulatedWorld(seed: seed, count: count ?? 2 + Int(seed % 3))
        world.user.sharedContents = 5
        world.interference = interference
        // Deletions are forgotten at once, after a while, or never.
        world.collectionSeconds = [0, 5, 60, Limits.collectionSeconds][Int(seed / 3 % 4)]
        self.crashes = crashes
        self.lossesPercent = lossesPercent
    }

    /// Of people who may delete hardly anything unasked.
    package static func asking(seed: UInt64, lossesPercent: Int = 0) -> RandomHistory {
        var history = RandomHistory(
            seed: seed, interference: .everything, crashes: true, lossesPercent: lossesPercent)
        history.world.budget = DeletionBudget(threshold: .files(1))
        return history
    }

    /// Of two or three devices and one that reads.
    package static func reading(seed: UInt64, disturbed: Bool) -> RandomHistory {
        var history = RandomHistory(
            seed: seed, interference: disturbed ? .everything : Interference(), crashes: disturbed,
            lossesPercent: disturbed ? 50 : 0)
        history.isReading = true
        return history
    }

    /// Of indices that lose records.
    package static func forgetting(seed: UInt64) -> RandomHistory {
        var history = RandomHistory(seed: seed, interference: .everything, crashes: true)
        history.isForgetting = true
        history.world.interference.entries = 400
        return history
    }

    /// Of two to six devices that have all these troubles, and whose users do all that people do.
    package static func troubled(seed: UInt64, by troubles: [Trouble], interference: Interference) -> RandomHistory {
        var history = RandomHistory(
            seed: seed, count: 2 + Int(seed % 5), interference: interference, crashes: true)
        (history.troubles, history.editsFreely) = (troubles, true)
        return history
    }

    package mutating func runOut() -> [String] {
        if isReading { world.setRole(.readOnly, of: world.devices.count - 1) }
        world.startAll()
        if world.user.chance(70) { world.connectAll() }
        if hasThreads { world.interference.addThreads() }
        let interference = world.interference
        for _ in 0..<2 where world.allFailures.isEmpty {
            world.interference = interference
            runRound()
        }
        return world.allFailures
    }

    private mutating func runRound() {
        _ = script.begin(&world.user, isTurn: false)
        for _ in 0..<(20 + world.user.number(60)) {
            guard script.begin(&world.user) else { continue }
            disturb()
            for _ in 0..<world.user.number(30) { if !world.step() { break } }
            if !world.allFailures.isEmpty { return }
        }
        _ = script.begin(&world.user, isTurn: false)
        let entries = world.interference.entries
        world.interference = world.interference.quiet
        world.interference.entries = entries
        world.mend()
        for index in world.devices.indices {
            world.bringBack(index)
            if !world.devices[index].isUp { world.start(index) }
        }
        world.connectAll()
        repeat { world.settle(asking: false) } while answer() || changeDoubted() || renew()
        if world.allFailures.isEmpty { world.checkQuiet() }
        if isReading { endReading() }
    }

    /// What one device asks to be deleted at another or changed there, because it stood here before and all that is
    /// known of that is lost, is deleted or changed: one thing at a time. Nothing that is not asked for.
    private mutating func changeDoubted() -> Bool {
        guard isForgetting, world.allFailures.isEmpty else { return false }
        for asking in world.devices {
            let asked = asking.machine?.status.problems.map(\.problem.message) ?? []
            guard let message = asked.first(where: { $0.contains("is not known any more") }) else { continue }
            for index in world.devices.indices where world.devices[index].name != asking.name {
                let found = world.devices[index].disk.entries.keys.sorted().first { path in
                    message.contains(": \(path) was replaced here") && asking.index.rows[path] == nil
                }
                guard let path = found else { continue }
                world.edit(index) { disk, user in
                    let isDeleted = disk[path]?.content.isDirectory == false || user.chance(50)
                    let mode: UInt16 = disk[path]?.state.mode == 0o755 ? 0o700 : 0o755
                    isDeleted ? disk.remove(path) : disk.change(path, mode: mode)
                }
                return true
            }
        }
        return false
    }

    /// What a reader made is taken back, or told once it may be: then all folders are the same.
    private mutating func endReading() {
        let reader = world.devices.count - 1
        guard world.allFailures.isEmpty else { return }
        if world.user.chance(50) {
            world.tell(reader, .revert([]))
        } else {
            world.setRole(.readWrite, of: reader)
        }
        repeat { world.settle(asking: false) } while answer()
        guard world.allFailures.isEmpty else { return }
        world.checkQuiet()
        let local = world.devices[reader].index.status.local
        if local > 0 { world.fail("\(local) local changes are left") }
    }

    /// Who found that its index is not the latest of its kind gets another, and is connected again.
    private mutating func renew() -> Bool {
        guard world.allFailures.isEmpty, world.renewRolledBack() else { return false }
        world.connectAll()
        return true
    }

    /// One who asks about held deletions gets an answer.
    private mutating func answer() -> Bool {
        let asking = world.devices.indices.filter { index in
            let machine = world.devices[index].machine
            return machine?.activity == .held && machine?.status.hold?.cause == .deletions
        }
        guard world.allFailures.isEmpty, !asking.isEmpty else { return false }
        world.tell(asking[world.user.number(asking.count)], world.user.chance(50) ? .release : .discard)
        return true
    }

    private mutating func disturb() {
        if !troubles.isEmpty, world.user.chance(25) {
            return troubles[world.user.number(troubles.count)].strike(&world)
        }
        let count = world.devices.count
        let (first, second) = (world.user.number(count), world.user.number(count))
        switch world.user.number(12) {
        case 0...5:
            edit(first)
        case 6, 7: world.connect(first, second)
        case 8: world.disconnect(first, second)
        case 9 where isReading && world.user.chance(30):
            let paths = world.user.chance(50) ? [world.user.path()] : []
            world.tell(count - 1, .revert(paths))
        case 9: world.tell(first, .rescan)
        case 10 where world.devices[first].machine?.activity == .held: _ = answer()
        default:
            if !world.devices[first].isUp { return world.start(first, restarted: world.user.chance(30)) }
            guard crashes, world.user.chance(30) else { return }
            // What only a reader heard of is told by nobody once its author has forgotten it.
            let mayForget = !isReading || first == count - 1
            if lossesPercent > 0, mayForget, world.user.chance(lossesPercent) { return world.loseIndex(first) }
            world.crash(first, powerFails: losesPower && world.user.chance(50))
            if isForgetting { forgetDeletion(first) }
        }
    }

    private mutating func edit(_ device: Int) {
        let (isRearranging, editsFreely) = (isRearranging, editsFreely)
        world.edit(device) { disk, user in
            if isRearranging { return user.rearrange(&disk, renaming: device == 0) }
            editsFreely ? user.editFreely(&disk) : user.edit(&disk)
        }
    }

    /// Of one that another device knows, too.
    private mutating func forgetDeletion(_ index: Int) {
        let known = world.devices.indices.filter { $0 != index }.flatMap { other in
            world.devices[other].index.rows.values.filter(\.record.isDeleted).map(\.record.path)
        }
        let paths = Set(known).filter { world.devices[index].index.rows[$0]?.record.isDeleted == true }.sorted()
        if !paths.isEmpty { world.devices[index].loseRow(paths[world.user.number(paths.count)]) }
    }
}
