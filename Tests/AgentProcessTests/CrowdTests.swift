import AgentProcesses
import LanHosts
import SeededRandom
import Testing

extension AgentProcessTests {
    /// Users who use few names again and again, for files and directories alike, at devices that are killed meanwhile.
    @Suite struct CrowdTests {
        @Test(arguments: [UInt64(1), 2]) func fewNamesManyUsers(seed: UInt64) throws {
            try inWorld { world in
                var generator = SeededGenerator(seed: seed)
                let agents = try world.chain("a", "b", "c", "d")
                let users = agents.map { SeededUser($0.name, in: $0.folder, seed: generator.next(), fewNames: 6) }
                // These users delete more in a minute than the budget lets through unasked.
                for agent in agents {
                    try agent.call("folder", "set", "deletion-budget", agent.folder, "off").succeeded()
                }
                var agreed: Set<Int> = []
                for round in 0..<8 {
                    try live(agents, users, &generator)
                    for agent in agents where !agent.isRunning { try agent.start() }
                    let tree = try world.settle(within: 180)
                    agreed.formUnion(tree.contents)
                    let kept = agents.reduce(into: tree.contents) { kept, agent in
                        kept.formUnion(Files.contents(below: "\(agent.folder)/.lanyard/history"))
                    }
                    // What everybody deleted or overwrote himself is owed to nobody.
                    let destroyed = users.dropFirst().reduce(users[0].destroyed) { $0.intersection($1.destroyed) }
                    let lost = agreed.subtracting(kept).subtracting(destroyed)
                    #expect(lost.isEmpty, "round \(round): \(lost.count) of \(agreed.count) contents")
                    agreed.subtract(destroyed)
                }
                for agent in agents { #expect(try agent.folderStatus().problems.isEmpty) }
            }
        }

        /// Everybody changes something at the same time, and some agents are killed over it.
        private func live(_ agents: [Agent], _ users: [SeededUser], _ generator: inout SeededGenerator) throws {
            for user in users { user.look() }
            for _ in 0..<Int.random(in: 10..<40, using: &generator) {
                for user in users where Bool.random(using: &generator) { try user.change(upTo: 20_000) }
                let agent = agents[Int.random(in: 0..<agents.count, using: &generator)]
                switch Int.random(in: 0..<20, using: &generator) {
                case 0: agent.kill()
                case 1: if !agent.isRunning { try agent.start() }
                default: break
                }
            }
        }
    }
}
