import ModelFolder
import SyncCore
import SyncModel
import Testing

/// One device changes a tree at random, another takes the changes over in random waves.
@Suite struct PlanConvergenceTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func wavesReachTheTarget(block: UInt64) {
        for seed in (block * 25)..<(block * 25 + 25) {
            var world = Following(seed: seed)
            world.run()
            #expect(world.failures.isEmpty, "seed \(seed): \(world.failures.prefix(3))")
            if !world.failures.isEmpty { return }
        }
    }
}

/// Two devices that hold the same tree, of which the first changes it and the second follows.
private struct Following {
    var user: ModelUser
    var leader = ModelDevice(0)
    var follower = ModelDevice(1)
    var failures: [String] = []

    init(seed: UInt64) {
        user = ModelUser(seed: seed)
        for _ in 0..<(4 + user.number(12)) { user.edit(&leader.disk) }
        leader.observe()
        Following.follow(&leader, by: &follower, &user, &failures)
        let changes = 1 + user.number(10)
        for _ in 0..<changes {
            user.edit(&leader.disk)
            if user.chance(40) { leader.observe() }
        }
        leader.observe()
    }

    mutating func run() {
        let counter = leader.context.counter
        Following.follow(&leader, by: &follower, &user, &failures)
        // Attributes of an earlier file at the path may come back with it, because its tombstone does not name them.
        Following.follow(&follower, by: &leader, &user, &failures)
        failures += leader.disk.differences(from: follower.disk)
        if leader.context.counter != counter || follower.context.counter != 0 { failures.append("edits were made") }
    }

    private static func follow(
        _ leader: inout ModelDevice, by follower: inout ModelDevice, _ user: inout ModelUser, _ failures: inout [String]
    ) {
        follower.receive(leader.log(for: follower.number, limit: .max))
        var rounds = 0
        while !follower.needs.isEmpty {
            rounds += 1
            if rounds > 60 { return failures.append("needs are left: \(follower.needs.keys.sorted())") }
            let (plan, outcomes) = follower.wave(&user, percent: rounds > 30 ? 100 : 70)
            if !plan.keepAlive.isEmpty { failures.append("kept alive: \(plan.keepAlive.map(\.record.path))") }
            for (step, outcome) in zip(plan.steps, outcomes) {
                if case .applied = outcome { continue }
                failures.append("\(step.path) \(step.action): \(outcome)")
            }
        }
    }
}
