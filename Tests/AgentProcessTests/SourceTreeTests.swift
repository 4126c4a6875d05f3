import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// A tree as people have them: at least 50,000 entries with links, from what is installed here.
    @Suite struct SourceTreeTests {
        /// `LANYARD_SOURCE_TREE`, an archive of the kernel's source, or what lies in the system's directories.
        private func fill(_ folder: String) throws {
            let archives = Files.names("/usr/src").filter { $0.hasPrefix("linux-source-") && $0.hasSuffix(".tar.xz") }
            var sources = [
                "/usr/share/doc", "/usr/share/man", "/usr/share/zoneinfo", "/usr/share/perl", "/usr/share/vim",
                "/usr/share/icons", "/usr/include", "/usr/lib/python3", "/usr/share",
            ]
            if let given = getenv("LANYARD_SOURCE_TREE") { sources = [String(cString: given)] }
            let words =
                getenv("LANYARD_SOURCE_TREE") == nil && !archives.isEmpty
                ? ["tar", "xf", "/usr/src/\(archives[0])", "-C", folder] : nil
            for source in words == nil ? sources : [] where Files.exists(source) {
                let name = source.split(separator: "/").joined(separator: "-")
                let copy = try ChildProcess([
                    "cp", "-dR", "--preserve=mode,timestamps,links", source, "\(folder)/\(name)",
                ])
                _ = try copy.waitForExit(within: 120)
                if try countOfEntries(folder) >= 50_000 { return }
            }
            if let words { try #require(try ChildProcess(words).waitForExit(within: 300) == 0) }
        }

        private func countOfEntries(_ folder: String) throws -> Int {
            let user = SeededUser("count", in: folder, seed: 0)
            user.look()
            return user.files.count + user.directories.count
        }

        @Test func aSourceTreeAndALargeBatchOfChangesOnBothSides() throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                try fill(a.folder)
                try a.start()
                try b.start()
                try a.call("folder", "add", a.folder).succeeded()
                try b.join(a)
                let first = try world.settle(within: 280)
                print("a tree of \(first.entries.count) entries, \(first.files.count) files")
                #expect(first.files.count >= 20_000)
                let users = [SeededUser("a", in: a.folder, seed: 11), SeededUser("b", in: b.folder, seed: 12)]
                for user in users { user.look() }
                for _ in 0..<3_000 { for user in users { try user.change(upTo: 10_000) } }
                let tree = try world.settle(within: 200)
                let owed = users[0].written.union(users[1].written)
                    .subtracting(users[0].destroyed).subtracting(users[1].destroyed)
                var kept = tree.contents
                for agent in [a, b] { kept.formUnion(Files.contents(below: "\(agent.folder)/.lanyard/history")) }
                #expect(owed.subtracting(kept).isEmpty, "of \(owed.count) contents")
                #expect(try Set(a.conflicts()) == Set(b.conflicts()))
            }
        }
    }
}
