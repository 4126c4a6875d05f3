import AgentProcesses
import SeededRandom
import Testing

extension AgentProcessTests {
    @Suite struct LimitTests {
        /// Within its bound the large file would take twenty minutes: the small one doesn't wait for it.
        @Test(arguments: [("a", "--send"), ("b", "--receive")]) func aSmallFileOvertakesABoundedLargeOne(
            bounded: String, option: String
        ) throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try world.settle()
                let one = try #require(agents.first { $0.name == bounded })
                try one.call("limit", option, "65536").succeeded()
                var random = SeededGenerator(seed: 7)
                let large = random.bytes(80 << 20)
                try Files.write("\(agents[0].folder)/large", large)
                try world.wait("b begins to receive the large file") {
                    try agents[1].folderStatus().needFiles > 0
                }
                try Files.write("\(agents[0].folder)/small", "small")
                try world.wait("the small file is there") {
                    Files.content("\(agents[1].folder)/small") == Array("small".utf8)
                }
                #expect(Files.content("\(agents[1].folder)/large") == nil)
                // Without the bound it comes at once.
                try one.call("limit", option, "off").succeeded()
                try world.settle()
                #expect(Files.content("\(agents[1].folder)/large") == large)
            }
        }
    }
}
