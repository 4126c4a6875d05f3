import Foundation
import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// `LANYARD_LEVEL`: 0 nothing, 1 crashes, 2 failures, 3 lost indices, 4 as 2 with hardly any deletion unasked, 5 as
/// that and 3, 6 records that are lost, 7 a device that only reads, 8 as that and 3, 9 directories that are rearranged,
/// 10 losses of power, 11 only one user, who edits quickly.
/// `LANYARD_SEED=… swift test --filter TraceTests` prints what happens with a seed; `LANYARD_SEEDS=from-to` only runs
/// them. `LANYARD_FORGET`: after how many seconds deletions are forgotten, in the place of what the seed says.
@Suite struct TraceTests {
    @Test func traceOfOneSeed() throws {
        let environment = ProcessInfo.processInfo.environment
        let level = environment["LANYARD_LEVEL"].flatMap { Int($0) } ?? 0
        if let range = environment["LANYARD_SEEDS"]?.split(separator: "-").compactMap({ UInt64($0) }), range.count == 2
        {
            var failed: [String: [UInt64]] = [:]
            var forgotten = 0
            for seed in range[0]..<range[1] {
                if environment["LANYARD_SKIP"]?.split(separator: ",").contains(where: { $0 == "\(seed)" }) == true {
                    continue
                }
                let (failures, world) = run(seed, level)
                forgotten += world.devices.reduce(0) { $0 + $1.index.forgotten }
                if let first = failures.first {
                    let kind = first.filter { !$0.isNumber }.prefix(45)
                    failed[String(kind), default: []].append(seed)
                }
            }
            for (kind, seeds) in failed.sorted(by: { $0.value.count > $1.value.count }) {
                print("FAILED \(seeds.count) \(kind) \(seeds.prefix(5))")
            }
            print("RAN \(range), \(forgotten) deletions forgotten")
            #expect(failed.isEmpty)
        }
        guard let seed = environment["LANYARD_SEED"].flatMap({ UInt64($0) }) else { return }
        let (failures, world) = run(seed, level, isTraced: true)
        print((world.trace ?? []).joined(separator: "\n"))
        for device in world.devices {
            guard let text = environment["LANYARD_PATH"], let path = try? RelativePath(text) else { continue }
            print(device.name, device.disk[path] as Any, "\n  ROW", device.index.rows[path] as Any)
            print("  NEED", device.index.needs[path] as Any)
        }
        print("FAILURES \(failures)")
    }

    private func run(_ seed: UInt64, _ level: Int, isTraced: Bool = false) -> ([String], SimulatedWorld) {
        if level > 10 {
            var run = LoneUser(seed: seed)
            run.world.trace = isTraced ? [] : nil
            return (run.runOut(), run.world)
        }
        var run = disturbed(seed, level)
        let seconds = ProcessInfo.processInfo.environment["LANYARD_FORGET"].flatMap { Int64($0) }
        run.world.collectionSeconds = seconds ?? run.world.collectionSeconds
        run.world.trace = isTraced ? [] : nil
        return (run.runOut(), run.world)
    }

    private func disturbed(_ seed: UInt64, _ level: Int) -> RandomRun {
        if level > 9 {
            var run = RandomRun(seed: seed, interference: .everything, crashes: true)
            run.losesPower = true
            return run
        }
        if level > 8 {
            var run = RandomRun(seed: seed, interference: Interference(), crashes: false)
            run.isRearranging = true
            return run
        }
        if level > 6 { return .reading(seed: seed, disturbed: level > 7) }
        if level > 5 { return .forgetting(seed: seed) }
        if level > 3 { return .asking(seed: seed, lossesPercent: level > 4 ? 50 : 0) }
        return RandomRun(
            seed: seed, interference: level > 1 ? .everything : Interference(), crashes: level > 0,
            lossesPercent: level > 2 ? 50 : 0)
    }
}
