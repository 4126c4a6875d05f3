import Glibc
import SeededRandom
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite(.serialized) struct WatcherTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func full(_ name: String) -> String { directory.path + "/" + name }

    private func expectAgreement(_ caller: WatchingCaller) throws {
        let (model, folder) = try caller.comparison()
        #expect(model == folder)
    }

    /// Whatever is done while the caller walks and looks, it ends up knowing what stands there.
    @Test(arguments: 0..<16) func everyChangeEndsInAnEventThatCoversIt(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tree = RandomTree(directory)
        for _ in 0..<30 { try tree.mutate(&random) }
        let caller = try WatchingCaller(directory)
        let changes = BackgroundThread {
            var tree = RandomTree(directory)
            var random = SeededGenerator(seed: seed &+ 1_000)
            for _ in 0..<150 { try? tree.mutate(&random) }
        }
        var events = 0
        for _ in 0..<3 { events += try caller.settle().count }
        changes.join()
        events += try caller.settle().count
        #expect(events > 0)
        try expectAgreement(caller)
        // And goes on doing so: the picture of the directories is right.
        for _ in 0..<20 { try tree.mutate(&random) }
        try caller.settle()
        try expectAgreement(caller)
    }

    /// The same with directories that are moved all the time, of which the names are swapped, and written into.
    @Test(arguments: 0..<8) func directoriesThatAreMovedAreFollowed(seed: UInt64) throws {
        for name in ["a/x/y", "b/x/y", "c/z"] { try directory.makeDirectory(name) }
        let outside = try TemporaryDirectory()
        let caller = try WatchingCaller(directory)
        let places = ["a", "b", "c", "a/x", "b/x", "c/z", "b/n", "c/x", "a/z"].map(full) + [outside.path + "/o"]
        let changes = BackgroundThread {
            var random = SeededGenerator(seed: seed)
            for round in 0..<400 {
                let from = places.randomElement(using: &random) ?? ""
                let to = places.randomElement(using: &random) ?? ""
                _ = Glibc.rename(from, to)
                let place = places.randomElement(using: &random) ?? ""
                let file = open(place + "/f\(round % 7)", O_WRONLY | O_CLOEXEC | O_CREAT, 0o600)
                if file >= 0 { close(file) }
                if round % 50 == 0 { for place in places { mkdir(place, 0o755) } }
            }
        }
        try caller.settle()
        changes.join()
        try caller.settle()
        try expectAgreement(caller)
        for place in places where place.hasPrefix(directory.path) {
            let file = open(place + "/last", O_WRONLY | O_CLOEXEC | O_CREAT, 0o600)
            if file >= 0 { close(file) }
        }
        try caller.settle()
        try expectAgreement(caller)
    }

    @Test func aFileIsReportedWhenItIsClosed() throws {
        let caller = try WatchingCaller(directory)
        let file = open(full("f"), O_WRONLY | O_CLOEXEC | O_CREAT, 0o600)
        #expect(try caller.settle() == [.modified(path("f"))])
        for _ in 0..<2_000 { _ = write(file, "x", 1) }
        #expect(try caller.settle().allSatisfy { try $0 == .modified(path("f")) })
        close(file)
        #expect(try caller.settle() == [.closedAfterWriting(path("f"))])
        try expectAgreement(caller)
    }

    @Test func entriesThatAreCompleteAtOnceAreReportedAtOnce() throws {
        try directory.write("f", "1")
        let caller = try WatchingCaller(directory)
        try directory.link("l", to: "f")
        #expect(try caller.settle() == [.changed(path("l"))])
        #expect(Glibc.link(full("f"), full("h")) == 0)
        #expect(try caller.settle() == [.changed(path("h"))])
        chmod(full("f"), 0o600)
        #expect(try caller.settle() == [.changed(path("f"))])
        try directory.rename("f", "g")
        #expect(try caller.settle() == [.changed(path("f")), .changed(path("g"))])
        unlink(full("g"))
        #expect(try caller.settle() == [.changed(path("g"))])
        try directory.makeDirectory("d")
        #expect(try caller.settle() == [.changed(path("d")), .rescan(path("d"))])
        try directory.rename("d", "e")
        #expect(
            try caller.settle() == [.changed(path("d")), .left(path("d")), .changed(path("e")), .rescan(path("e"))])
    }

    @Test func treesThatAppearAtOnceAreKnownWhole() throws {
        let caller = try WatchingCaller(directory)
        let outside = try TemporaryDirectory()
        try outside.write("in/a/b/c", "1")
        #expect(Shell("cd '\(directory.path)' && mkdir -p p/q/r/s && echo 1 > p/q/r/s/f").wait() == 0)
        #expect(Glibc.rename(outside.path + "/in", full("in")) == 0)
        try caller.settle()
        try expectAgreement(caller)
        try directory.write("in/a/b/c", "2")
        #expect(try caller.settle() == [.closedAfterWriting(path("in/a/b/c"))])
        #expect(caller.watcher.coverage(of: WatchingCaller.folder) == WatchCoverage(watched: 8))
    }

    @Test func aRenamedDirectoryKeepsItsWatchesUnderItsNewPath() throws {
        try directory.write("a/b/f", "1")
        let caller = try WatchingCaller(directory)
        try directory.rename("a", "z")
        try caller.settle()
        try directory.write("z/b/f", "2")
        #expect(try caller.settle() == [.closedAfterWriting(path("z/b/f"))])
        try expectAgreement(caller)
    }

    @Test func whatWasMovedOutIsNotWatched() throws {
        try directory.write("a/b/f", "1")
        let caller = try WatchingCaller(directory)
        let outside = try TemporaryDirectory()
        #expect(Glibc.rename(full("a"), outside.path + "/a") == 0)
        try caller.settle()
        try outside.write("a/b/f", "2")
        #expect(try caller.settle().isEmpty)
        #expect(caller.watcher.coverage(of: WatchingCaller.folder) == WatchCoverage(watched: 1))
        try expectAgreement(caller)
    }

    @Test func ownDirectoryIsNotReported() throws {
        try directory.makeDirectory(".lanyard")
        let caller = try WatchingCaller(directory)
        try directory.write(".lanyard/f", "1")
        chmod(full(".lanyard"), 0o700)
        #expect(try caller.settle().isEmpty)
    }

    @Test func anOverflowIsARescan() throws {
        for name in ["d/f", "d/g", "e/x"] { try directory.write(name, "1") }
        let caller = try WatchingCaller(directory)
        var greatest = 16_384
        if let text = try? String(decoding: limit("max_queued_events"), as: UTF8.self), let number = Int(text) {
            greatest = number
        }
        caller.queue.gate.withLock { _ in
            _ = try? directory.write("d/wakes", "")
            // Now it is in its handler, and stays there.
            _ = caller.queue.take()
            // Alternating, because the kernel merges equal events.
            for round in 0...(greatest + 1_000) {
                chmod(full(round % 2 == 0 ? "d/f" : "d/g"), round % 4 < 2 ? 0o600 : 0o644)
            }
            _ = Shell("rm -r '\(full("e"))'").wait()
        }
        #expect(try caller.settle().contains(.rescan(nil)))
        try expectAgreement(caller)
    }

    private func limit(_ name: String) throws -> [UInt8] {
        let file = open("/proc/sys/fs/inotify/" + name, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file, &bytes, 32)
        return bytes.prefix(max(count, 0)).filter { (48...57).contains($0) }
    }

    @Test func directoriesBeyondTheLimitAreCounted() throws {
        for name in ["a", "b", "c"] { try directory.makeDirectory(name) }
        let caller = try WatchingCaller(directory, watchesGreatest: 2)
        #expect(caller.watcher.coverage(of: WatchingCaller.folder) == WatchCoverage(watched: 2, uncovered: 2))
        #expect(try caller.settle().last == .watchLimit(uncovered: 2))
        #expect(Shell("rmdir '\(full("b"))'").wait() == 0)
        #expect(try caller.settle().contains(.watchLimit(uncovered: 1)))
        #expect(Shell("rmdir '\(full("a"))'").wait() == 0)
        try caller.settle()
        try caller.rescan(nil)
        #expect(caller.watcher.coverage(of: WatchingCaller.folder) == WatchCoverage(watched: 2, uncovered: 0))
    }

    @Test(arguments: [true, false]) func theEndOfTheRootIsReported(isDeleted: Bool) throws {
        let inner = try TemporaryDirectory()
        try inner.makeDirectory("folder/.lanyard")
        let queue = BatchQueue()
        let watcher = try Watcher { _, events in queue.put(events) }
        defer { watcher.stop() }
        let root = try FolderRoot(opening: inner.path + "/folder")
        watcher.add(WatchingCaller.folder, at: root)
        watcher.watch(nil, root.descriptor, in: WatchingCaller.folder)
        if isDeleted { rmdir(root.path + "/.lanyard") } else { try inner.rename("folder", "other") }
        #expect(queue.take() == [.rootGone])
    }

    @Test func nothingComesAfterTheEnd() throws {
        let queue = BatchQueue()
        let watcher = try Watcher { _, events in queue.put(events) }
        let root = try FolderRoot(opening: directory.path)
        watcher.add(WatchingCaller.folder, at: root)
        watcher.watch(nil, root.descriptor, in: WatchingCaller.folder)
        watcher.remove(WatchingCaller.folder)
        #expect(watcher.coverage(of: WatchingCaller.folder) == WatchCoverage())
        watcher.stop()
        watcher.stop()
        var dropped: Watcher? = try Watcher { _, events in queue.put(events) }
        dropped?.add(WatchingCaller.folder, at: root)
        dropped = nil
    }
}

@Suite struct WatchBacklogTests {
    @Test func aPathStandsInItOnce() throws {
        var backlog = WatchBacklog()
        let (f, d) = (try path("f"), try path("d"))
        let rows: [([WatchBacklog.Entry.Last], WatchEvent)] = [
            ([.created, .modified, .closed], .closedAfterWriting(f)),
            ([.closed, .modified], .modified(f)),
            ([.modified, .changed], .changed(f)),
            ([.changed, .created, .closed], .closedAfterWriting(f)),
        ]
        for (notes, expected) in rows {
            for note in notes { backlog.note(f, note) }
            #expect(backlog.take { _ in false } == [expected])
        }
        backlog.noteMetadata(f)
        backlog.note(f, .modified)
        backlog.noteMetadata(f)
        #expect(backlog.take { _ in false } == [.modified(f)])
        backlog.rescan(try path("d/e"))
        backlog.rescan(d)
        #expect(backlog.take { _ in false } == [.rescan(d)])
        #expect(backlog.isEmpty)
    }

    @Test func moreThanTheLimitBecomesARescan() throws {
        var backlog = WatchBacklog()
        for index in 0..<Limits.dirtyPaths { backlog.note(try path("f\(index)"), .closed) }
        var full = backlog
        #expect(full.take { _ in false }.count == Limits.dirtyPaths)
        backlog.note(try path("one more"), .closed)
        #expect(backlog.take { _ in false } == [.rescan(nil)])
    }
}
