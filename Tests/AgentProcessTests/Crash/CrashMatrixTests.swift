import AgentProcesses
import CrashDisk
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// An agent that receives and sends is killed before one of its effects on the folder and on its state, and started
    /// again. `LANYARD_CRASH_POINTS`: `all`, or the numbers of effects; without it, a few that are spread evenly.
    @Suite struct CrashMatrixTests {
        @Test func noKillLosesAnything() throws {
            let crashes = try Crashes(everyWorld: 16)
            defer { crashes.end() }
            let count = try crashes.countEffects()
            let points = Crashes.points(upTo: count, few: 20)
            for point in points { try crashes.run(point: point) }
            crashes.tell("kills", count)
        }

        /// Who was killed is killed again, early in its next runs, where it mends what the first kill left; and the
        /// other one with it.
        @Test func noKillWhileItMendsLosesAnything() throws {
            let crashes = try Crashes(everyWorld: 16)
            defer { crashes.end() }
            let count = try crashes.countEffects()
            for (number, point) in Crashes.points(upTo: count, few: 8).enumerated() {
                try crashes.run(point: point, again: [1 + number * 5 % 40, 2 + number * 23 % 160])
            }
            crashes.tell("kills, each followed by two more,", count)
        }
    }

    /// The same with a loss of power: what was not flushed is gone, in part, and late changes may be there without
    /// early ones. `LANYARD_CRASH_SEEDS`: how many disks; `LANYARD_CRASH_DISKS`: effect and seed of some, as
    /// 317:12,402:9.
    @Suite struct PowerLossTests {
        @Test func noLossOfPowerLosesAnythingDurable() throws {
            let crashes = try Crashes(everyWorld: 16)
            defer { crashes.end() }
            let count = try crashes.countEffects()
            for (number, (point, seed)) in Crashes.disks(upTo: count, few: 20).enumerated() {
                // Every fourth is killed once more while it mends what the loss left.
                let again = number.isMultiple(of: 4) ? [1 + number * 7 % 60] : []
                try crashes.run(point: point, losing: seed, again: again)
            }
            crashes.tell("losses of power", count)
        }

        /// What a wave took from a directory is in the stage, and everything else that it did is lost: recovery puts it
        /// back into the directory, which is nobody's change of that.
        @Test func whatRecoveryPutsBackIsNobodysChange() throws {
            let world = try CrashWorld()
            defer { world.tearDown() }
            let report = try world.runUntilFlush(losing: LossOfPower { $0.hasPrefix("swap.0.") })
            #expect(report.isHit)
            #expect(report.failures.isEmpty, "\(report.account)")
        }
    }
}

/// Crashes one after the other, in worlds that are made anew before they are too full.
final class Crashes {
    private var world: CrashWorld
    private let everyWorld: Int
    private var runs = 0
    private var total = 0
    private var hits = 0
    private var failed = 0

    init(everyWorld: Int) throws {
        self.everyWorld = everyWorld
        world = try CrashWorld()
    }

    func end() { world.tearDown() }

    /// The effects of a history without a crash, in which everything holds too.
    func countEffects() throws -> Int {
        let report = try world.run(point: nil)
        #expect(report.failures.isEmpty, "\(report.account)")
        return report.effects
    }

    func run(point: Int, losing seed: UInt64? = nil, again: [Int] = []) throws {
        runs += 1
        total += 1
        if runs.isMultiple(of: everyWorld) { try renew() }
        do {
            let report = try world.run(point: point, losing: seed, again: again)
            if report.isHit { hits += 1 }
            if getenv("LANYARD_CRASH_TRACE") != nil { print(report.account) }
            if report.failures.isEmpty { return }
            Issue.record("\(report.account)")
        } catch {
            Issue.record("effect \(point), \(seed.map { "seed \($0)" } ?? "no loss"): \(error)")
        }
        failed += 1
        if getenv("LANYARD_CRASH_STOP") != nil { throw LanError("the first failure ends it") }
        try renew()
    }

    /// What came of one crash is not to be held against the next.
    private func renew() throws {
        world.tearDown()
        world = try CrashWorld()
        runs = 0
    }

    func tell(_ what: String, _ effects: Int) {
        print("\(total) \(what) in a history of about \(effects) effects, \(hits) before its end: \(failed) failed")
        #expect(hits * 10 >= total * 8, "too few came before the end of the history")
    }

    static func points(upTo count: Int, few: Int) -> [Int] {
        let wanted = getenv("LANYARD_CRASH_POINTS").map { String(cString: $0) } ?? ""
        if wanted == "all" { return Array(1...count) }
        let listed = wanted.split(separator: ",").compactMap { Int($0) }
        return listed.isEmpty ? (0..<few).map { 1 + $0 * count / few } : listed
    }

    static func disks(upTo count: Int, few: Int) -> [(point: Int, seed: UInt64)] {
        if let listed = getenv("LANYARD_CRASH_DISKS").map({ String(cString: $0) }) {
            return listed.split(separator: ",").compactMap { disk in
                let numbers = disk.split(separator: ":")
                guard let point = numbers.first.flatMap({ Int($0) }), let seed = numbers.last.flatMap({ UInt64($0) })
                else { return nil }
                return (point, seed)
            }
        }
        let number = getenv("LANYARD_CRASH_SEEDS").flatMap { Int(String(cString: $0)) } ?? few
        return (0..<number).map { (1 + $0 * count / number, UInt64($0)) }
    }
}
