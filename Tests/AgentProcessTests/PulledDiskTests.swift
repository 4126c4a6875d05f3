import AgentProcesses
import Glibc
import LanHosts
import SeededRandom
import Testing

extension AgentProcessTests {
    /// The disk of a folder is pulled out while the agent works, and put back: what was not flushed is gone, and that
    /// is nobody's edit or deletion, although the machine ran on (rule 12).
    @Suite struct PulledDiskTests {
        @Test func missingTestsAreKnown() {
            #expect(LoopDisk.skip.isPossible || LoopDisk.skip.isAllowed, "\(LoopDisk.skip.obstacles)")
        }

        /// Alone, and with the disk that the state is on.
        @Test(.enabled(if: LoopDisk.skip.isPossible), arguments: [false, true])
        func whatWasNotFlushedIsNobodysEdit(withState: Bool) throws {
            try inWorld { world in
                let (a, b) = (try world.agent("a"), try world.agent("b"))
                var disks = [try LoopDisk(at: b.folder, image: "\(world.root)/b.img", mebibytes: 128)]
                if withState {
                    try Files.make(b.home)
                    disks.append(try LoopDisk(at: b.home, image: "\(world.root)/b-home.img", mebibytes: 128))
                }
                try withExtendedLifetime(disks) {
                    var generator = SeededGenerator(seed: 1)
                    let user = SeededUser("a", in: a.folder, seed: 3)
                    for name in ["one", "two", "three/four"] { try Files.make("\(a.folder)/\(name)") }
                    try user.create(200, upTo: 20_000)
                    try a.start()
                    try b.start()
                    try a.call("folder", "add", a.folder).succeeded()
                    try b.join(a)
                    for _ in 0..<4 {
                        try user.create(300, upTo: 20_000)
                        let end = Clock.now() + Double.random(in: 0.05..<0.5, using: &generator)
                        while Clock.now() < end { try user.change(upTo: 5_000) }
                        b.kill()
                        for disk in disks { try disk.pull() }
                        let expected = try Tree(of: a.folder)
                        try b.start()
                        let tree = try world.settle()
                        #expect(tree.differences(from: expected) == [])
                        #expect(try a.conflicts().map(\.path) == [])
                    }
                }
            }
        }
    }
}
