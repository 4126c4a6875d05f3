import AgentProcesses
import Chunking
import CLinux
import Cryptography
import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct EntryReaderTests {
    let directory: TemporaryDirectory
    let root: FolderRoot

    init() throws {
        directory = try TemporaryDirectory()
        root = try FolderRoot(opening: directory.path)
    }

    private func reader(_ hook: @escaping (RelativePath) -> Void = { _ in }) -> EntryReader {
        EntryReader(root, racyNanoseconds: Limits.racyNanoseconds, hook: hook)
    }

    private func kind(_ found: EntryFound) -> Problem.Kind? {
        if case .unknown(let problem) = found { problem.kind } else { nil }
    }

    private func content(_ found: EntryFound) -> FileContent? {
        if case .file(_, let content, _, _) = found { content } else { nil }
    }

    @Test(arguments: [0, 1, 5, 8_192, 200_000, Limits.readBytes, 2 * Limits.readBytes + 1])
    func aFileIsItsStatItsContentAndItsChunks(size: Int) throws {
        var random = SeededGenerator(seed: UInt64(size))
        let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        try directory.write("d/f", bytes: bytes, mode: 0o640)
        let list = ChunkListBuilder.list(of: bytes)
        let reading = reader().read(try path("d/f"))
        let state = try #require(try root.entry(at: path("d/f"))?.state)
        let chunks = list.count < 2 ? nil : Array(list)
        #expect(reading.found == .file(state, list.content, attributes: [], chunks: chunks))
        #expect(reading.notes.isEmpty)
    }

    @Test func otherKindsOfEntries() throws {
        try directory.makeDirectory("d")
        try directory.setAttribute("d", "user.a", "1")
        try directory.link("l", to: "l")
        let reader = reader()
        let attributes = [AttributeSet.Entry(name: Array("user.a".utf8), value: [49])]
        let state = try #require(try root.entry(at: path("d"))?.state)
        #expect(reader.read(try path("d")).found == .directory(state, attributes: attributes))
        let link = try #require(try root.entry(at: path("l"))?.state)
        #expect(reader.read(try path("l")).found == .symlink(link, target: [UInt8(ascii: "l")]))
        for name in ["none", "none/x", "l/x", "d/none"] { #expect(reader.read(try path(name)).found == .absent) }
    }

    @Test func attributesBelongToTheReading() throws {
        try directory.write("f", "1")
        try directory.setAttribute("f", "user.b", "2")
        guard case .file(_, _, let attributes, _) = reader().read(try path("f")).found else {
            Issue.record("no file")
            return
        }
        #expect(attributes == [.init(name: Array("user.b".utf8), value: [50])])
    }

    @Test func socketsAndPipesAreUnknown() throws {
        #expect(mkfifo(directory.path + "/p", 0o600) == 0)
        #expect(mknod(directory.path + "/s", S_IFSOCK | 0o600, 0) == 0)
        for name in ["p", "s"] { #expect(kind(reader().read(try path(name)).found) == .unsupportedKind) }
    }

    @Test func whatMayNotBeReadIsUnknownNeverAbsent() throws {
        try directory.write("f", "1", mode: 0o200)
        try directory.write("closed/x", "1")
        try directory.makeDirectory("unlisted")
        chmod(directory.path, 0o755)
        chmod(directory.path + "/closed", 0o644)
        let (file, below) = try withoutPrivileges {
            (reader().read(try path("f")), reader().read(try path("closed/none")))
        }
        #expect(kind(file.found) == .permissionDenied)
        #expect(kind(below.found) == .permissionDenied)
    }

    @Test func anotherMountIsUnknown() throws {
        try directory.makeDirectory("m")
        let outside = try TemporaryDirectory()
        guard mount(outside.path, directory.path + "/m", nil, UInt(MS_BIND), nil) == 0 else {
            withKnownIssue("not permitted to mount: nested mounts are not tested") { Issue.record("skipped") }
            return
        }
        defer { umount(directory.path + "/m") }
        #expect(kind(reader().read(try path("m")).found) == .nestedMount)
        #expect(kind(reader().read(try path("m/x")).found) == .nestedMount)
    }

    @Test func hardLinksAreNoted() throws {
        try directory.write("a", "1")
        #expect(Glibc.link(directory.path + "/a", directory.path + "/b") == 0)
        #expect(reader().read(try path("a")).notes.map(\.kind) == [.hardLinks])
    }

    @Test func aChangeDuringTheReadingIsReadAgain() throws {
        try directory.write("f", "old")
        let file = directory.path + "/f"
        nonisolated(unsafe) var rounds = 0
        let changes: [(Int) -> Void] = [
            { _ in _ = Shell("printf more >> '\(file)'").wait() },
            { _ in _ = Shell("touch -d @1 '\(file)'").wait() },
            { _ in _ = Shell("chmod 600 '\(file)'").wait() },
            { _ in _ = Shell("printf new > '\(file).n' && mv '\(file).n' '\(file)'").wait() },
            { _ in unlink(file) },
        ]
        for change in changes {
            rounds = 0
            let reading = reader { _ in
                rounds += 1
                if rounds == 1 { change(rounds) }
            }.read(try path("f"))
            #expect(rounds == (Glibc.access(file, F_OK) == 0 ? 2 : 1))
            let now = directory.bytes("f").map { ChunkListBuilder.list(of: $0).content }
            #expect(content(reading.found) == now)
            if now == nil { #expect(reading.found == .absent) }
        }
    }

    @Test func aFileThatNeverRestsIsReportedOrTakenAsItIs() throws {
        try directory.write("f", "1")
        let file = directory.path + "/f"
        nonisolated(unsafe) var rounds = 0
        let restless = reader { _ in
            rounds += 1
            _ = Shell("printf \(rounds) >> '\(file)'").wait()
        }
        #expect(kind(restless.read(try path("f")).found) == .keepsChanging)
        #expect(rounds == Limits.readAttempts)
        let reading = restless.read(try path("f"), keepsChanging: true)
        guard case .file(let state, let content, _, _) = reading.found else {
            Issue.record("not read: \(reading)")
            return
        }
        #expect(content == ChunkListBuilder.list(of: Array("112345".utf8)).content && reading.isRacy)
        // The next look finds a difference.
        #expect(try root.entry(at: path("f"))?.state.sameContent(as: state) == false)
    }

    @Test func aFreshChangeIsRacyAndAnOldOneIsNot() throws {
        try directory.write("f", "1")
        try directory.link("l", to: "x")
        let wide = EntryReader(root, racyNanoseconds: 3_600_000_000_000) { _ in }
        let narrow = EntryReader(root, racyNanoseconds: 0) { _ in }
        for name in ["f", "l"] {
            #expect(wide.read(try path(name)).isRacy)
            #expect(!narrow.read(try path(name)).isRacy)
        }
        let (early, late) = (Timestamp(seconds: 1, nanoseconds: 999_999_999), Timestamp(seconds: 3, nanoseconds: 1))
        #expect(late.nanoseconds(since: early) == 1_000_000_002 && early.nanoseconds(since: late) == -1_000_000_002)
        let end = Timestamp(seconds: .max, nanoseconds: 0)
        #expect(end.nanoseconds(since: Timestamp(seconds: .min, nanoseconds: 0)) == .max)
    }

    @Test func aHoleReadsAsZeros() throws {
        try directory.write("f", "")
        #expect(truncate(directory.path + "/f", 300_000) == 0)
        let expected = ChunkListBuilder.list(of: [UInt8](repeating: 0, count: 300_000)).content
        #expect(content(reader().read(try path("f")).found) == expected)
    }
}

@Suite struct ContentReaderTests {
    private func code(_ body: () throws -> Void) -> FileSystemError.Code? {
        do { try body(); return nil } catch { return (error as? FileSystemError)?.code }
    }

    @Test func rangesAreReadWhileTheFileIsTheKnownOne() throws {
        let directory = try TemporaryDirectory()
        let root = try FolderRoot(opening: directory.path)
        try directory.write("f", "0123456789")
        let state = try #require(try root.entry(at: path("f"))?.state)
        let reader = try ContentReader(opening: path("f"), in: root, expecting: state)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
        defer { buffer.deallocate() }
        try reader.read(into: buffer, at: 3)
        #expect(Array(buffer) == Array("3456".utf8))
        #expect(code { try reader.read(into: buffer, at: 7) } == .changed)
        #expect(code { try reader.read(into: buffer, at: .max) } == .changed)
        try directory.write("f", "0123456789")
        #expect(code { try reader.read(into: buffer, at: 0) } == .changed)
        #expect(code { _ = try ContentReader(opening: path("f"), in: root, expecting: state) } == .changed)
        #expect(code { _ = try ContentReader(opening: path("g"), in: root, expecting: state) } == .notFound)
    }
}
