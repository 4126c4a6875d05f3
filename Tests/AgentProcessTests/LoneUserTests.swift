import AgentProcesses
import SeededRandom
import Testing

extension AgentProcessTests {
    /// One person alone changes a tree in bursts, while its changes are told, applied and told on: no other device
    /// undoes anything of it, and there is nobody to be in conflict with.
    @Suite struct LoneUserTests {
        /// Under names that are new each time, and under few that are used for files and directories alike.
        @Test(arguments: [nil, 5])
        func nobodyUndoesWhatOneDoesAlone(fewNames: Int?) throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                var generator = SeededGenerator(seed: 1)
                let user = SeededUser("a", in: a.folder, seed: 3, fewNames: fewNames)
                for name in ["one", "two", "three/four"] { try Files.make("\(a.folder)/\(name)") }
                user.look()
                try user.create(200, upTo: 20_000)
                try a.start()
                try b.start()
                try a.call("folder", "add", a.folder).succeeded()
                try b.join(a)
                // Renames that follow one another within milliseconds are counted as deletions in part, maybe of more
                // files than the budget lets through unasked.
                for agent in [a, b] {
                    try agent.call("folder", "set", "deletion-budget", agent.folder, "off").succeeded()
                }
                for _ in 0..<5 {
                    try user.create(300, upTo: 20_000)
                    let end = Clock.now() + Double.random(in: 0.05..<0.5, using: &generator)
                    while Clock.now() < end { try user.change(upTo: 5_000) }
                    let expected = try Tree(of: a.folder)
                    let tree = try world.settle()
                    #expect(tree.differences(from: expected) == [])
                    #expect(try a.conflicts().map(\.path) == [])
                }
            }
        }
    }
}
