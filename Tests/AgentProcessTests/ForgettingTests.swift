import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// Deletions are remembered until every member has them, and then forgotten by all.
    @Suite struct ForgettingTests {
        /// Three agents that share the first one's folder, and forget after a second.
        private func agents(_ world: AgentWorld, roles: [String] = ["read-write", "read-write"]) throws -> [Agent] {
            let agents = try ["a", "b", "c"].map { name in
                let agent = try world.agent(name)
                agent.variables["LANYARD_FORGET_SECONDS"] = "1"
                try agent.start()
                return agent
            }
            try agents[0].call("folder", "add", agents[0].folder).succeeded()
            for (agent, role) in zip(agents.dropFirst(), roles) { try agent.join(agents[0], role: role) }
            for index in 0..<20 { try Files.write("\(agents[0].folder)/f\(index)", "content \(index)") }
            try world.settle()
            return agents
        }

        private func waitUntilForgotten(_ world: AgentWorld, _ agents: [Agent]) throws {
            for agent in agents {
                try world.wait("\(agent.name) has forgotten") { try agent.folderStatus().rememberedDeletions == 0 }
            }
        }

        private func remove(_ numbers: Range<Int>, at agent: Agent) throws {
            for number in numbers { try Files.remove("\(agent.folder)/f\(number)") }
        }

        /// Who is away is waited for; its old files do not come back, and its own edit is not lost.
        @Test func whoIsAwayIsWaitedFor() throws {
            try inWorld { world in
                let agents = try agents(world)
                let (a, b, c) = (agents[0], agents[1], agents[2])
                try remove(0..<5, at: b)
                try world.settle()
                try waitUntilForgotten(world, agents)
                try c.stop()
                try remove(5..<12, at: b)
                try Files.write("\(c.folder)/f11", "edited by c, which is away")
                try world.settle([a, b])
                // Longer than is waited where all have covered it.
                sleep(4)
                for agent in [a, b] {
                    let status = try agent.folderStatus()
                    #expect(status.rememberedDeletions == 7 && status.rememberedFor.count == 1, "\(status)")
                }
                let report = try a.call("doctor").output
                #expect(report.contains("7 deletions are remembered until"), "\(report)")
                try c.start()
                let tree = try world.settle()
                #expect(tree.files.sorted() == (11..<20).map { "f\($0)" })
                #expect(Files.text("\(a.folder)/f11") == "edited by c, which is away")
                try waitUntilForgotten(world, agents)
                #expect(try a.folderStatus().rememberedFor.isEmpty)
                // The names are free, and what is made there is deleted like anything.
                try Files.write("\(c.folder)/f0", "made anew")
                try world.settle()
                try remove(0..<1, at: a)
                #expect(try world.settle().files.count == 9)
                try waitUntilForgotten(world, agents)
                for agent in agents { #expect(try agent.conflicts().isEmpty) }
            }
        }

        /// A member that will not come back is removed by a person. Should it come all the same, with its old index and
        /// files, it brings nothing back.
        @Test func whoIsRemovedIsNotWaitedFor() throws {
            try inWorld { world in
                let agents = try agents(world)
                let (a, b, c) = (agents[0], agents[1], agents[2])
                let identifier = try c.status().device.id
                try c.stop()
                try remove(0..<5, at: b)
                try world.settle([a, b])
                try a.call("devices", "remove", identifier).succeeded()
                try waitUntilForgotten(world, [a, b])
                try c.start()
                sleep(3)
                for agent in [a, b] {
                    for number in 0..<5 { #expect(!Files.exists("\(agent.folder)/f\(number)")) }
                }
            }
        }

        /// What a reader has made beside a deletion stays, and is waited for by nobody.
        @Test func aReadersChangesAreNotWaitedFor() throws {
            try inWorld { world in
                let agents = try agents(world, roles: ["read-write", "read-only"])
                let (a, b, reader) = (agents[0], agents[1], agents[2])
                try Files.write("\(reader.folder)/f0", "edited by c")
                try Files.remove("\(reader.folder)/f1")
                try world.wait("two local changes") { try reader.folderStatus().localChanges == 2 }
                try remove(0..<5, at: b)
                try world.settle([a, b])
                try waitUntilForgotten(world, agents)
                #expect(Files.text("\(reader.folder)/f0") == "edited by c")
                #expect(try reader.folderStatus().localChanges == 1)
                try reader.call("folder", "revert", reader.folder).succeeded()
                try world.wait("all is taken back") { try reader.folderStatus().localChanges == 0 }
                #expect(try world.settle().files.count == 15)
            }
        }
    }
}
