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
        follow(limit: 60)
        let changes = 1 + user.number(10)
        for _ in 0..<changes {
            user.edit(&leader.disk)
            if user.chance(40) { leader.observe() }
        }
        leader.observe()
    }

    mutating func run() {
        follow(limit: 60)
        compare()
    }

    private mutating func follow(limit: Int) {
        let log = leader.rows.values.sorted { $0.sequence < $1.sequence }.map(\.record)
        follower.receive(log)
        var rounds = 0
        while !follower.needs.isEmpty {
            rounds += 1
            if rounds > limit {
                failures.append("needs are left: \(follower.needs.keys.sorted())")
                return
            }
            wave(all: rounds > limit / 2)
        }
    }

    private mutating func wave(all: Bool) {
        for path in follower.needs.keys.sorted() where user.chance(30) { follower.stageContent(of: path) }
        let ready = follower.needs.values.filter { $0.state == .staged || $0.target.movedFrom != nil }
            .sorted { $0.path < $1.path }
        let some = all ? ready : ready.filter { _ in user.chance(70) }
        let plan = follower.plan(some)
        if !plan.keepAlive.isEmpty { failures.append("kept alive: \(plan.keepAlive.map(\.record.path))") }
        var outcomes: [ApplyOutcome] = []
        for step in plan.steps {
            let before = follower.disk
            let outcome = follower.execute(step)
            outcomes.append(outcome)
            check(step, outcome, before)
        }
        for (path, reason) in plan.waiting where reason == .content { follower.stageContent(of: path) }
        _ = follower.settle(plan, outcomes)
    }

    /// No step fails, and none touches anything but its own path.
    private mutating func check(_ step: ApplyStep, _ outcome: ApplyOutcome, _ before: ModelDisk) {
        guard case .applied = outcome else {
            return failures.append("\(step.path) \(step.action): \(outcome)")
        }
        for (path, entry) in before.entries where entry.content.isFile && follower.disk[path] == nil {
            let isElsewhere = follower.disk.entries.values.contains { $0.content == entry.content }
            if !isElsewhere, !follower.disk.history.contains(entry.content) { failures.append("\(path) is lost") }
        }
    }

    private mutating func compare() {
        let paths = Set(leader.disk.entries.keys).union(follower.disk.entries.keys)
        for path in paths.sorted() {
            let (left, right) = (leader.disk[path], follower.disk[path])
            if left?.content != right?.content { failures.append("\(path): \(String(describing: right?.content))") }
            if left?.state.mode != right?.state.mode, left?.content.isSymlink == false { failures.append("mode of \(path)") }
            if left?.attributes != right?.attributes { failures.append("attributes of \(path)") }
            let isTimed = left?.content.isDirectory == false
            if isTimed, left?.state.modified != right?.state.modified { failures.append("mtime of \(path)") }
        }
    }
}

extension Content {
    var isSymlink: Bool { if case .symlink = self { true } else { false } }
}
