import AgentProcesses
import LanHosts
import SeededRandom
import Testing

extension AgentProcessTests {
    /// A disk that fills up: said, waited for, and no loss.
    @Suite struct DiskFullTests {
        @Test func missingTestsAreKnown() {
            #expect(SmallDisk.skip.isPossible || SmallDisk.skip.isAllowed, "\(SmallDisk.skip.obstacles)")
        }

        private func fill(_ folder: String, _ count: Int, seed: UInt64) throws {
            var generator = SeededGenerator(seed: seed)
            for index in 0..<count { try Files.write("\(folder)/f\(index)", generator.bytes(1_000_000)) }
        }

        /// Two agents that share a folder; that of the second stands on a disk of 40 MiB.
        private func onSmallDisk(_ body: (AgentWorld, Agent, Agent, SmallDisk) throws -> Void) throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                let disk = try SmallDisk(at: b.folder, bytes: 40 << 20)
                try withExtendedLifetime(disk) {
                    try a.start()
                    try b.start()
                    try a.call("folder", "add", a.folder).succeeded()
                    try b.join(a)
                    try body(world, a, b, disk)
                }
            }
        }

        @Test(.enabled(if: SmallDisk.skip.isPossible)) func whatDoesNotFitIsSaidAndComesOnceThereIsRoom() throws {
            try onSmallDisk { world, a, b, disk in
                try Files.write("\(b.folder)/mine", "mine")
                try world.settle()
                try fill(a.folder, 60, seed: 1)
                try world.wait("b says what does not fit") {
                    try b.folderStatus().problems.contains { $0.message.contains("do not fit") }
                }
                // A busy machine is still looking at its own files after the first seconds.
                try world.wait("a says who still needs what") {
                    let answer = try a.call("wait", "--timeout", "3")
                    #expect(answer.status == 1, "\(answer.output)")
                    return answer.output.contains("still needs")
                }
                // Nothing half, nothing gone; what fits may be there.
                let (theirs, ours) = (try Tree(of: a.folder), try Tree(of: b.folder))
                #expect(ours.contents.isSubset(of: theirs.contents))
                #expect(Files.content("\(b.folder)/mine") == Array("mine".utf8))
                #expect(ours.files.count > 20)
                try disk.resize(120 << 20)
                let tree = try world.settle()
                #expect(tree.files.count == 61)
                #expect(try b.folderStatus().problems.isEmpty)
            }
        }

        /// An edit of a file needs room for both contents until the old one is let go.
        @Test(.enabled(if: SmallDisk.skip.isPossible)) func aFileThatDoesNotFitAnyMoreKeepsItsContent() throws {
            try onSmallDisk { world, a, b, disk in
                try fill(a.folder, 20, seed: 2)
                let before = try world.settle()
                try fill(a.folder, 20, seed: 3)
                try world.wait("b says what does not fit") {
                    try b.folderStatus().problems.contains { $0.message.contains("do not fit") }
                }
                let (theirs, ours) = (try Tree(of: a.folder), try Tree(of: b.folder))
                for path in ours.files {
                    let content = try #require(ours.entries[path])
                    #expect(content == before.entries[path] || content == theirs.entries[path], "\(path)")
                }
                #expect(ours.files == before.files)
                // A restart does not lose its way, nor what was fetched so far.
                try b.stop()
                try b.start()
                try disk.resize(80 << 20)
                try world.settle()
            }
        }
    }
}
