import AgentProcesses
import LanHosts
import SeededRandom
import Testing

extension AgentProcessTests {
    @Suite struct IndexLossTests {
        /// Shares a tree, harms the index of one stopped agent, and waits until all is as before; `lost` is done to its
        /// folder and `meanwhile` to the other's while it is stopped, `afterwards` looks at the result.
        private func rebuild(
            harming victim: Int, _ harm: (String) throws -> Void, lost: (String) throws -> Void = { _ in },
            meanwhile: (String) throws -> Void = { _ in },
            afterwards: ([Agent], Tree) throws -> Void = { _, _ in }
        ) throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try Files.make("\(agents[0].folder)/d")
                for index in 0..<300 { try Files.write("\(agents[0].folder)/d/f\(index)", "content \(index)") }
                try Files.write("\(agents[1].folder)/edited", "one")
                try world.settle()
                try Files.write("\(agents[1].folder)/edited", "two")
                try Files.remove("\(agents[0].folder)/d/f0")
                try world.settle()
                try agents[victim].stop()
                try harm("\(agents[victim].home)/index")
                try lost(agents[victim].folder)
                try meanwhile(agents[1 - victim].folder)
                try agents[victim].start()
                let tree = try world.settle()
                #expect(Files.text("\(agents[victim].folder)/edited") == "two" && !tree.files.contains("d/f0"))
                try afterwards(agents, tree)
                // It works on as before.
                try Files.write("\(agents[victim].folder)/after", "after")
                try world.settle()
            }
        }

        private func delete(_ index: String) throws {
            for name in Files.names(index) { try Files.remove("\(index)/\(name)") }
        }

        private func damage(_ index: String) throws {
            var generator = SeededGenerator(seed: 3)
            for name in Files.names(index) {
                guard var bytes = Files.content("\(index)/\(name)") else { continue }
                for place in stride(from: 200, to: bytes.count, by: 97) {
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
                try Files.write("\(index)/\(name)", bytes)
            }
        }

        private func isWithoutConflict(_ agents: [Agent], _ tree: Tree) throws {
            for agent in agents { #expect(try agent.conflicts().isEmpty) }
            #expect(tree.files.count == 300)
        }

        @Test(arguments: [0, 1]) func aDeletedIndexIsRebuiltWithoutAConflict(victim: Int) throws {
            try rebuild(harming: victim, delete, afterwards: isWithoutConflict)
        }

        @Test(arguments: [0, 1]) func aDamagedIndexIsRebuiltWithoutAConflict(victim: Int) throws {
            try rebuild(harming: victim, damage, afterwards: isWithoutConflict)
        }

        @Test(arguments: [0, 1]) func changesMadeWhileTheIndexWasLostWin(victim: Int) throws {
            try rebuild(
                harming: victim, delete,
                meanwhile: { folder in
                    try Files.write("\(folder)/d/f1", "changed meanwhile")
                    try Files.remove("\(folder)/d/f2")
                },
                afterwards: { agents, tree in
                    for agent in agents {
                        let conflicts = try agent.conflicts()
                        #expect(conflicts.isEmpty && Files.text("\(agent.folder)/d/f1") == "changed meanwhile")
                    }
                    #expect(tree.files.count == 299 && !tree.files.contains("d/f2"))
                })
        }

        @Test func withoutAnotherDeviceWhatWasFoundWaits() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                for index in 0..<20 { try Files.write("\(agents[0].folder)/f\(index)", "content \(index)") }
                try world.settle()
                try agents[1].stop()
                try Files.remove("\(agents[1].folder)/f1")
                try agents[0].stop()
                try delete("\(agents[0].home)/index")
                try agents[0].start()
                try world.wait("the problem is shown") {
                    let folder = try agents[0].folderStatus()
                    return folder.state == "idle" && folder.problems.contains { $0.message.contains("was lost") }
                }
                #expect(Files.text("\(agents[0].folder)/f1") == "content 1")
                // What is in doubt stays so over the end of the process.
                agents[0].kill()
                try agents[0].start()
                try agents[1].start()
                let tree = try world.settle()
                #expect(tree.files.count == 19 && !tree.files.contains("f1"))
                let problems = try agents[0].folderStatus().problems
                #expect(problems.isEmpty)
            }
        }

        @Test(arguments: [0, 1]) func whatNobodyKnewSurvivesTheLoss(victim: Int) throws {
            try rebuild(
                harming: victim, delete,
                lost: { folder in
                    try Files.write("\(folder)/d/f1", "mine")
                    try Files.write("\(folder)/d/f2", "mine too")
                    try Files.write("\(folder)/d/new", "new")
                },
                meanwhile: { folder in
                    try Files.write("\(folder)/d/f1", "changed meanwhile")
                    try Files.remove("\(folder)/d/f2")
                },
                afterwards: { agents, tree in
                    for text in ["mine", "mine too", "new", "changed meanwhile"] {
                        #expect(tree.contents.contains(Tree.hash(Array(text.utf8))), "\(text)")
                    }
                    let conflicts = try agents[0].conflicts()
                    #expect(conflicts.count == 1 && tree.files.contains("d/f2") && tree.files.contains("d/new"))
                })
        }
    }
}
