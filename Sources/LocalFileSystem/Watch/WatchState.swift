internal import CLinux
internal import SyncModel

/// The folders that a watcher watches, its picture of their directories, and what it has not handed over yet.
///
/// The picture may be wrong for a moment, because the tree goes on while events wait in the queue. It is put right
/// by the rescan that every directory that was made or moved in asks for: its walk hands over each directory again
/// (`watch(_:as:in:)`), after the events queued so far were taken and only if its path still leads to it.
struct WatchState: ~Copyable {
    final class Folder {
        let root: FolderRoot
        let top: WatchedDirectory
        var backlog = WatchBacklog()
        var coverage = WatchCoverage()
        /// As told last.
        var toldUncovered = 0

        init(_ root: FolderRoot, _ id: FolderID) { (self.root, top) = (root, WatchedDirectory(top: id)) }
    }

    let inotify: Descriptor
    /// Watches that may be used; beyond it the system is taken to have refused.
    private let watchesGreatest: Int
    private(set) var folders: [FolderID: Folder] = [:]
    private(set) var directories: [Int32: WatchedDirectory] = [:]
    /// Directories whose rename is half seen, by its cookie.
    var moving: [UInt32: WatchedDirectory] = [:]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// Reads of the queue before what was read is handed over.
    static let readsGreatest = 16

    init(_ inotify: Descriptor, watchesGreatest: Int) {
        (self.inotify, self.watchesGreatest) = (inotify, watchesGreatest)
    }

    deinit { buffer.deallocate() }

    // MARK: Folders

    mutating func add(_ id: FolderID, _ root: FolderRoot) { folders[id] = Folder(root, id) }

    mutating func remove(_ id: FolderID) {
        guard let folder = folders[id] else { return }
        drop(folder.top)
        folders[id] = nil
    }

    func coverage(of id: FolderID) -> WatchCoverage { folders[id]?.coverage ?? WatchCoverage() }

    /// What waits, folder by folder.
    mutating func take() -> [(folder: FolderID, events: [WatchEvent])] {
        var batches: [(folder: FolderID, events: [WatchEvent])] = []
        for (id, folder) in folders {
            if folder.coverage.uncovered != folder.toldUncovered {
                folder.toldUncovered = folder.coverage.uncovered
                folder.backlog.uncovered = folder.coverage.uncovered
            }
            guard !folder.backlog.isEmpty else { continue }
            let events = folder.backlog.take { path in
                guard let found = try? folder.root.entry(at: path)?.state else { return true }
                return found.kind != .file || found.links > 1
            }
            batches.append((id, events))
        }
        return batches
    }

    var hasBacklog: Bool {
        folders.values.contains { !$0.backlog.isEmpty || $0.coverage.uncovered != $0.toldUncovered }
    }

    // MARK: Watching

    /// Watches a directory that was opened at `path`, nil for the root.
    mutating func watch(_ path: RelativePath?, as open: Descriptor, in id: FolderID) {
        drain()
        guard let folder = folders[id] else { return }
        var watch = linux_inotify_add_fd(inotify.number, open.number, InotifyEvent.watched)
        let isNew = watch >= 0 && directories[watch] == nil
        let isTooMany = isNew && directories.count >= watchesGreatest
        let isThere = leads(path, to: open, in: folder.root)
        if isNew, isTooMany || !isThere {
            _ = linux_inotify_remove(inotify.number, watch)
            watch = -linux_ENOSPC
        }
        // It was moved since: whoever moved it made an event, or it went where nothing was walked yet.
        guard isThere else { return }
        let directory = path.map { folder.top.descendant($0) } ?? folder.top
        if watch >= 0 { link(directory, watch, folder) } else { uncover(directory, folder) }
    }

    private func leads(_ path: RelativePath?, to open: Descriptor, in root: FolderRoot) -> Bool {
        guard let path else { return true }
        guard let now = try? root.directory(path).stat().state, let state = try? open.stat().state else { return false }
        return now.sameContent(as: state)
    }

    private mutating func uncover(_ directory: WatchedDirectory, _ folder: Folder) {
        if let old = directory.watch { unlink(directory, old) }
        if !directory.isUncovered { folder.coverage.uncovered += 1 }
        directory.isUncovered = true
    }

    private mutating func link(_ found: WatchedDirectory, _ watch: Int32, _ folder: Folder) {
        var directory = found
        if let old = directories[watch], old !== directory {
            let isMovable = old.folder == directory.folder && !old.isTop && !directory.isBelow(old)
            if isMovable, let parent = directory.parent {
                // It was moved here, with what is in it.
                let name = directory.name
                old.detach()
                drop(directory)
                return parent.attach(old, as: name)
            }
            unlink(old, watch)
        }
        if let other = directory.watch, other != watch {
            // Another directory stood here before, and what is in the picture below was in that.
            _ = linux_inotify_remove(inotify.number, other)
            unlink(directory, other)
            if let parent = directory.parent {
                let fresh = WatchedDirectory(name: directory.name, in: directory.folder)
                drop(directory)
                parent.attach(fresh, as: fresh.name)
                directory = fresh
            }
        }
        if directory.watch == nil { folder.coverage.watched += 1 }
        directory.watch = watch
        directories[watch] = directory
        if directory.isUncovered { folder.coverage.uncovered -= 1 }
        directory.isUncovered = false
    }

    /// The directory has this watch no more.
    mutating func unlink(_ directory: WatchedDirectory, _ watch: Int32) {
        directories[watch] = nil
        directory.watch = nil
        folders[directory.folder]?.coverage.watched -= 1
    }

    /// Stops watching a directory and all below it, and takes it out of the picture.
    mutating func drop(_ directory: WatchedDirectory) {
        for each in directory.subtree {
            if let watch = each.watch {
                _ = linux_inotify_remove(inotify.number, watch)
                unlink(each, watch)
            }
            if each.isUncovered { folders[each.folder]?.coverage.uncovered -= 1 }
            each.isUncovered = false
        }
        directory.detach()
    }
}
