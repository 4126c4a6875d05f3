import AgentProcesses
import Glibc
import LanHosts
import SeededRandom
import Testing

extension AgentProcessTests {
    @Suite struct KillTests {
        /// Whether work was under way at `agent` or at the other side: needs, a scan, or something staged.
        private func isBusy(_ agent: Agent) -> Bool {
            if !Files.names("\(agent.folder)/.lanyard/stage").isEmpty { return true }
            guard let folder = try? agent.folderStatus() else { return false }
            return folder.needFiles > 0 || folder.state != "idle" || folder.members.contains { $0.needFiles > 0 }
        }

        @Test(arguments: [UInt64(1)]) func thirtyKillsLoseNothing(seed: UInt64) throws {
            try inWorld { world in
                var generator = SeededGenerator(seed: seed)
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                let users = [
                    SeededUser("a", in: a.folder, seed: seed &* 2 + 1),
                    SeededUser("b", in: b.folder, seed: seed &* 2 + 2),
                ]
                for name in ["one", "two", "three/four"] { try Files.make("\(a.folder)/\(name)") }
                users[0].look()
                try users[0].create(1_000, upTo: 20_000)
                try users[0].create(8, upTo: 8_000_000)
                try a.start()
                try b.start()
                try a.call("folder", "add", a.folder).succeeded()
                try b.join(a)
                // These users delete more in half a minute than the budget lets through unasked.
                for agent in [a, b] {
                    try agent.call("folder", "set", "deletion-budget", agent.folder, "off").succeeded()
                }
                var busy = 0
                for round in 0..<30 {
                    for user in users {
                        user.look()
                        try user.create(40, upTo: 20_000)
                        if round % 5 == 0 { try user.create(1, upTo: 8_000_000) }
                    }
                    let end = Clock.now() + Double.random(in: 0..<0.25, using: &generator)
                    while Clock.now() < end {
                        for user in users { try user.change(upTo: 5_000) }
                        usleep(2_000)
                    }
                    let victims = [[a], [b], [a, b]][Int.random(in: 0..<5, using: &generator) % 3]
                    if victims.contains(where: isBusy) { busy += 1 }
                    for victim in victims { victim.kill() }
                    for user in users { try user.change(upTo: 5_000) }
                    for victim in victims { try victim.start() }
                }
                print("\(busy) of 30 kills landed while something was staged or needed")
                #expect(busy >= 25)
                let tree = try world.settle(within: 300)
                check(tree, world, users)
                for agent in [a, b] { #expect(try agent.folderStatus().problems.isEmpty) }
                let copies = Set(try a.conflicts().map(\.path))
                let known = users[0].names.union(users[1].names)
                // A copy whose directory moved while nobody looked may be a plain file by now: not listed, nor lost.
                let strangers = tree.files.filter { path in
                    let name = path.split(separator: "/").last.map(String.init) ?? ""
                    let origin = name.firstRange(of: " (conflict ").map { String(name[..<$0.lowerBound]) } ?? name
                    return !known.contains(origin) && !copies.contains(path)
                }
                #expect(strangers.isEmpty)
            }
        }

        private func check(_ tree: Tree, _ world: AgentWorld, _ users: [SeededUser]) {
            var kept = tree.contents
            for agent in world.agents {
                #expect(Files.names("\(agent.folder)/.lanyard/stage").isEmpty, "\(agent.name)'s stage")
                kept.formUnion(Files.contents(below: "\(agent.folder)/.lanyard/history"))
            }
            let written = users[0].written.union(users[1].written)
            let owed = written.subtracting(users[0].destroyed).subtracting(users[1].destroyed)
            #expect(owed.subtracting(kept).isEmpty, "of \(owed.count) contents")
        }
    }
}
