import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// What must never empty anybody's folder.
    @Suite struct SafetyTests {
        /// Two agents that hold 1,600 files, of which all but 100 were then deleted at the first one, and the deletions
        /// that are too many wait: there, or, where it has no budget, at the second one.
        private func manyDeleted(_ world: AgentWorld, heldAtSecond: Bool = false) throws -> (
            first: Agent, second: Agent
        ) {
            let agents = try world.chain("a", "b")
            let (a, b) = (agents[0], agents[1])
            if heldAtSecond { try a.call("folder", "set", "deletion-budget", a.folder, "off").succeeded() }
            for index in 0..<1_600 { try Files.write("\(a.folder)/f\(index)", "content \(index)") }
            try world.settle()
            for index in 0..<1_500 { try Files.remove("\(a.folder)/f\(index)") }
            let holder = heldAtSecond ? b : a
            try world.wait("the last deletion is held") {
                try holder.folderStatus().state == "held"
                    && fileCount(b) - holder.folderStatus().heldDeletions == 100
            }
            return (a, b)
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
                // A restart lets no more through.
                try a.stop()
                try a.start()
                try world.wait("a holds them again") { try a.folderStatus().state == "held" }
                _ = try a.call("wait", "--timeout", "10")
                #expect(try a.folderStatus().heldDeletions == kept - 100)
                #expect(try fileCount(b) == kept)
                // One release is enough, though it is more than b would take.
                try a.call("folder", "release", a.folder).succeeded()
                let tree = try world.settle()
                #expect(tree.files.count == 100)
            }
        }

        @Test func discardedDeletionsBringTheFilesBackEverywhere() throws {
            try inWorld { world in
                let (a, b) = try manyDeleted(world)
                let kept = try Tree(of: b.folder)
                try a.call("folder", "discard", a.folder).succeeded()
                let tree = try world.settle()
                #expect(tree.files.count >= 600)
                #expect(tree == kept)
            }
        }

        @Test func aReceiverHoldsDeletionsOverRestartsUntilTheyAreReleasedElsewhere() throws {
            try inWorld { world in
                let (a, b) = try manyDeleted(world, heldAtSecond: true)
                let kept = try Tree(of: b.folder)
                let held = try b.folderStatus().heldDeletions
                for _ in 0..<2 {
                    try b.stop()
                    try b.start()
                    try world.wait("b holds them again") { try b.folderStatus().state == "held" }
                    _ = try b.call("wait", "--timeout", "10")
                    #expect(try b.folderStatus().heldDeletions == held)
                    #expect(try Tree(of: b.folder) == kept)
                }
                try world.wait("a knows that b asks") {
                    try a.folderStatus().members.first?.needFiles == held
                }
                try a.call("folder", "release", a.folder).succeeded()
                let tree = try world.settle()
                #expect(tree.files.count == 100)
            }
        }

        @Test func discardAtAReceiverKeepsTheFilesEverywhere() throws {
            try inWorld { world in
                let (_, b) = try manyDeleted(world, heldAtSecond: true)
                let kept = try Tree(of: b.folder)
                #expect(kept.files.count >= 600)
                try b.call("folder", "discard", b.folder).succeeded()
                let tree = try world.settle()
                #expect(tree == kept)
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
