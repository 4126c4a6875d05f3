import AgentProcesses
import Testing

extension AgentProcessTests {
    /// Directories that are renamed with more in them than one batch holds.
    @Suite struct MovingTests {
        private static let count = 3_000

        private func tree(_ world: AgentWorld) throws -> (a: Agent, b: Agent, before: Tree) {
            let agents = try world.chain("a", "b")
            // Made elsewhere: a file that is seen before it is written leaves an empty one in history.
            let made = "\(agents[0].folder).made"
            for index in 0..<Self.count {
                try Files.make("\(made)/in/d\(index % 30)")
                try Files.write("\(made)/in/d\(index % 30)/f\(index)", "content \(index)")
            }
            try Files.make("\(made)/empty/still")
            try Files.move(made, "\(agents[0].folder)/x")
            return (agents[0], agents[1], try world.settle())
        }

        /// A move is no deletion: it is not asked about, and nothing of it goes to history.
        private func expectMoved(_ world: AgentWorld, _ before: Tree) throws {
            let after = try world.settle()
            #expect(after.files.count == Self.count)
            #expect(after.contents == before.contents)
            #expect(after.directories.allSatisfy { $0.hasPrefix("y") || $0.hasPrefix("/y") }, "\(after.directories)")
            for agent in world.agents {
                let kept = Files.contents(below: "\(agent.folder)/.lanyard/history")
                #expect(kept.isEmpty, "\(agent.name) keeps \(kept.count)")
                let status = try agent.folderStatus()
                #expect(status.heldDeletions == 0 && status.problems.isEmpty)
            }
        }

        @Test func aRenamedDirectoryIsAMoveOfAllInIt() throws {
            try inWorld { world in
                let (a, _, before) = try tree(world)
                try Files.move("\(a.folder)/x", "\(a.folder)/y")
                try expectMoved(world, before)
            }
        }

        @Test func aDirectoryRenamedWhileTheAgentIsDownIsAMoveOfAllInIt() throws {
            try inWorld { world in
                let (a, b, before) = try tree(world)
                try b.stop()
                try Files.move("\(b.folder)/x", "\(b.folder)/y")
                try b.start()
                try expectMoved(world, before)
                #expect(try a.folderStatus().files == Self.count)
            }
        }
    }
}
