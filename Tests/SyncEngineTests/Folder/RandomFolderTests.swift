import ModelFolder
import SimulatedFolder
import Simulation
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
            var run = RandomHistory(seed: seed, interference: Interference(), crashes: false)
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
            let failures = RandomHistory.asking(seed: seed, lossesPercent: block.isMultiple(of: 2) ? 0 : 50).run()
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
        let failures = RandomHistory.asking(seed: UInt64(seed), lossesPercent: lossesPercent).run()
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Indices are lost, too, now and then: nothing is lost with them.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func lostIndicesLoseNothing(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomHistory(
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
            let failures = RandomHistory.reading(seed: seed, disturbed: block.isMultiple(of: 2)).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Devices are not told what they are told to have read, and forget deletions.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func whatIsForgottenIsAskedFor(block: UInt64) {
        var comparisons = 0
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = RandomHistory.forgetting(seed: seed)
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
            comparisons += run.world.devices.reduce(0) { $0 + $1.comparisons }
        }
        #expect(comparisons > 10)
    }

    private func withoutThreads(_ history: RandomHistory) -> [String] {
        var history = history
        history.hasThreads = false
        return history.runOut()
    }

    /// Seeds that once ended with a content that was nowhere.
    @Test(arguments: [35, 118, 200, 471, 492, 750, 945, 997, 1178] as [UInt64])
    func foundSeeds(seed: UInt64) {
        let failures = withoutThreads(RandomHistory(seed: seed, interference: .everything, crashes: true))
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which what was seen of the disk was put down too late, or too often; with 392, an edit that followed
    /// a move had been seen by what followed the same move later.
    @Test(arguments: [(392, 0), (55, 0), (265, 0), (605, 50), (636, 50), (675, 50), (733, 50), (800, 50)])
    func foundSeedsOfCrashes(seed: Int, lossesPercent: Int) {
        let interference = lossesPercent > 0 ? Interference.everything : Interference()
        let failures = withoutThreads(
            RandomHistory(
                seed: UInt64(seed), interference: interference, crashes: true, lossesPercent: lossesPercent))
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which an edit of a conflict copy had been seen by a later copy at its path, and an edit that was to
    /// go with a move was replaced at its old place first.
    @Test(arguments: [35, 354] as [UInt64]) func foundSeedsWithoutDisturbance(seed: UInt64) {
        let failures = withoutThreads(RandomHistory(seed: seed, interference: Interference(), crashes: false))
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which a second edit that followed a move became a copy that was asked of nobody, a directory waited
    /// for where it had gone long ago, a reader ended a file, a problem outlived its need, what was kept below a
    /// directory kept it waiting, and a file was told to be gone in the wave that failed to put it where it went.
    @Test(arguments: [(533, false), (834, false), (476, false), (304, true), (549, true), (160, true), (560, true)])
    func foundSeedsOfReaders(seed: UInt64, disturbed: Bool) {
        let failures = withoutThreads(RandomHistory.reading(seed: seed, disturbed: disturbed))
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// Seeds with which what lost a conflict where it had followed a move was asked of nobody, a found directory waited
    /// for itself, and an edit was deleted where it was made before it was where a move had taken the file.
    @Test(arguments: [200, 539, 943] as [UInt64]) func foundSeedsOfLostIndices(seed: UInt64) {
        let failures = withoutThreads(
            RandomHistory(seed: seed, interference: .everything, crashes: true, lossesPercent: 50))
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    /// An edit that followed a move was nowhere any more, and with its need went what a member had announced there.
    @Test func whatWasAnnouncedOutlivesADerivedNeed() {
        let failures = withoutThreads(RandomHistory(seed: 477, interference: Interference(), crashes: false))
        #expect(failures.isEmpty, "\(failures.prefix(4))")
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func lossesOfPowerLoseNothing(block: UInt64) {
        for seed in (block * 10)..<(block * 10 + 10) {
            var run = RandomHistory(seed: seed, interference: .everything, crashes: true)
            run.losesPower = true
            let failures = run.runOut()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }

    /// Seeds with which what somebody wrote where a loss of power had taken a file replaced that everywhere.
    @Test(arguments: [976, 1460] as [UInt64]) func foundSeedsOfLossesOfPower(seed: UInt64) {
        var run = RandomHistory(seed: seed, interference: .everything, crashes: true)
        run.losesPower = true
        let failures = withoutThreads(run)
        #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
    }

    private func check(_ block: UInt64, _ interference: Interference, crashes: Bool) {
        for seed in (block * 10)..<(block * 10 + 10) {
            let failures = RandomHistory(seed: seed, interference: interference, crashes: crashes).run()
            #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(4))")
        }
    }
}
