import CLinux
import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import LocalFileSystem

/// History against a plain list of what was taken, with names as bytes.
@Suite struct HistoryModelTests {
    private struct Taken: Hashable {
        var path: RelativePath
        var seconds: Int64
        var text: String
    }

    /// Names that a file system takes and a careless reader stumbles over.
    static let names: [[UInt8]] = [
        [0xff, 0xfe], [0xc3, 0x28], Array("line\nfeed".utf8), Array("~5-5".utf8), Array("a~1-2".utf8), Array("~".utf8),
        Array("-rf".utf8), Array("back\\slash".utf8), Array(" ".utf8), Array("tab\t".utf8), Array("2023-11-14".utf8),
        [0x01], [UInt8](repeating: 0x6e, count: 255), [UInt8](repeating: 0xe9, count: 254), Array("'quote".utf8),
        [UInt8](repeating: 0x6e, count: 217), [UInt8](repeating: 0x6e, count: 218), Array("é".utf8), Array("...".utf8),
    ]

    private func write(_ fixture: FolderFixture, _ path: RelativePath, _ text: String) throws {
        let root = fixture.folder.root.descriptor.number
        var directory = path.parent
        var made: [RelativePath] = []
        while let parent = directory {
            made.append(parent)
            directory = parent.parent
        }
        for parent in made.reversed() { try Errno.check(withName(parent.bytes) { linux_mkdirat(root, $0, 0o755) }) }
        let flags = linux_O_WRONLY | linux_O_CREAT | linux_O_EXCL
        let opened = withName(path.bytes) { linux_openat(root, $0, flags, 0o600) }
        try Descriptor(owning: try Errno.check(opened)).writeAll(Array(text.utf8), at: 0)
    }

    /// Deletes what stands at a path.
    private func take(_ fixture: FolderFixture, _ path: RelativePath, at seconds: Int64) throws {
        let state = try #require(try fixture.folder.root.entry(at: path)?.state)
        let step = ApplyStep(path: path, expected: .entry(state), action: .delete)
        for _ in 0..<10_000 {
            let report = try fixture.applier().execute([step], at: seconds) { _ in nil }
            if report.filed.count == 1 { return }
            try #require(report.outcomes == [.openForWriting], "\(report)")
        }
    }

    private func contents(_ fixture: FolderFixture) throws -> [Taken: Int] {
        var found: [Taken: Int] = [:]
        var entries: [HistoryEntry] = []
        try fixture.history.forEach { entries.append($0) }
        for entry in entries {
            let target = try RelativePath("restored")
            _ = try fixture.history.restore(entry, to: target)
            let text = fixture.directory.read(fixture.own("restored")) ?? "nothing"
            #expect(unlink(fixture.path + "/restored") == 0)
            found[Taken(path: entry.path, seconds: entry.seconds, text: text), default: 0] += 1
        }
        return found
    }

    @Test(arguments: 0..<6 as Range<UInt64>) func everythingIsListedOnceAndGoesByAge(seed: UInt64) throws {
        let fixture = try FolderFixture()
        var random = SeededGenerator(seed: seed)
        let today = FolderFixture.seconds
        var model: Set<Taken> = []
        for number in 0..<60 {
            let count = Int.random(in: 1...3, using: &random)
            let components = (0..<count).map { _ in
                HistoryModelTests.names.randomElement(using: &random) ?? [0x61]
            }
            let path = try RelativePath(Array(components.joined(separator: [UInt8(ascii: "/")])))
            // A file of an earlier round may stand where a directory is to be now.
            let clear = "find '\(fixture.path)' -mindepth 1 -maxdepth 1 ! -name .lanyard -exec rm -rf {} +"
            #expect(Shell(clear).wait() == 0)
            try write(fixture, path, "text \(number)")
            let age = Int64([0, 0, 0, 1, 29, 30, 31, 400].randomElement(using: &random) ?? 0)
            let seconds = today - age * 86_400
            try take(fixture, path, at: seconds)
            model.insert(Taken(path: path, seconds: seconds, text: "text \(number)"))
        }
        var found = try contents(fixture)
        #expect(Set(found.keys) == model && found.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        for path in Set(model.map(\.path)) {
            let entries = try fixture.history.entries(of: path)
            #expect(entries.map(\.seconds) == model.filter { $0.path == path }.map(\.seconds).sorted(), "\(path)")
        }
        let oldest = HistoryDay(seconds: today).number - 30
        let kept = model.filter { HistoryDay(seconds: $0.seconds).number >= oldest }
        let goes = Set(model.subtracting(kept).map { HistoryDay(seconds: $0.seconds) })
        #expect(try fixture.history.prune(keptDays: 30, at: today) >= goes.count)
        found = try contents(fixture)
        #expect(Set(found.keys) == kept && kept.count < model.count, "seed \(seed)")
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func aDayIsOneOfTheCalendar(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let number = Int64.random(in: -719_528...2_932_896, using: &random)
            let day = HistoryDay(number: number)
            #expect(HistoryDay(text: day.description) == day)
            #expect(HistoryDay(seconds: number * 86_400) == day)
            #expect(HistoryDay(seconds: number * 86_400 + 86_399) == day)
            #expect(HistoryDay(seconds: number * 86_400 - 1) == HistoryDay(number: number - 1))
            #expect(HistoryDay(number: number - 1).description < day.description)
        }
    }

    /// A suffix is found again behind any name, and nothing else is taken for one.
    @Test(arguments: names) func aSuffixIsFoundBehindAnyName(name: [UInt8]) {
        for seconds in [0, 1, -5, .max, .min] as [Int64] {
            for unique in [0, 1, .max] as [UInt64] {
                let suffix = HistorySuffix(seconds: seconds, unique: unique)
                #expect(suffix.bytes.count <= HistorySuffix.bytesGreatest)
                let whole = name + suffix.bytes
                let split = HistorySuffix.split(whole[...])
                #expect(split.map { Array($0.stem) } == name && split?.suffix == suffix)
            }
        }
    }
}

/// Whatever the watcher saw is in what is taken: at its path, or by a rescan above.
@Suite struct WatchBacklogModelTests {
    @Test(arguments: 0..<200 as Range<UInt64>) func nothingIsForgotten(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let paths = try ["a", "a/b", "a/b/c", "a/b/c/d", "a.b", "e", "e/f"].map { try path($0) }
        let kinds: [WatchBacklog.Entry.Last] = [.closed, .modified, .created, .changed]
        for _ in 0..<50 {
            var backlog = WatchBacklog()
            var touched: Set<RelativePath> = []
            var walked: [RelativePath: Bool] = [:]
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                guard let path = paths.randomElement(using: &random) else { continue }
                switch Int.random(in: 0..<8, using: &random) {
                case 0: walked[path] = false; backlog.rescan(path)
                case 1: walked[path] = true; backlog.leave(path)
                case 2: touched.insert(path); backlog.noteMetadata(path)
                default:
                    touched.insert(path)
                    backlog.note(path, kinds.randomElement(using: &random) ?? .closed)
                }
            }
            #expect(backlog.isEmpty == (touched.isEmpty && walked.isEmpty))
            let events = backlog.take { _ in true }
            #expect(backlog.isEmpty && backlog.take { _ in true }.isEmpty)
            let told = events.compactMap(\.looked)
            #expect(told == touched.sorted(), "seed \(seed)")
            let rescans = events.compactMap(\.walked)
            #expect(Set(rescans.map(\.path)).count == rescans.count)
            for (path, hasLeft) in walked {
                let own = rescans.first { $0.path == path }
                // The last of both counts; what lies in another that is walked needs no walk of its own.
                #expect(own.map { $0.hasLeft == hasLeft } ?? rescans.contains { path.isBelow($0.path) }, "\(path)")
            }
            for rescan in rescans {
                #expect(walked[rescan.path] != nil && !rescans.contains { rescan.path.isBelow($0.path) })
            }
        }
    }
}

extension WatchEvent {
    /// The path that is to be looked at.
    fileprivate var looked: RelativePath? {
        switch self {
        case .closedAfterWriting(let path), .modified(let path), .changed(let path): path
        default: nil
        }
    }

    /// The directory that is to be walked, and whether because it is gone.
    fileprivate var walked: (path: RelativePath, hasLeft: Bool)? {
        switch self {
        case .rescan(let path?): (path, false)
        case .left(let path): (path, true)
        default: nil
        }
    }
}
