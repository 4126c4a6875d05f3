import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// A tree as people have them: at least 50,000 entries with links, from what is installed here.
    @Suite struct SourceTreeTests {
        /// Begins to unpack `LANYARD_SOURCE_TREE`, an archive of the kernel's source, or to copy what lies in the
        /// system's directories. Both make the directories before what is in them, and set their modes after it.
        private func filling(_ folder: String) throws -> ChildProcess {
            let archives = Files.names("/usr/src").filter { $0.hasPrefix("linux-source-") && $0.hasSuffix(".tar.xz") }
            var sources = [
                "/usr/share/doc", "/usr/share/man", "/usr/share/zoneinfo", "/usr/share/perl", "/usr/share/vim",
                "/usr/share/icons", "/usr/include", "/usr/lib/python3", "/usr/share",
            ]
            if let given = getenv("LANYARD_SOURCE_TREE") {
                sources = [String(cString: given)]
            } else if !archives.isEmpty {
                return try ChildProcess(["tar", "xf", "/usr/src/\(archives[0])", "-C", folder])
            }
            // Of a system's directories not all can be copied while others change them.
            let copies = """
                for source in "$@"; do
                    [ -e "$source" ] || continue
                    cp -dR --preserve=mode,timestamps,links "$source" "$0/$(echo "$source" | tr / -)"
                    [ "$(find "$0" | wc -l)" -lt 50000 ] || break
                done
                """
            return try ChildProcess(["sh", "-c", copies, folder] + sources)
        }

        @Test func aSourceTreeAndALargeBatchOfChangesOnBothSides() throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                try a.start()
                try b.start()
                try a.call("folder", "add", a.folder).succeeded()
                // Whoever joins while the tree is being written hears of much before its directories.
                let filling = try filling(a.folder)
                try world.wait("the first files") { try a.folderStatus().files >= 5_000 }
                try b.join(a)
                try #require(filling.waitForExit(within: 300) == 0)
                let first = try world.settle(within: 280)
                print("a tree of \(first.entries.count) entries, \(first.files.count) files")
                #expect(first.files.count >= 20_000)
                let users = [SeededUser("a", in: a.folder, seed: 11), SeededUser("b", in: b.folder, seed: 12)]
                for user in users { user.look() }
                for _ in 0..<3_000 { for user in users { try user.change(upTo: 10_000) } }
                // The users change more than they do by hand in a week: directories of thousands of files move often.
                let tree = try world.settle(within: 400)
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
