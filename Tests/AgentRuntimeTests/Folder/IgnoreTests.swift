import AgentProcesses
import Chunking
import Glibc
import LocalFileSystem
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// Rule 16 at the disk: what is ignored is neither there nor gone, however one comes by it.
@Suite struct IgnoreTests {
    /// Law: of all that stands, exactly what no pattern leaves out is told: by a scan of all, by scans of each
    /// directory, and by reading each path.
    @Test(arguments: [
        "build/", "*.tmp", "/a/b", "a/**/z", "x\n!x", "build", "/build", "a/*", "*\n!/a\n!/a/b", "b/\n!a/b/",
        "\\#odd\n#comment", "[ab]", "\u{FEFF}build/\r", "",
    ])
    func exactlyWhatIsNotIgnoredIsTold(patterns: String) throws {
        let world = try DiskWorld()
        defer { world.close() }
        let names = [
            "build/x", "build/sub/y.tmp", "a/b/z", "a/build/q", "a/c/d/z", "x", "x.tmp", "#odd", "sub/build", "ab",
        ]
        for name in names { try world.write(name, Array(name.utf8)) }
        try Files.make("\(world.path)/a/c/build")
        try world.write(".lanyardignore", Array(patterns.utf8))
        world.rest()
        let rules = try IgnoreRules(Array(patterns.utf8))
        let all = try world.standing()
        let wanted = all.filter { !rules.ignores($0.key, isDirectory: $0.value == .directory) }

        #expect(try world.scan().contents == wanted)
        #expect(try world.read(Array(all.keys)).contents == wanted)
        for directory in all.filter({ $0.value == .directory }).keys {
            let look = try world.scan("\(directory)")
            #expect(look.isComplete == true)
            #expect(look.contents == wanted.filter { $0.key.isBelow(directory) }, "\(directory)")
            #expect(look.absent.isEmpty)
        }
    }

    /// What was known before its pattern came is frozen: it is not gone, whatever becomes of it.
    @Test func whatIsIgnoredIsNeverGone() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["cache/x", "cache/deep/y", "a/cache/z", "a/plain", "note.tmp"] { try world.write(name, [1]) }
        world.rest()
        try world.learn(try world.scan())
        let known = try world.known()
        try world.write(".lanyardignore", Array("cache/\n*.tmp\n".utf8))
        for name in ["cache", "a", "note.tmp"] { try Files.remove("\(world.path)/\(name)") }
        let gone = Set(try ["a", "a/plain"].map { try RelativePath($0) })
        for subtree in ["cache", "a/cache", "cache/deep"] { #expect(try world.scan(subtree).absent.isEmpty) }
        #expect(try world.read(Array(known.keys)).absent.isEmpty)
        #expect(try world.scan("a").absent == gone)
        #expect(try world.scan().absent == gone)
    }

    /// Whoever ignores a directory and removes it then may do so while it is being looked at.
    @Test func whatIsIgnoredWhileItIsLookedAtIsNotGone() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["build/deep/x", "build/y", "plain/z", "note.tmp"] { try world.write(name, [1]) }
        try world.learn(try world.scan())
        // The walk waits for room after three batches.
        for number in 0..<4 * Limits.waveRecords { try world.write("a/\(number)", []) }
        let begin = {
            world.observer.scan(nil)
            let isWaiting = world.told.wait(until: patience()) { $0.count >= 3 ? true : nil }
            #expect(isWaiting == true)
            do {
                try world.write(".lanyardignore", Array("build/\n*.tmp\n".utf8))
                for name in ["build", "plain", "note.tmp"] { try Files.remove("\(world.path)/\(name)") }
            } catch { Issue.record("\(error)") }
        }
        let look = try world.look(begin) { if case .scanEnded = $0 { true } else { false } }
        #expect(look.absent == Set(try ["plain", "plain/z"].map { try RelativePath($0) }))
    }

    @Test func whatStandsInThePlaceOfAnIgnoredDirectoryIsTold() throws {
        let world = try DiskWorld()
        defer { world.close() }
        for name in ["cache/x", "all/x"] { try world.write(name, [1]) }
        world.rest()
        try world.learn(try world.scan())
        try world.write(".lanyardignore", Array("cache/\nall\n".utf8))
        for name in ["cache", "all"] { try Files.remove("\(world.path)/\(name)") }
        for name in ["cache", "all"] { #expect(try world.scan(name).found.isEmpty) }
        for name in ["cache", "all"] { try world.write(name, [2]) }
        let look = try world.scan("cache")
        #expect(look.isComplete == true && look.found.keys.map(\.description) == ["cache"] && look.absent.isEmpty)
        #expect(try world.scan("all").found.isEmpty)
    }

    @Test func aFileOfRulesThatIsNoneMeansNothing() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let file = "\(world.path)/.lanyardignore"
        let reader = try PathReader(world.disk)
        defer { reader.close() }
        let x = try RelativePath("x")
        func ignores() throws -> Bool { try world.disk.ignoreRules().ignores(x, isDirectory: false) }
        #expect(try world.disk.ignoreRules() == .none)
        try Files.write(file, "x\n")
        #expect(try ignores())
        // Up to the greatest size it counts, beyond it nothing of it does.
        let filler = [UInt8](repeating: UInt8(ascii: "#"), count: Limits.ignoreFileBytes - 2)
        try Files.write(file, Array("x\n".utf8) + filler)
        #expect(try ignores())
        try Files.write(file, Array("x\n".utf8) + filler + [0x0a])
        #expect(try !ignores())
        try Files.remove(file)
        try Files.write(world.directory.path + "/rules", "x\n")
        try Files.link(file, to: "../rules")
        #expect(try !ignores())
        try Files.remove(file)
        try Files.make(file)
        #expect(try !ignores())
        try Files.remove(file)
        try #require(mkfifo(file, 0o600) == 0)
        #expect(try !ignores())
    }

    /// What is ignored would be told, and what is frozen would count as gone.
    @Test func whatCanNotBeReadIgnoresNotNothing() throws {
        let world = try DiskWorld()
        defer { world.close() }
        let file = "\(world.path)/.lanyardignore"
        try Files.write(file, "secret\n")
        try world.write("secret", [1])
        try Files.setMode(file, 0)
        let error = #expect(throws: FileSystemError.self) {
            _ = try withoutPrivileges { try world.disk.ignoreRules() }
        }
        #expect(error?.code == .permissionDenied && error?.message.contains("what is ignored") == true)
        try Files.setMode(file, 0o644)
        #expect(try withoutPrivileges { try world.disk.ignoreRules() }.isEmpty == false)
    }
}
