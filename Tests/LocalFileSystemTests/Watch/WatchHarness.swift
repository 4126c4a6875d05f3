import Glibc
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

/// Batches from a watcher's thread, for the test's thread.
final class BatchQueue: Sendable {
    private let events = Mutex<[WatchEvent]>([])
    private let ends: (read: Int32, write: Int32)
    /// While it is locked, the watcher's thread is held in its handler.
    let gate = Mutex(())

    init() {
        var pair: [Int32] = [-1, -1]
        pipe(&pair)
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func put(_ batch: [WatchEvent]) {
        events.withLock { $0 += batch }
        _ = write(ends.write, "x", 1)
        gate.withLock { _ in }
    }

    /// What has come since the last time, waiting for something to come; nil if nothing comes for a long time.
    func take() -> [WatchEvent]? {
        var waiting = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 10_000) > 0 else { return nil }
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
        return events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}

/// A caller as the agent is one: looks where the watcher says, and walks what it is told to walk.
final class WatchingCaller {
    static let folder = FolderID(high: 1, low: 2)
    let directory: TemporaryDirectory
    let root: FolderRoot
    let queue = BatchQueue()
    let watcher: Watcher
    /// What it believes stands in the folder.
    var model: [RelativePath: DiskState] = [:]
    private var sentinels = 0

    init(_ directory: TemporaryDirectory, watchesGreatest: Int = .max) throws {
        self.directory = directory
        root = try FolderRoot(opening: directory.path)
        let queue = queue
        watcher = try Watcher(watchesGreatest: watchesGreatest) { _, events in queue.put(events) }
        watcher.add(WatchingCaller.folder, at: root)
        try rescan(nil)
    }

    deinit { watcher.stop() }

    func rescan(_ start: RelativePath?) throws {
        let known = NaiveTree.known(model.filter { path, _ in start.map { path.isBelow($0) } ?? true })
        let watcher = watcher
        let walk = TreeWalk(
            of: root, below: start, directory: { watcher.watch($0, $1, in: WatchingCaller.folder) })
        for difference in WalkResult(walk, known: known).differences {
            if let path = difference.path { try look(path) }
        }
    }

    func look(_ path: RelativePath) throws { model[path] = try root.entry(at: path)?.state }

    func handle(_ event: WatchEvent) throws {
        switch event {
        case .closedAfterWriting(let path), .modified(let path), .changed(let path): try look(path)
        case .rescan(let path): try rescan(path)
        case .left(let path): try rescan(path)
        case .rootGone, .watchLimit: break
        }
    }

    /// Handles everything up to a change that is made now; returns the events.
    @discardableResult
    func settle() throws -> [WatchEvent] {
        sentinels += 1
        let sentinel = "sentinel\(sentinels)"
        try directory.write(sentinel, "")
        let last = WatchEvent.closedAfterWriting(try RelativePath(sentinel))
        var all: [WatchEvent] = []
        while !all.contains(last) && !all.contains(.rescan(nil)) {
            let batch = try #require(queue.take(), "the watcher says nothing")
            for event in batch { try handle(event) }
            all += batch
        }
        return all.filter { event in
            switch event {
            case .closedAfterWriting(let path), .modified(let path), .changed(let path):
                !path.description.hasPrefix("sentinel")
            default: true
            }
        }
    }

    /// The model and the folder, with only that of directories which events tell of.
    func comparison() throws -> (model: [RelativePath: DiskState], folder: [RelativePath: DiskState]) {
        func reduced(_ states: [RelativePath: DiskState]) -> [RelativePath: DiskState] {
            states.mapValues { state in
                guard state.kind == .directory else { return state }
                let zero = Timestamp(seconds: 0, nanoseconds: 0)
                return DiskState(
                    kind: .directory, device: state.device, inode: state.inode, size: 0, modified: zero, changed: zero,
                    mode: state.mode, links: 0)
            }
        }
        return (reduced(model), reduced(try NaiveTree.states(of: root)))
    }
}
