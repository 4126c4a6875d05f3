import AgentProcesses
import CLinux
import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct TreeWalkTests {
    let directory: TemporaryDirectory
    let root: FolderRoot

    init() throws {
        directory = try TemporaryDirectory()
        root = try FolderRoot(opening: directory.path)
    }

    private func known() throws -> [KnownEntry] { NaiveTree.known(try NaiveTree.states(of: root)) }

    @Test(arguments: 0..<40) func differencesAreThoseOfANaiveListing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tree = RandomTree(directory)
        for _ in 0..<60 { try tree.mutate(&random) }
        let before = try NaiveTree.states(of: root)
        for _ in 0..<Int.random(in: 0..<25, using: &random) { try tree.mutate(&random) }
        let after = try NaiveTree.states(of: root)
        var expected: [WalkDifference] = []
        for path in Set(before.keys).union(after.keys).sorted() {
            if let now = after[path] {
                if before[path] != now { expected.append(.changed(path)) }
            } else {
                expected.append(.gone(path))
            }
        }
        let result = WalkResult(TreeWalk(of: root), known: NaiveTree.known(before))
        #expect(result.differences == expected)
        #expect(result.summary.entries == after.count && result.summary.isComplete)
        #expect(WalkResult(TreeWalk(of: root), known: NaiveTree.known(after)).differences.isEmpty)
    }

    @Test(arguments: 0..<10) func aSubtreeGivesItsPart(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tree = RandomTree(directory)
        for _ in 0..<60 { try tree.mutate(&random) }
        let all = try known()
        for entry in all where entry.kind == .directory {
            let walk = TreeWalk(of: root, below: entry.path)
            let below = all.filter { $0.path.isBelow(entry.path) }
            #expect(WalkResult(walk, known: []).changed == below.map(\.path.description))
            #expect(WalkResult(walk, known: below).differences.isEmpty)
        }
    }

    @Test func everythingBelowWhatIsNoDirectoryIsGone() throws {
        try directory.write("a/b/c", "1")
        try directory.write("d/e", "2")
        let known = try known()
        #expect(Shell("cd '\(directory.path)' && rm -r a d && ln -s /etc a && touch d").wait() == 0)
        let result = WalkResult(TreeWalk(of: root), known: known)
        #expect(result.changed == ["a", "d"] && result.gone == ["a/b", "a/b/c", "d/e"])
        let below = known.filter { $0.path.description.hasPrefix("a/") }
        #expect(try WalkResult(TreeWalk(of: root, below: path("a")), known: below).gone == ["a/b", "a/b/c"])
    }

    @Test func whatIsNotHeldHereIsNeverGone() throws {
        try directory.write("here", "1")
        let entries = [
            KnownEntry(path: try path("here"), kind: .file, disk: nil),
            KnownEntry(path: try path("nowhere"), kind: .file, disk: nil),
        ]
        let result = WalkResult(TreeWalk(of: root), known: entries)
        #expect(result.changed == ["here"] && result.gone.isEmpty)
    }

    @Test func aRacyRowIsReadAgain() throws {
        try directory.write("f", "1")
        let entry = try #require(try known().first)
        let racy = KnownEntry(path: entry.path, kind: .file, disk: entry.disk, isRacy: true)
        #expect(WalkResult(TreeWalk(of: root), known: [racy]).changed == ["f"])
    }

    @Test func ownDirectoryIsNotWalkedAndOtherFoldersNeither() throws {
        try directory.write(".lanyard/folder", "x")
        try directory.write("a/.lanyard/folder", "x")
        try directory.write("a/f", "x")
        try directory.write("b/.lanyard/other", "x")
        let result = WalkResult(TreeWalk(of: root), known: [])
        #expect(result.changed == ["a", "b", "b/.lanyard", "b/.lanyard/other"])
        #expect(result.problems.keys.sorted() == ["a"])
    }

    @Test func ignoredEntriesAreNeitherChangedNorGone() throws {
        for name in ["keep/x", "build/x", "build/y/z", "gone/x", "k.o"] { try directory.write(name, "1") }
        let known = try known()
        let changes = "rm -r gone build/y k.o && echo 2 > build/x && touch build/n"
        #expect(Shell("cd '\(directory.path)' && \(changes)").wait() == 0)
        let walk = TreeWalk(of: root, rules: try IgnoreRules(Array("/build/\n/gone/\n*.o\n".utf8)))
        #expect(WalkResult(walk, known: known).differences.isEmpty)
    }

    /// Also when the index has the file already, and no directory any more.
    @Test func ignoredEntriesOfAReplacedDirectoryAreNeverGone() throws {
        for name in ["cache/d/x", "cache/x", "plain/x"] { try directory.write(name, "1") }
        let before = try known()
        #expect(Shell("cd '\(directory.path)' && rm -r cache plain && touch cache plain").wait() == 0)
        let after = try known() + before.filter { $0.path.depth > 1 }
        let walk = TreeWalk(of: root, rules: try IgnoreRules(Array("cache/\n".utf8)))
        let first = WalkResult(walk, known: before)
        #expect(first.changed == ["cache", "plain"] && first.gone == ["plain/x"])
        let second = WalkResult(walk, known: after.sorted { $0.path < $1.path })
        #expect(second.changed.isEmpty && second.gone == ["plain/x"])
    }

    @Test func anotherMountIsFrozen() throws {
        try directory.write("m/x", "1")
        let outside = try TemporaryDirectory()
        let known = try known()
        guard mount(outside.path, directory.path + "/m", nil, UInt(MS_BIND), nil) == 0 else {
            withKnownIssue("not permitted to mount: nested mounts are not tested") { Issue.record("skipped") }
            return
        }
        defer { umount(directory.path + "/m") }
        let result = WalkResult(TreeWalk(of: root), known: known)
        #expect(result.differences.count == 1 && result.problems == ["m": .nestedMount])
        #expect(try WalkResult(TreeWalk(of: root, below: path("m")), known: Array(known.dropFirst())).gone.isEmpty)
    }

    @Test func whatCanNotBeLookedIntoIsFrozen() throws {
        try directory.write("closed/x", "1")
        try directory.write("listed/x", "1")
        chmod(directory.path, 0o755)
        chmod(directory.path + "/closed", 0o311)
        chmod(directory.path + "/listed", 0o644)
        let known = try known()
        let result = withoutPrivileges { WalkResult(TreeWalk(of: root), known: known) }
        #expect(result.gone.isEmpty && result.changed.isEmpty)
        #expect(result.problems == ["closed": .permissionDenied, "listed": .permissionDenied])
        let below = known.filter { $0.path.depth == 2 && $0.path.description.hasPrefix("listed") }
        let part = try withoutPrivileges { WalkResult(try TreeWalk(of: root, below: path("listed")), known: below) }
        #expect(part.gone.isEmpty && part.problems == ["listed": .permissionDenied])
    }

    @Test func otherKindsAreReportedAndFrozen() throws {
        try directory.write("p", "1")
        let known = try known()
        unlink(directory.path + "/p")
        #expect(mkfifo(directory.path + "/p", 0o600) == 0)
        let result = WalkResult(TreeWalk(of: root), known: known)
        #expect(result.differences.count == 1 && result.problems == ["p": .unsupportedKind])
    }

    @Test func hardLinksAreReported() throws {
        try directory.write("a", "1")
        #expect(Glibc.link(directory.path + "/a", directory.path + "/b") == 0)
        let result = WalkResult(TreeWalk(of: root), known: try known())
        #expect(result.changed.isEmpty && result.problems == ["a": .hardLinks, "b": .hardLinks])
    }

    @Test func directoriesAreHandedOverBeforeTheyAreListed() throws {
        try directory.write("a/b/c", "1")
        var seen: [String] = []
        let walk = TreeWalk(
            of: root,
            directory: { path, open in
                seen.append(path?.description ?? "/")
                // What is made now is in the listing.
                _ = linux_mkdirat(open.number, "made", 0o755)
                if (path?.depth ?? 0) > 3 { _ = linux_unlinkat(open.number, "made", linux_AT_REMOVEDIR) }
            })
        let result = WalkResult(walk, known: [])
        #expect(seen.starts(with: ["/", "a", "a/b"]))
        #expect(result.changed.contains("a/made") && result.changed.contains("a/b/made"))
    }

    @Test func aDeepTreeNeedsNeitherStackNorDescriptors() throws {
        let deep = [String](repeating: "d", count: 1_000)
        for depth in stride(from: 100, through: 1_000, by: 100) {
            try directory.makeDirectory(deep[..<depth].joined(separator: "/"))
        }
        for depth in [1, 40, 999] { try directory.write(deep[..<depth].joined(separator: "/") + "/e", "1") }
        let before = openDescriptors()
        var greatest = 0
        let walk = TreeWalk(of: root, directory: { _, _ in greatest = max(greatest, openDescriptors() - before) })
        let result = WalkResult(walk, known: [])
        #expect(result.changed.count == 1_003 && result.problems.isEmpty)
        #expect(result.changed.last == "d/e" && greatest <= Limits.walkDirectories + 16)
    }

    private func openDescriptors() -> Int {
        guard let stream = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count
    }

    @Test func pathsThatAreTooLongAreAProblem() throws {
        let name = String(repeating: "n", count: 200)
        let half = [String](repeating: name, count: 10).joined(separator: "/")
        try directory.makeDirectory(half)
        try directory.makeDirectory("t/" + half + "/" + name)
        try directory.rename("t", half + "/t")
        let result = WalkResult(TreeWalk(of: root), known: [])
        #expect(result.changed.count == 21 && result.summary.problems == 1)
        #expect(Array(result.problems.values) == [.nameTooLong])
    }

    @Test func aBatchIsBoundedAndFalseEndsTheWalk() throws {
        for index in 0..<(Limits.waveRecords + 10) { try directory.write("f\(index)", "") }
        var batches: [Int] = []
        let whole = TreeWalk(of: root).run(
            known: { nil },
            batch: {
                batches.append($0.count); return true
            })
        #expect(batches == [Limits.waveRecords, 10] && whole.isComplete)
        batches = []
        let cut = TreeWalk(of: root).run(
            known: { nil },
            batch: {
                batches.append($0.count); return false
            })
        #expect(batches == [Limits.waveRecords] && !cut.isComplete)
    }

    @Test func whatTheCursorThrowsComesThrough() throws {
        try directory.write("f", "")
        let failing = { () throws(Errno) -> KnownEntry? in throw Errno(number: 5) }
        let accepting = { (_: [WalkDifference]) throws(Errno) -> Bool in true }
        #expect(throws: Errno(number: 5)) { () throws in
            _ = try TreeWalk(of: root).run(known: failing, batch: accepting)
        }
    }
}
