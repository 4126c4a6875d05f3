import CLinux
import Glibc
import SyncModel
import Synchronization
import Testing

@testable import LocalFileSystem

@Suite struct HistoryTests {
    let fixture: FolderFixture

    init() throws { fixture = try FolderFixture() }

    private static let day: Int64 = 86_400
    private var history: History { fixture.history }

    /// Writes a file and deletes it on a day.
    @discardableResult
    private func keep(
        _ name: String, _ text: String, at seconds: Int64 = FolderFixture.seconds
    ) throws -> HistoryEntry {
        try fixture.write(name, text)
        let step = ApplyStep(path: try path(name), expected: .entry(try fixture.state(name)), action: .delete)
        for _ in 0..<10_000 {
            let report = try fixture.applier().execute([step], at: seconds) { _ in nil }
            if let entry = report.filed.first { return entry }
            try #require(report.outcomes == [.openForWriting])
        }
        throw Errno(number: linux_EBUSY)
    }

    @Test func whatWasTakenIsListedUnderItsPath() throws {
        try keep("d/f", "one")
        try keep("d/f", "two", at: FolderFixture.seconds + 1)
        try keep("d/g~1-2", "other")
        let entries = try history.entries(of: path("d/f"))
        #expect(entries.map(\.seconds) == [FolderFixture.seconds, FolderFixture.seconds + 1])
        #expect(entries.map(\.state.size) == [3, 3])
        #expect(try history.entries(of: path("d/g~1-2")).count == 1)
        #expect(try history.entries(of: path("d/g")).isEmpty)
        var all: [String] = []
        try history.forEach { all.append($0.path.description) }
        #expect(all.sorted() == ["d/f", "d/f", "d/g~1-2"])
    }

    @Test func longNamesAndPathsThatWereBothFileAndDirectory() throws {
        let long = String(repeating: "n", count: 255)
        try keep(long, "long")
        try keep("d/" + long, "deep and long")
        #expect(try history.entries(of: path("d/" + long)).count == 1)
        // A long name has a directory, in which a file of that path's later life may lie.
        try FileTree.remove(fixture.path + "/" + long)
        try keep(long + "/inside", "below")
        try FileTree.remove(fixture.path + "/" + long)
        try keep(long, "long again", at: FolderFixture.seconds + 5)
        #expect(try history.entries(of: path(long)).count == 2)
        #expect(try history.entries(of: path(long + "/inside")).count == 1)
        #expect(try fixture.kept() == ["file below", "file deep and long", "file long", "file long again"])
    }

    @Test func anEntryComesBackAsItWas() throws {
        try fixture.write("f", "old")
        chmod(fixture.path + "/f", 0o604)
        try fixture.directory.setAttribute(fixture.own("f"), "user.a", "1")
        let before = try fixture.state("f")
        let step = ApplyStep(path: try path("f"), expected: .entry(before), action: .delete)
        let entry = try #require(try fixture.runAlone(step).filed.first)
        let state = try history.restore(entry, to: path("g"))
        #expect(try fixture.image() == ["g": "file old"])
        #expect(state.mode == 0o604 && state.modified == before.modified)
        let attributes = try AttributeSet.read(fixture.folder.root.open(path("g")).file, subject: "g")
        #expect(attributes.map(\.value) == [[49]])
        #expect(throws: FileSystemError(.exists, "")) { try history.restore(entry, to: path("g")) }
        #expect(throws: FileSystemError(.noParent, "")) { try history.restore(entry, to: path("none/g")) }
        #expect(try history.entries(of: path("f")).count == 1)
        #expect(try fixture.leftovers().isEmpty)
    }

    /// What stands there makes way for a version that is whole, at one instant, and for no other.
    @Test func whatStandsThereIsReplacedAtOnce() throws {
        let entry = try keep("f", "old")
        try fixture.write("f", "new")
        let before = try fixture.state("f")
        let seen = Mutex<[String]>([])
        let full = fixture.path + "/f"
        let applier = fixture.applier { _, _ in
            seen.withLock { $0.append(access(full, F_OK) == 0 ? FolderFixture.text(.file, full) : "nothing") }
            return 0
        }
        try applier.restore(entry, to: path("f"), replacing: before, at: FolderFixture.seconds)
        #expect(Set(seen.withLock { $0 }) == ["file new", "file old"])
        #expect(try fixture.image() == ["f": "file old"] && fixture.leftovers().isEmpty)
        #expect(try fixture.kept() == ["file new", "file old"])
        // What is another meanwhile stays, and so it does where there is nothing to restore.
        #expect(throws: FileSystemError(.changed, "")) {
            try applier.restore(entry, to: path("f"), replacing: before, at: FolderFixture.seconds)
        }
        try FileTree.remove(fixture.path + "/.lanyard/history")
        #expect(throws: FileSystemError(.notFound, "")) {
            try applier.restore(entry, to: path("f"), replacing: fixture.state("f"), at: FolderFixture.seconds)
        }
        #expect(try fixture.image() == ["f": "file old"] && fixture.leftovers().isEmpty)
    }

    @Test func aLinkComesBack() throws {
        try fixture.directory.link(fixture.own("l"), to: "target")
        let step = ApplyStep(path: try path("l"), expected: .entry(try fixture.state("l")), action: .delete)
        let entry = try #require(try fixture.runAlone(step).filed.first)
        _ = try history.restore(entry, to: path("m"))
        #expect(try fixture.image() == ["m": "link target"])
    }

    @Test func onlyAgePrunes() throws {
        let today = FolderFixture.seconds
        for age in [0, 1, 29, 30, 31, 400] { try keep("d/age\(age)", "x", at: today - Int64(age) * HistoryTests.day) }
        #expect(try history.prune(keptDays: 30, at: today) == 2)
        var left: [String] = []
        try history.forEach { left.append($0.path.name.map { String(UnicodeScalar($0)) }.joined()) }
        #expect(left.sorted() == ["age0", "age1", "age29", "age30"])
        #expect(try history.prune(keptDays: 30, at: today) == 0)
        // The directory filed into last may be among those that went.
        try keep("d/f", "x", at: today - 400 * HistoryTests.day)
        #expect(try history.entries(of: path("d/f")).count == 1)
    }

    @Test func whoeverGoesOnWritingIsFound() throws {
        let entry = try keep("f", "old")
        #expect(try history.changed(among: [entry]).isEmpty)
        let way = String(decoding: entry.directory + [47] + entry.way, as: UTF8.self)
        let full = fixture.path + "/.lanyard/history/" + way
        let file = open(full, O_WRONLY | O_CLOEXEC | O_APPEND)
        _ = write(file, "more", 4)
        close(file)
        let changed = try history.changed(among: [entry])
        #expect(changed.map(\.state.size) == [7])
        #expect(try history.changed(among: changed).isEmpty)
        unlink(full)
        #expect(try history.changed(among: changed).isEmpty)
    }

    @Test func daysAreThoseOfTheCalendar() {
        let rows: [(Int64, String)] = [
            (0, "1970-01-01"), (86_399, "1970-01-01"), (86_400, "1970-01-02"), (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"), (1_700_000_000, "2023-11-14"), (4_107_542_400, "2100-03-01"),
        ]
        for (seconds, text) in rows {
            #expect(HistoryDay(seconds: seconds).description == text)
            #expect(HistoryDay(text: text) == HistoryDay(seconds: seconds))
        }
        for text in ["", "2023-2-01", "2023-02-30", "2023-13-01", "x-01-01", "2023-01-01-01"] {
            #expect(HistoryDay(text: text) == nil)
        }
    }
}

enum FileTree {
    static func remove(_ full: String) throws {
        guard Shell("rm -rf '\(full)'").wait() == 0 else { throw Errno(number: linux_EIO) }
    }
}
