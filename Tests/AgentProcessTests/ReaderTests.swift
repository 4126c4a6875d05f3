import AgentProcesses
import LanHosts
import Testing

extension AgentProcessTests {
    /// Three devices, one of which may only read.
    @Suite struct ReaderTests {
        private func digests(_ agents: [Agent]) throws -> Set<String> {
            Set(try agents.map { try $0.folderStatus().rootDigest ?? "none" })
        }

        private func waitAll(_ agents: [Agent]) throws {
            for agent in agents { try agent.call("wait", "--timeout", "60").succeeded() }
        }

        /// Its changes stay with it, over a restart; a revert brings back what the others have.
        @Test func aReadersChangesStayUntilTheyAreTakenBack() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let reader = try world.agent("c")
                try reader.start()
                try reader.join(agents[0], role: "read-only")
                for name in ["one", "two", "three"] { try Files.write("\(agents[0].folder)/\(name)", "from a") }
                try world.settle()
                try Files.write("\(reader.folder)/one", "edited by c")
                try Files.remove("\(reader.folder)/two")
                try Files.write("\(reader.folder)/mine", "made by c")
                try world.wait("three local changes") { try reader.folderStatus().localChanges == 3 }
                try Files.write("\(agents[1].folder)/three", "edited by b")
                try waitAll(agents + [reader])
                #expect(try digests(agents + [reader]).count == 1)
                #expect(Files.text("\(agents[0].folder)/one") == "from a")
                #expect(!Files.exists("\(agents[0].folder)/mine") && Files.exists("\(agents[0].folder)/two"))
                #expect(Files.text("\(reader.folder)/three") == "edited by b")
                try reader.stop()
                try reader.start()
                try waitAll([reader])
                #expect(try reader.folderStatus().localChanges == 3)
                let list = try reader.call("folder", "changes", reader.folder).succeeded().output
                #expect(list.contains("edited") && list.contains("deleted") && list.contains("mine"), "\(list)")
                let why = try reader.call("why", "\(reader.folder)/one")
                #expect(why.status == 1 && why.output.contains("only read"), "\(why.output)")
                try reader.call("folder", "revert", reader.folder, "one").succeeded()
                try world.wait("one is back") { Files.text("\(reader.folder)/one") == "from a" }
                let history = try reader.call("history", "\(reader.folder)/one", "--json").succeeded().output
                #expect(history.contains("replaced"), "\(history)")
                try reader.call("folder", "revert", reader.folder).succeeded()
                try world.wait("all is back") { try reader.folderStatus().localChanges == 0 }
                let tree = try world.settle()
                #expect(tree.files.sorted() == ["one", "three", "two"])
                #expect(try digests(agents + [reader]).count == 1)
            }
        }
    }
}
