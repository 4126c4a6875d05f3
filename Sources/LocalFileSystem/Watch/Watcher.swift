internal import CLinux
public import SyncModel
internal import Synchronization

/// Watches folders through inotify and tells where to look: one descriptor and one thread for all of them.
///
/// It watches the directories that it is handed (`watch(_:_:in:)`), which is for the walks to do, before they list a
/// directory; it never opens one itself. Each change of a watched folder ends in an event that covers it, provided that
/// every `rescan` is answered by such a walk. Our own changes make events like any others: the stat tells.
public final class Watcher: Sendable {
    private let state: Mutex<WatchState>
    private let wake: Descriptor
    private let isStopped = Atomic(false)
    private let hasEnded = Mutex(false)
    private let thread = Mutex<WatchThread?>(nil)
    /// Time between two batches, so that a file that is being written does not make one an event.
    private static let pauseMilliseconds: UInt64 = 4

    /// Starts at once.
    /// - Parameter handler: called on the watcher's thread with a folder's events in path order, each path once, within
    ///   milliseconds of the first. At most `Limits.dirtyPaths` paths; more become a rescan of the folder. Must be
    ///   quick and not call `stop`.
    /// - Throws: `.other` when the system has no inotify, descriptor or thread left.
    public convenience init(
        handler: @escaping @Sendable (FolderID, [WatchEvent]) -> Void
    ) throws(FileSystemError) {
        try self.init(watchesGreatest: .max, handler: handler)
    }

    init(
        watchesGreatest: Int, handler: @escaping @Sendable (FolderID, [WatchEvent]) -> Void
    ) throws(FileSystemError) {
        let inotify: Descriptor
        do throws(Errno) {
            inotify = Descriptor(owning: try Errno.check(linux_inotify_init()))
            wake = Descriptor(owning: try Errno.check(linux_eventfd()))
        } catch {
            throw FileSystemError(error, "get what is needed for", "watching folders")
        }
        state = Mutex(WatchState(inotify, watchesGreatest: watchesGreatest))
        let loop = try WatchLoop(inotify: inotify, wake: wake, pauseMilliseconds: Watcher.pauseMilliseconds)
        let started = try WatchThread { [weak self] in
            loop.run(
                isStopped: { self?.isStopped.load(ordering: .acquiring) ?? true },
                batch: { for batch in self?.take() ?? [] { handler(batch.folder, batch.events) } })
        }
        thread.withLock { $0 = started }
    }

    deinit {
        guard !hasEnded.withLock({ $0 }) else { return }
        signal()
        thread.withLock { $0?.detach() }
    }

    /// Begins with a folder: afterwards its whole tree is to be walked, handing over each directory.
    public func add(_ folder: FolderID, at root: FolderRoot) { state.withLock { $0.add(folder, root) } }

    /// Ends with a folder. A batch that is under way may still come.
    public func remove(_ folder: FolderID) { state.withLock { $0.remove(folder) } }

    /// Watches a directory, handed over by a walk before it lists it (`TreeWalk`'s `directory`). One that was moved
    /// since it was opened is passed over: its move is an event. Repeating it does no harm.
    public func watch(_ directory: RelativePath?, _ open: Descriptor, in folder: FolderID) {
        let waits = state.withLock { state in
            state.watch(directory, as: open, in: folder)
            return state.hasBacklog
        }
        if waits { signal() }
    }

    /// How much of a folder is watched at present.
    public func coverage(of folder: FolderID) -> WatchCoverage { state.withLock { $0.coverage(of: folder) } }

    /// Ends the thread; no event comes afterwards. Further calls do nothing.
    public func stop() {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return }
            hasEnded = true
            isStopped.store(true, ordering: .releasing)
            signal()
            thread.withLock { $0 }?.join()
        }
    }

    private func take() -> [(folder: FolderID, events: [WatchEvent])] {
        state.withLock { state in
            state.drain()
            return state.take()
        }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = linux_write(wake.number, &one, 8)
    }
}
