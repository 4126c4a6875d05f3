import AgentProcesses
import Testing

extension AgentProcessTests {
    /// Rule 16: a pattern freezes what it matches; what is ignored is neither changed nor gone.
    @Suite struct IgnoringTests {
        @Test(arguments: ["cache", "project"]) func ignoredFilesOfADeletedDirectoryAreNotDeletedElsewhere(
            deleted: String
        ) throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let (a, b) = (agents[0], agents[1])
                for directory in ["cache", "project/cache"] { try Files.make("\(a.folder)/\(directory)") }
                let ignored = "\(deleted == "cache" ? "cache" : "project/cache")/f"
                for name in ["cache/f", "project/cache/f", "project/plain", "mark"] {
                    try Files.write("\(a.folder)/\(name)", name)
                }
                try world.settle()
                try Files.write("\(a.folder)/.lanyardignore", "cache/\n")
                try world.settle()
                try Files.remove("\(a.folder)/\(deleted)")
                try Files.remove("\(a.folder)/mark")
                try world.wait("b hears of what is not ignored") {
                    !Files.exists("\(b.folder)/mark")
                        && (deleted == "cache" || !Files.exists("\(b.folder)/project/plain"))
                }
                // Also by a scan of everything, and after a restart.
                try a.stop()
                try a.start()
                _ = try a.call("wait", "--timeout", "10")
                #expect(Files.text("\(b.folder)/\(ignored)") == ignored)
            }
        }

        /// Two agents that have `cache/f`, and ignore it since.
        private func ignoringCache(_ world: AgentWorld) throws -> (Agent, Agent) {
            let agents = try world.chain("a", "b")
            try Files.make("\(agents[0].folder)/cache")
            try Files.write("\(agents[0].folder)/cache/f", "f")
            try world.settle()
            try Files.write("\(agents[0].folder)/.lanyardignore", "cache/\n")
            try world.settle()
            return (agents[0], agents[1])
        }

        /// What leaves an ignored directory is new where it goes.
        @Test func aFileThatIsMovedOutOfAnIgnoredDirectoryStaysElsewhere() throws {
            try inWorld { world in
                let (a, b) = try ignoringCache(world)
                try Files.move("\(a.folder)/cache/f", "\(a.folder)/out")
                try world.wait("b hears of what came out") { Files.exists("\(b.folder)/out") }
                _ = try a.call("wait", "--timeout", "10")
                #expect(Files.text("\(b.folder)/cache/f") == "f")
            }
        }

        /// What stands in the place of an ignored directory is not ignored; what was in the directory is.
        @Test func ignoredFilesOfAReplacedDirectoryAreNotDeletedElsewhere() throws {
            try inWorld { world in
                let (a, b) = try ignoringCache(world)
                try Files.remove("\(a.folder)/cache")
                try Files.write("\(a.folder)/cache", "new")
                // Also by a scan of everything, and by another, when what came in the directory's place is known.
                for mark in ["first", "second"] {
                    try a.stop()
                    try a.start()
                    try Files.write("\(a.folder)/\(mark)", mark)
                    try world.wait("b hears of what came later") { Files.exists("\(b.folder)/\(mark)") }
                    _ = try a.call("wait", "--timeout", "10")
                    #expect(Files.text("\(b.folder)/cache/f") == "f")
                }
            }
        }
    }
}
