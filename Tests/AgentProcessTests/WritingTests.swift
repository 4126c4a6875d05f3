import AgentProcesses
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// Files that are written while they are synced: only what was at rest arrives.
    @Suite struct WritingTests {
        /// What `path` holds at the receiver each time one looks.
        private struct Watch {
            var path: String
            var seen: Set<[UInt8]> = []

            mutating func look() { if let bytes = Files.content(path) { seen.insert(bytes) } }
        }

        @Test func aGrowingLogArrivesInPrefixes() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let log = "\(agents[0].folder)/log"
                let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
                try #require(file >= 0)
                defer { close(file) }
                var watch = Watch(path: "\(agents[1].folder)/log")
                var (whole, ends): ([UInt8], Set<Int>) = ([], [0])
                for index in 0..<200 {
                    let line = Array("\(index) a line of the log, written at once\n".utf8)
                    try Files.append(file, line, log)
                    whole += line
                    ends.insert(whole.count)
                    watch.look()
                    usleep(20_000)
                }
                try world.settle()
                #expect(Files.content(watch.path) == whole)
                #expect(watch.seen.allSatisfy { whole.starts(with: $0) && ends.contains($0.count) })
            }
        }

        @Test func aFileRewrittenInPlaceArrivesWhole() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let path = "\(agents[0].folder)/database"
                var watch = Watch(path: "\(agents[1].folder)/database")
                for round in 0..<30 {
                    // Each version is of one byte only, so that a mixed one shows.
                    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
                    try #require(file >= 0)
                    for _ in 0..<16 {
                        try Files.append(file, [UInt8](repeating: UInt8(round + 1), count: 4_096), path)
                        usleep(500)
                    }
                    close(file)
                    for _ in 0..<8 {
                        watch.look()
                        usleep(10_000)
                    }
                }
                try world.settle()
                #expect(Files.content(watch.path) == [UInt8](repeating: 30, count: 65_536))
                #expect(watch.seen.allSatisfy { Set($0).count <= 1 && $0.count == 65_536 })
            }
        }

        @Test func aFileSavedByRenamingOverItArrivesWhole() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let path = "\(agents[0].folder)/text"
                var watch = Watch(path: "\(agents[1].folder)/text")
                var saved: Set<[UInt8]> = []
                for round in 0..<40 {
                    let text = Array("version \(round) \(String(repeating: "x", count: round * 100))".utf8)
                    saved.insert(text)
                    if round > 0 { _ = try? Files.move(path, "\(path)~") }
                    try Files.write("\(path).swp", text)
                    try Files.move("\(path).swp", path)
                    if round > 0 { try Files.remove("\(path)~") }
                    for _ in 0..<6 {
                        watch.look()
                        usleep(10_000)
                    }
                }
                let tree = try world.settle()
                #expect(tree.files == ["text"])
                #expect(watch.seen.isSubset(of: saved))
            }
        }

        @Test func aTreeMovesInAndOut() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let outside = "\(world.root)/outside"
                try Files.make("\(outside)/deep/er")
                for index in 0..<200 { try Files.write("\(outside)/deep/er/f\(index)", "content \(index)") }
                try Files.write("\(agents[0].folder)/stays", "stays")
                for _ in 0..<2 {
                    try Files.move(outside, "\(agents[0].folder)/tree")
                    #expect(try world.settle().files.count == 201)
                    try Files.move("\(agents[0].folder)/tree", outside)
                    #expect(try world.settle().entries.keys.sorted() == ["stays"])
                }
            }
        }

        @Test func anOpenFileOfTheReceiverKeepsWhatIsWrittenToIt() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let (mine, theirs) = ("\(agents[0].folder)/f", "\(agents[1].folder)/f")
                try Files.write(mine, "first")
                try world.settle()
                let file = open(theirs, O_WRONLY | O_APPEND | O_CLOEXEC)
                try #require(file >= 0)
                try Files.write(mine, "second, by a")
                // It is told that the file waits for the writer, or the new version is there already.
                try world.wait("b has taken notice") {
                    let status = try agents[1].folderStatus()
                    return status.needFiles > 0 || Files.text(theirs) != "first"
                }
                try Files.append(file, Array(", more by b".utf8), theirs)
                close(file)
                let tree = try world.settle()
                let texts = tree.files.compactMap { Files.text("\(agents[0].folder)/\($0)") }
                #expect(texts.contains("second, by a"))
                #expect(texts.contains("first, more by b"))
                #expect(try Set(agents[0].conflicts()) == Set(agents[1].conflicts()))
            }
        }
    }
}
