import ModelFolder
import SimulatedFolder
import SyncCore
import SyncEngine
import SyncModel
import Testing

/// Devices, users and connections by seed, in any order of what happens.
@Suite struct RandomFolderTests {
    @Test(arguments: 0..<6 as Range<UInt64>)
    func devicesConvergeAndLoseNothing(block: UInt64) {
        check(block, Interference(), crashes: false)
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func crashesAndFailuresLoseNothing(block: UInt64) {
        check(block, .everything, crashes: true)
    }

    /// One user renames directories, all make things in them that no one else touches: in the end each is there once,
    /// and nothing is a conflict.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func whatIsRearrangedIsThereOnce(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = RandomRun(seed: seed, interference: Interference(), crashes: false)
            run.isRearranging = true
            var failures = run.runOut()
            let files = run.world.devices[0].disk.entries.values.map(\.content).filter { !$0.isDirectory }
            if Set(files).count < files.count { failures.append("there twice") }
            failures += run.world.copies.map { "a copy: \($0)" }
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Hardly anything may be deleted unasked, and people answer at random.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func heldDeletionsLoseNothing(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomRun.asking(seed: seed, lossesPercent: block.isMultiple(of: 2) ? 0 : 50).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Seeds with which something that was asked about was lost, came back, or was waited for without end; with 105 an
    /// edit was deleted where it was made, before it was where two moves had taken the file.
    @Test(arguments: [
        (105, 0), (15, 0), (28, 0), (33, 0), (70, 0), (199, 0), (244, 0), (344, 0), (600, 0), (84, 50), (112, 50),
        (120, 50),
    ])
    func foundSeedsOfPeopleWhoAreAsked(seed: Int, lossesPercent: Int) {
        let failures = RandomRun.asking(seed: UInt64(seed), lossesPercent: lossesPercent).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Indices are lost, too, now and then: nothing is lost with them.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func lostIndicesLoseNothing(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomRun(
                seed: seed, interference: .everything, crashes: true, lossesPercent: 50
            ).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// The last device may announce nothing: what is made there stays there, the others agree without it, and it with
    /// them.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func readersKeepTheirChangesToThemselves(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomRun.reading(seed: seed, disturbed: block.isMultiple(of: 2)).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Devices are not told what they are told to have read, and forget deletions.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func whatIsForgottenIsAskedFor(block: UInt64) {
        var comparisons = 0
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = RandomRun.forgetting(seed: seed)
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
            comparisons += run.world.devices.reduce(0) { $0 + $1.comparisons }
        }
        #expect(comparisons > 10)
    }

    /// Seeds that once ended with a content that was nowhere.
    @Test(arguments: [35, 118, 200, 471, 492, 750, 945, 997, 1178] as [UInt64])
    func foundSeeds(seed: UInt64) {
        let failures = RandomRun(seed: seed, interference: .everything, crashes: true).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which what was seen of the disk was put down too late, or too often; with 392, an edit that followed
    /// a move had been seen by what followed the same move later.
    @Test(arguments: [(392, 0), (55, 0), (265, 0), (605, 50), (636, 50), (675, 50), (733, 50), (800, 50)])
    func foundSeedsOfCrashes(seed: Int, lossesPercent: Int) {
        let interference = lossesPercent > 0 ? Interference.everything : Interference()
        let failures = RandomRun(
            seed: UInt64(seed), interference: interference, crashes: true, lossesPercent: lossesPercent
        ).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which an edit of a conflict copy had been seen by a later copy at its path, and an edit that was to
    /// go with a move was replaced at its old place first.
    @Test(arguments: [35, 354] as [UInt64]) func foundSeedsWithoutDisturbance(seed: UInt64) {
        let failures = RandomRun(seed: seed, interference: Interference(), crashes: false).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which a second edit that followed a move became a copy that was asked of nobody, a directory waited
    /// for where it had gone long ago, a reader ended a file, a problem outlived its need, what was kept below a
    /// directory kept it waiting, and a file was told to be gone in the wave that failed to put it where it went.
    @Test(arguments: [(533, false), (834, false), (476, false), (304, true), (549, true), (160, true), (560, true)])
    func foundSeedsOfReaders(seed: UInt64, disturbed: Bool) {
        let failures = RandomRun.reading(seed: seed, disturbed: disturbed).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which what lost a conflict where it had followed a move was asked of nobody, a found directory waited
    /// for itself, and an edit was deleted where it was made before it was where a move had taken the file.
    @Test(arguments: [200, 539, 943] as [UInt64]) func foundSeedsOfLostIndices(seed: UInt64) {
        let failures = RandomRun(seed: seed, interference: .everything, crashes: true, lossesPercent: 50).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// An edit that followed a move was nowhere any more, and with its need went what a member had announced there.
    @Test func whatWasAnnouncedOutlivesADerivedNeed() {
        let failures = RandomRun(seed: 477, interference: Interference(), crashes: false).run()
        #expect(failures.isEmpty, "\(failures.prefix(4))")
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func lossesOfPowerLoseNothing(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = RandomRun(seed: seed, interference: .everything, crashes: true)
            run.losesPower = true
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Seeds with which what somebody wrote where a loss of power had taken a file replaced that everywhere.
    @Test(arguments: [976, 1460] as [UInt64]) func foundSeedsOfLossesOfPower(seed: UInt64) {
        var run = RandomRun(seed: seed, interference: .everything, crashes: true)
        run.losesPower = true
        let failures = run.runOut()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    private func check(_ block: UInt64, _ interference: Interference, crashes: Bool) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomRun(seed: seed, interference: interference, crashes: crashes).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }
}

/// One run: a while of disturbance, then quiet with everyone connected, twice.
struct RandomRun {
    var world: SimulatedWorld
    let crashes: Bool
    /// Whether users only make things in directories, and the first one renames these.
    var isRearranging = false
    /// Whether crashes take along what an index knows of a deletion.
    var isForgetting = false
    /// Whether the power fails with some of the crashes.
    var losesPower = false
    /// Whether the last device may only read, at least at first.
    var isReading = false
    /// How many of the crashes take the index along.
    let lossesPercent: Int

    init(seed: UInt64, interference: Interference, crashes: Bool, lossesPercent: Int = 0) {
        world = SimulatedWorld(seed: seed, count: 2 + Int(seed % 3))
        world.user.sharedContents = 5
        world.interference = interference
        // Deletions are forgotten at once, after a while, or never.
        world.collectionSeconds = [0, 5, 60, Limits.collectionSeconds][Int(seed / 3 % 4)]
        self.crashes = crashes
        self.lossesPercent = lossesPercent
    }

    /// Of people who may delete hardly anything unasked.
    static func asking(seed: UInt64, lossesPercent: Int = 0) -> RandomRun {
        var run = RandomRun(
            seed: seed, interference: .everything, crashes: true, lossesPercent: lossesPercent)
        run.world.budget = DeletionBudget(threshold: .files(1))
        return run
    }

    /// Of two or three devices and one that reads.
    static func reading(seed: UInt64, disturbed: Bool) -> RandomRun {
        var run = RandomRun(
            seed: seed, interference: disturbed ? .everything : Interference(), crashes: disturbed,
            lossesPercent: disturbed ? 50 : 0)
        run.isReading = true
        return run
    }

    /// Of indices that lose records.
    static func forgetting(seed: UInt64) -> RandomRun {
        var run = RandomRun(seed: seed, interference: .everything, crashes: true)
        run.isForgetting = true
        run.world.interference.entries = 400
        return run
    }

    func run() -> [String] {
        var run = self
        return run.runOut()
    }

    mutating func runOut() -> [String] {
        if isReading { world.setRole(.readOnly, of: world.devices.count - 1) }
        world.startAll()
        if world.user.chance(70) { world.connectAll() }
        let interference = world.interference
        for _ in 0..<2 where world.allFailures.isEmpty {
            world.interference = interference
            runRound()
        }
        return world.allFailures
    }

    private mutating func runRound() {
        for _ in 0..<(20 + world.user.number(60)) {
            disturb()
            for _ in 0..<world.user.number(30) { if !world.step() { break } }
            if !world.allFailures.isEmpty { return }
        }
        let entries = world.interference.entries
        world.interference = Interference()
        world.interference.entries = entries
        for index in world.devices.indices where !world.devices[index].isUp { world.start(index) }
        world.connectAll()
        repeat { world.settle(asking: false) } while answer() || changeDoubted()
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

    /// One who asks about held deletions gets an answer.
    private mutating func answer() -> Bool {
        let asking = world.devices.indices.filter { world.devices[$0].machine?.activity == .held }
        guard world.allFailures.isEmpty, !asking.isEmpty else { return false }
        world.tell(asking[world.user.number(asking.count)], world.user.chance(50) ? .release : .discard)
        return true
    }

    private mutating func disturb() {
        let count = world.devices.count
        let (first, second) = (world.user.number(count), world.user.number(count))
        switch world.user.number(12) {
        case 0...5:
            let isRearranging = isRearranging
            world.edit(first) { disk, user in
                isRearranging ? user.rearrange(&disk, renaming: first == 0) : user.edit(&disk)
            }
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

    /// Of one that another device knows, too.
    private mutating func forgetDeletion(_ index: Int) {
        let known = world.devices.indices.filter { $0 != index }.flatMap { other in
            world.devices[other].index.rows.values.filter(\.record.isDeleted).map(\.record.path)
        }
        let paths = Set(known).filter { world.devices[index].index.rows[$0]?.record.isDeleted == true }.sorted()
        if !paths.isEmpty { world.devices[index].loseRow(paths[world.user.number(paths.count)]) }
    }
}
