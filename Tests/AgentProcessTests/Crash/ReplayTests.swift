import AgentProcesses
import CrashDisk
import LanHosts
import Testing

extension AgentProcessTests {
    /// The log of effects tells everything, and a replayed disk has what was made durable and sometimes lacks the rest.
    @Suite struct ReplayTests {
        /// What a shell made of a directory, with the log of that.
        private final class Recording {
            let world: AgentWorld
            let before: DiskImage
            let log: EffectLog
            var root: String { "\(world.root)/disk" }

            init(first: String, then script: String) throws {
                world = try AgentWorld()
                let root = "\(world.root)/disk"
                for directory in [root, "\(world.root)/graves"] { try Files.make(directory) }
                try Self.run("cd \(root) && \(first)")
                before = try DiskImage(of: [root])
                try Self.run(
                    "cd \(root) && \(script)",
                    [
                        "LD_PRELOAD": try Programs.built("libCrashPoints.so"), "CRASH_ROOTS": root,
                        "CRASH_LOG": "\(world.root)/log", "CRASH_GRAVES": "\(world.root)/graves",
                    ])
                log = try EffectLog(at: "\(world.root)/log")
            }

            private static func run(_ script: String, _ variables: [String: String] = [:]) throws {
                let shell = try ChildProcess(["sh", "-ec", script], environment: variables)
                guard try shell.waitForExit() == 0 else { throw LanError("\(shell.transcript)") }
            }

            /// The trees that losses of power with many seeds leave.
            func trees() -> [[String: [UInt8]?]] {
                (UInt64(0)..<200).map { seed in
                    var loss = LossOfPower(seed: seed)
                    return loss.image(after: before, log).tree(at: root)
                }
            }

            deinit { world.tearDown() }
        }

        private static let old = "printf old > kept; printf old > moved; mkdir d; printf old > d/in; ln -s kept link"

        private func text(_ tree: [String: [UInt8]?], _ path: String) -> String? {
            tree[path].flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
        }

        @Test func theLogTellsEverything() throws {
            let recording = try Recording(
                first: Self.old,
                then: """
                    printf new > kept~; mv kept~ kept; mv moved d/moved; rm link; ln -s d link; mkdir -p e/f; \
                    touch e/f/g; chmod 600 d/in; printf more >> d/in; rm -r e; cp d/in copy; ln copy second; \
                    truncate -s 9000 copy
                    """)
            let told = LossOfPower.nothingLost(after: recording.before, recording.log)
            #expect(told.differences(from: try DiskImage(of: [recording.root])) == [])
        }

        @Test func whatIsFlushedIsThere() throws {
            let recording = try Recording(
                first: Self.old,
                then: "printf new > kept~; sync kept~; mv kept~ kept; sync .; mv moved d/moved; printf x > y; sync -f ."
            )
            for tree in recording.trees() {
                #expect(text(tree, "kept") == "new")
                #expect(text(tree, "d/moved") == "old")
                #expect(text(tree, "y") == "x")
                #expect(tree["moved"] == nil)
            }
        }

        @Test func whatIsNotFlushedIsThereOrNotAsAWhole() throws {
            let recording = try Recording(
                first: Self.old, then: "printf new > kept~; sync kept~; mv kept~ kept; mv moved d/moved; rm d/in")
            let trees = recording.trees()
            for tree in trees {
                #expect(["old", "new"].contains(text(tree, "kept")))
                #expect((text(tree, "moved") == nil) == (text(tree, "d/moved") == "old"))
            }
            // Each of the three with and without each of the others: late ones without early ones, too.
            let seen = Set(trees.map { "\(text($0, "kept") ?? "") \($0["moved"] == nil) \($0["d/in"] == nil)" })
            #expect(seen.count == 8)
        }

        @Test func aSizeMayBeThereWithoutItsBytes() throws {
            let recording = try Recording(first: Self.old, then: "printf new > made; sync .")
            let found = Set(recording.trees().map { text($0, "made") })
            #expect(found == ["", "new", "\0\0\0"])
        }

        @Test(arguments: UInt64(0)..<8) func aReplayedDiskIsTheImage(seed: UInt64) throws {
            let recording = try Recording(
                first: Self.old,
                then:
                    "printf new > kept~; mv kept~ kept; rm moved; mv d e; printf more >> e/in; ln kept second; rm link"
            )
            var loss = LossOfPower(seed: seed)
            let image = loss.image(after: recording.before, recording.log)
            let (scratch, graves) = ("\(recording.world.root)/scratch", "\(recording.world.root)/graves")
            _ = try image.restore(workingIn: scratch, graves: graves)
            #expect(try DiskImage(of: [recording.root]).tree(at: recording.root) == image.tree(at: recording.root))
        }
    }
}
