import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// What must never empty anybody's folder.
    @Suite struct SafetyTests {
        /// Two agents that hold 1,600 files, most of which were then deleted at the first one.
        /// - Returns: the one that holds the deletions, and the one that has the files still.
        private func manyDeleted(_ world: AgentWorld) throws -> (holder: Agent, keeper: Agent) {
            let agents = try world.chain("a", "b")
            for index in 0..<1_600 { try Files.write("\(agents[0].folder)/f\(index)", "content \(index)") }
            try world.settle()
            for index in 0..<1_500 { try Files.remove("\(agents[0].folder)/f\(index)") }
            var holder: Agent?
            try world.wait("the deletions are held") {
                holder = try agents.first { try $0.folderStatus().state == "held" }
                return holder != nil
            }
            let found = try #require(holder)
            return (found, agents[1])
        }

        private func fileCount(_ agent: Agent) throws -> Int { try Tree(of: agent.folder).files.count }

        @Test func manyDeletionsAreHeldUntilTheyAreReleased() throws {
            try inWorld { world in
                let (a, b) = try manyDeleted(world)
                #expect(try !a.folderStatus().problems.isEmpty)
                let answer = try a.call("wait", "--timeout", "30")
                #expect(answer.status == 1, "\(answer.output)")
                let kept = try fileCount(b)
                #expect(kept >= 600)
                try a.call("folder", "release", a.folder).succeeded()
                // A release does not travel yet: the other side asks for itself.
                try world.wait("b holds them, too") { try b.folderStatus().state == "held" }
                try b.call("folder", "release", b.folder).succeeded()
                let tree = try world.settle()
                #expect(tree.files.count == 100)
            }
        }

        @Test func anEmptyDirectoryInPlaceOfTheFolderDeletesNothing() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let (a, b) = (agents[0], agents[1])
                for index in 0..<50 { try Files.write("\(a.folder)/f\(index)", "content \(index)") }
                let before = try world.settle()
                try Files.move(a.folder, "\(world.root)/away")
                try Files.make(a.folder)
                _ = try a.call("wait", "--timeout", "5")
                try world.wait("a says so") { try a.folderStatus().state == "error" }
                #expect(try !a.folderStatus().problems.isEmpty)
                #expect(try Tree(of: b.folder) == before)
                #expect(try Tree(of: a.folder).entries.isEmpty)
                // Also after a restart.
                try a.stop()
                try a.start()
                try world.wait("a says so again") { try a.folderStatus().state == "error" }
                try Files.write("\(b.folder)/later", "later")
                try Files.remove(a.folder)
                try Files.move("\(world.root)/away", a.folder)
                let after = try world.settle()
                #expect(after.files.count == 51)
            }
        }
    }
}
