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
            return (try #require(holder), agents[1])
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
                let tree = try world.settle()
                #expect(tree.files.count == 100)
            }
        }

        @Test func manyDeletionsAreHeldUntilTheyAreDiscarded() throws {
            try inWorld { world in
                let (a, b) = try manyDeleted(world)
                let kept = try fileCount(b)
                try a.call("folder", "discard", a.folder).succeeded()
                let tree = try world.settle()
                #expect(tree.files.count >= kept && kept >= 600)
                #expect(Files.text("\(world.agents[0].folder)/f1599") == "content 1599")
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

        @Test(.enabled(if: geteuid() == 0, "mounting needs root")) func aFullDiskLosesNothing() throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                try #require(mount("tmpfs", b.folder, "tmpfs", 0, "size=4m") == 0)
                defer { umount2(b.folder, Int32(MNT_DETACH)) }
                var generator = SeededGenerator(seed: 7)
                try Files.write("\(b.folder)/ballast", generator.bytes(2_500_000))
                try b.start()
                try a.start()
                try b.call("folder", "add", b.folder).succeeded()
                try a.join(b)
                try world.settle()
                for index in 0..<8 { try Files.write("\(a.folder)/f\(index)", generator.bytes(300_000)) }
                try Files.write("\(a.folder)/small", "small")
                try world.wait("b says that its disk is full") { try !b.folderStatus().problems.isEmpty }
                #expect(try Tree(of: a.folder).files.count == 10)
                for path in try Tree(of: b.folder).files {
                    #expect(Files.content("\(a.folder)/\(path)") == Files.content("\(b.folder)/\(path)"))
                }
                // The ballast goes for good, from the history too.
                try #require(mount("tmpfs", b.folder, "tmpfs", UInt(MS_REMOUNT), "size=40m") == 0)
                let tree = try world.settle(within: 150)
                #expect(tree.files.count == 10)
                #expect(try b.folderStatus().problems.isEmpty)
            }
        }
    }
}
