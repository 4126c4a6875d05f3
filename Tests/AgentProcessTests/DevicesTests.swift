import AgentProcesses
import LanHosts
import Testing

extension AgentProcessTests {
    /// More than two devices.
    @Suite struct DevicesTests {
        /// Everybody edits, one is away and returns, and all agree.
        private func live(_ world: AgentWorld, _ agents: [Agent], away: Int) throws {
            let others = agents.indices.filter { $0 != away }.map { agents[$0] }
            let (lone, name) = (agents[away], agents[away].name)
            for agent in agents {
                try Files.make("\(agent.folder)/\(agent.name)")
                for index in 0..<20 {
                    try Files.write("\(agent.folder)/\(agent.name)/f\(index)", "\(agent.name) \(index)")
                }
            }
            #expect(try world.settle().files.count == agents.count * 20)
            try lone.stop()
            for agent in others {
                try Files.write("\(agent.folder)/\(agent.name)/f0", "changed by \(agent.name)")
                try Files.remove("\(agent.folder)/\(agent.name)/f1")
            }
            try world.settle(others)
            try Files.write("\(lone.folder)/\(name)/alone", "written alone")
            try Files.move("\(lone.folder)/\(name)/f2", "\(lone.folder)/moved")
            try lone.start()
            let tree = try world.settle()
            #expect(tree.files.count == agents.count * 20 - others.count + 1)
            #expect(tree.files.contains("moved") && tree.files.contains("\(name)/alone"))
            for agent in agents { #expect(try agent.conflicts().isEmpty) }
        }

        @Test func aDeviceThatLeftWasSeen() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let (a, b) = (agents[0], agents[1])
                try world.settle()
                #expect(try a.call("devices").succeeded().output.contains("connected"))
                try b.stop()
                try world.wait("a says when it saw b") {
                    try a.call("devices").succeeded().output.contains("seen 20")
                }
                // It still knows after a restart.
                try a.stop()
                try a.start()
                let answer = try a.call("devices").succeeded().output
                #expect(answer.contains("seen 20") && !answer.contains("never"), "\(answer)")
            }
        }

        @Test(arguments: [0, 2]) func threeInAChain(away: Int) throws {
            try inWorld { world in try live(world, try world.chain("a", "b", "c"), away: away) }
        }

        /// The middle stays: without discovery its members know no addresses of each other.
        @Test func fiveInAStar() throws {
            try inWorld { world in
                let agents = try ["a", "b", "c", "d", "e"].map { name in
                    let agent = try world.agent(name)
                    try agent.start()
                    return agent
                }
                try agents[0].call("folder", "add", agents[0].folder).succeeded()
                for agent in agents.dropFirst() { try agent.join(agents[0]) }
                try live(world, agents, away: 4)
            }
        }
    }
}
