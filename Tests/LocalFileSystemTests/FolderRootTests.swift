import CLinux
import Glibc
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct FolderRootTests {
    let directory: TemporaryDirectory
    let root: FolderRoot

    init() throws {
        directory = try TemporaryDirectory()
        root = try FolderRoot(opening: directory.path)
    }

    private func code<Value>(_ body: () throws -> Value) -> FileSystemError.Code? {
        do {
            _ = try body()
            return nil
        } catch { return (error as? FileSystemError)?.code }
    }

    @Test func statTellsWhatStands() throws {
        try directory.write("a/b", "12345", mode: 0o640)
        try directory.link("l", to: "a/b")
        let file = try #require(try root.entry(at: path("a/b")))
        #expect(file.state.kind == .file && file.state.size == 5 && file.state.mode == 0o640 && file.state.links == 1)
        #expect(file.mount == root.stat.mount && file.state.device == root.stat.state.device)
        #expect(try root.entry(at: path("a"))?.state.kind == .directory)
        #expect(try root.entry(at: path("l"))?.state.kind == .symlink)
        #expect(try root.entry(at: path("x")) == nil)
        #expect(try root.entry(at: path("x/y")) == nil)
        #expect(try root.entry(at: path("a/b/c")) == nil)
    }

    @Test func aSymlinkIsNeverWalkedThrough() throws {
        let outside = try TemporaryDirectory()
        try outside.write("secret", "x")
        try directory.link("out", to: outside.path)
        #expect(try root.entry(at: path("out/secret")) == nil)
        #expect(code { try root.open(path("out/secret")) } == .noParent)
        #expect(code { try root.directory(path("out")) } == .noParent)
        // Nor where it leads to a directory of the folder itself: what lies there has another path.
        try directory.write("real/d/f", "x")
        try directory.link("within", to: "real")
        #expect(try root.entry(at: path("within/d/f")) == nil)
        #expect(code { try root.open(path("within/d/f")) } == .noParent)
        #expect(code { try root.directory(path("within/d")) } == .noParent)
        #expect(throws: Errno(number: linux_ENOTDIR)) { () throws in
            try root.walk(Array("out".utf8)[...], flags: linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW)
        }
    }

    @Test func theFallbackReachesTheSameDirectory() throws {
        try directory.write("a/b/c", "x")
        let flags = linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW
        let walked = Descriptor(owning: try root.walk(Array("a/b".utf8)[...], flags: flags))
        #expect(try walked.stat().state == root.directory(path("a/b")).stat().state)
    }

    @Test func onlyRegularFilesAreRead() throws {
        try directory.link("l", to: "f")
        try directory.makeDirectory("d")
        #expect(mkfifo(directory.path + "/p", 0o600) == 0)
        for name in ["l", "d", "p"] { #expect(code { try root.open(path(name)) } == .unsupportedKind) }
        #expect(code { try root.open(path("none")) } == .notFound)
        try directory.write("f", "hello")
        let (file, stat) = try root.open(path("f"))
        #expect(stat.state.size == 5)
        #expect(try FolderRoot.read(file, at: 1, count: 9) == Array("ello".utf8))
    }

    @Test func symlinkTargetsAreReadAsTheyAre() throws {
        try directory.link("l", to: "/etc/../no where\n")
        #expect(try root.symlinkTarget(at: path("l")) == Array("/etc/../no where\n".utf8))
        try directory.write("f", "")
        #expect(code { try root.symlinkTarget(at: path("f")) } == .unsupportedKind)
    }

    @Test func attributesAreOnlyTheUsers() throws {
        try directory.write("f", "")
        try directory.setAttribute("f", "user.b", "2")
        try directory.setAttribute("f", "user.a", "")
        if getuid() == 0 { try directory.setAttribute("f", "trusted.c", "3") }
        let found = try AttributeSet.read(root.open(path("f")).file, subject: "f")
        #expect(
            found == [.init(name: Array("user.a".utf8), value: []), .init(name: Array("user.b".utf8), value: [50])])
    }

    @Test func anotherMountIsRefused() throws {
        try directory.makeDirectory("m")
        let outside = try TemporaryDirectory()
        try outside.write("x", "x")
        guard getuid() == 0, mount(outside.path, directory.path + "/m", nil, UInt(MS_BIND), nil) == 0 else {
            withKnownIssue("not permitted to mount: nested mounts are not tested") { Issue.record("skipped") }
            return
        }
        defer { umount(directory.path + "/m") }
        #expect(code { try root.entry(at: path("m")) } == .nestedMount)
        #expect(code { try root.entry(at: path("m/x")) } == .nestedMount)
        #expect(code { try root.open(path("m/x")) } == .nestedMount)
        #expect(throws: Errno(number: linux_EXDEV)) { () throws in
            try root.walk(Array("m".utf8)[...], flags: linux_O_PATH | linux_O_DIRECTORY | linux_O_NOFOLLOW)
        }
    }
}
