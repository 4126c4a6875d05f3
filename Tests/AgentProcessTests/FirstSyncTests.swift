import AgentProcesses
import Glibc
import SeededRandom
import Testing

extension AgentProcessTests {
    @Suite struct FirstSyncTests {
        /// Every kind of entry that is synced.
        private func fill(_ folder: String) throws {
            try Files.make("\(folder)/a/deep/er")
            try Files.make("\(folder)/empty")
            try Files.write("\(folder)/text", "hello")
            try Files.write("\(folder)/nothing", "")
            try Files.write("\(folder)/a/deep/er/script", "#!/bin/sh\n")
            try Files.write("\(folder)/a/größe ü\u{1F600}\n", "odd name")
            try #require(chmod("\(folder)/a/deep/er/script", 0o750) == 0)
            try #require(symlink("deep/er/script", "\(folder)/a/link") == 0)
            try #require(symlink("/nowhere/at all", "\(folder)/dangling") == 0)
            var generator = SeededGenerator(seed: 1)
            try Files.write("\(folder)/a/large", generator.bytes(3_000_000))
            try Files.touch("\(folder)/text", seconds: 1_000_000_007, nanoseconds: 123_456_789)
        }

        @Test func editsOfBothSidesArriveAndARestartKeepsEverything() throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                try fill(a.folder)
                try a.start()
                try b.start()
                try a.call("folder", "add", a.folder).succeeded()
                try b.join(a)
                let first = try world.settle()
                #expect(first.entries.count == 11)
                #expect(Files.mode("\(b.folder)/a/deep/er/script") == 0o750)
                try Files.write("\(a.folder)/a/new", "from a")
                try Files.write("\(b.folder)/text", "changed by b")
                try Files.move("\(b.folder)/a/deep", "\(b.folder)/deep")
                try Files.remove("\(b.folder)/a/large")
                try #require(chmod("\(a.folder)/nothing", 0o600) == 0)
                let second = try world.settle()
                #expect(Files.text("\(b.folder)/a/new") == "from a")
                #expect(Files.text("\(a.folder)/text") == "changed by b")
                #expect(Files.exists("\(a.folder)/deep/er/script") && !Files.exists("\(a.folder)/a/deep"))
                #expect(!Files.exists("\(a.folder)/a/large"))
                try a.stop()
                try b.stop()
                try a.start()
                try b.start()
                #expect(try world.settle() == second)
                #expect(try a.conflicts().isEmpty)
                for agent in [a, b] {
                    #expect(Files.mode(agent.home) == 0o700)
                    #expect(Files.mode("\(agent.home)/identity/key.pem") == 0o600)
                }
            }
        }

        @Test func aSecondAgentOnOneHomeOrFolderIsRefused() throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                try Files.write("\(a.folder)/f", "f")
                try a.start()
                try a.call("folder", "add", a.folder).succeeded()
                let again = try a.startAgain()
                #expect(again.status == 4 && again.output.contains("agentRunning"), "\(again.output)")
                try b.start()
                try b.call("folder", "add", a.folder)
                try world.wait("b refuses a's folder") {
                    let refused = try b.status().folders
                    return refused.allSatisfy { $0.state == "error" && $0.rootDigest == nil }
                        && refused.flatMap(\.problems).allSatisfy { $0.message.contains("in use by another agent") }
                }
                try world.wait("a's folder is idle") { try a.folderStatus().state == "idle" }
                #expect(Files.text("\(a.folder)/f") == "f")
            }
        }
    }
}
