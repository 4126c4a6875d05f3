import AgentProcesses
import Testing

extension AgentProcessTests {
    /// Edits of both sides while they don't see each other.
    @Suite struct ConflictTests {
        /// Shares `files`, stops both, edits, starts both and waits until they agree.
        /// - Returns: the common tree and the conflicts that both list.
        private func apart(
            _ files: [String: String], _ left: (String) throws -> Void, _ right: (String) throws -> Void
        ) throws -> (contents: [String: String], conflicts: [ConflictLine]) {
            let world = try AgentWorld()
            defer { world.tearDown() }
            let agents = try world.chain("a", "b")
            for (path, text) in files {
                let parts = path.split(separator: "/").dropLast()
                if !parts.isEmpty { try Files.make("\(agents[0].folder)/\(parts.joined(separator: "/"))") }
                try Files.write("\(agents[0].folder)/\(path)", text)
            }
            try world.settle()
            for agent in agents { try agent.stop() }
            try left(agents[0].folder)
            try right(agents[1].folder)
            for agent in agents { try agent.start() }
            let tree = try world.settle()
            var contents: [String: String] = [:]
            for path in tree.files { contents[path] = Files.text("\(agents[0].folder)/\(path)") }
            let conflicts = try agents[0].conflicts()
            #expect(try Set(conflicts) == Set(agents[1].conflicts()))
            return (contents, conflicts)
        }

        @Test func twoEditsBothSurvive() throws {
            let (contents, conflicts) = try apart(
                ["f.txt": "base"], { try Files.write("\($0)/f.txt", "left") },
                { try Files.write("\($0)/f.txt", "right") })
            #expect(Set(contents.values) == ["left", "right"] && contents["f.txt"] != nil)
            #expect(conflicts.count == 1)
            #expect(conflicts.allSatisfy { contents[$0.path] != nil && $0.path.hasSuffix(".txt") })
        }

        @Test func anEditBeatsADeletion() throws {
            let (contents, conflicts) = try apart(
                ["f": "base"], { try Files.write("\($0)/f", "left") }, { try Files.remove("\($0)/f") })
            #expect(contents == ["f": "left"])
            #expect(conflicts.isEmpty)
        }

        @Test func anEditFollowsARename() throws {
            let (contents, conflicts) = try apart(
                ["f": "base"], { try Files.write("\($0)/f", "left") }, { try Files.move("\($0)/f", "\($0)/g") })
            #expect(contents == ["g": "left"])
            #expect(conflicts.isEmpty)
        }

        @Test func aNewFileFollowsTheRenameOfItsDirectory() throws {
            let (contents, conflicts) = try apart(
                ["d/old": "old", "d/e/deep": "deep"], { try Files.write("\($0)/d/e/new", "new") },
                { try Files.move("\($0)/d", "\($0)/moved") })
            #expect(contents["moved/old"] == "old" && contents["moved/e/deep"] == "deep")
            #expect(contents.count == 3)
            #expect(contents["moved/e/new"] == "new")
            #expect(conflicts.isEmpty)
        }

        @Test func aFileAndADirectoryOfOneNameBothSurvive() throws {
            let (contents, conflicts) = try apart(
                ["x": "base"],
                { try Files.write("\($0)/x", "file") },
                { folder in
                    try Files.remove("\(folder)/x")
                    try Files.make("\(folder)/x")
                    try Files.write("\(folder)/x/inside", "inside")
                })
            #expect(Set(contents.values) == ["file", "inside"])
            #expect(conflicts.allSatisfy { contents[$0.path] == "file" })
            #expect(contents["x/inside"] == "inside", "\(contents)")
        }
    }
}
