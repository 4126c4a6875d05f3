internal import CLinux
internal import SyncModel

extension WatchState {
    /// Takes what is in the queue.
    mutating func drain() {
        var events: [InotifyEvent] = []
        for _ in 0..<WatchState.readsGreatest {
            guard InotifyEvent.read(inotify.number, through: buffer, { events.append($0) }) else { break }
            for event in events { take(event) }
            events.removeAll(keepingCapacity: true)
        }
        // What has not arrived by now went out of the folder, or is about to arrive as a new directory.
        for directory in moving.values { drop(directory) }
        moving = [:]
    }

    private mutating func take(_ event: InotifyEvent) {
        if event.has(linux_IN_Q_OVERFLOW) {
            for folder in folders.values { folder.backlog.rescan(nil) }
            return
        }
        guard let directory = directories[event.watch], let folder = folders[directory.folder] else { return }
        if event.has(linux_IN_IGNORED) { return unlink(directory, event.watch) }
        guard !event.name.isEmpty else {
            let isEnd = event.has(linux_IN_DELETE_SELF | linux_IN_MOVE_SELF | linux_IN_UNMOUNT)
            if isEnd, directory.isTop { folder.backlog.rootIsGone() }
            return
        }
        if directory.isTop, event.name == RelativePath.reservedName {
            // While we have the root open, its deletion makes no event of its own.
            if event.has(linux_IN_DELETE | linux_IN_MOVED_FROM) { folder.backlog.rootIsGone() }
            return
        }
        if event.isDirectory { takeRename(event, in: directory) }
        note(event, in: directory, folder)
    }

    /// Keeps the picture right when a directory is renamed or deleted.
    private mutating func takeRename(_ event: InotifyEvent, in directory: WatchedDirectory) {
        if event.has(linux_IN_MOVED_FROM), let child = directory.children[event.name] {
            child.detach()
            moving[event.cookie] = child
        } else if event.has(linux_IN_DELETE), let child = directory.children[event.name] {
            drop(child)
        } else if event.has(linux_IN_MOVED_TO), let child = moving.removeValue(forKey: event.cookie) {
            // From another folder it comes as a new directory.
            guard child.folder == directory.folder, directory !== child, !directory.isBelow(child) else {
                return drop(child)
            }
            if let replaced = directory.children[event.name] { drop(replaced) }
            directory.attach(child, as: event.name)
        }
    }

    private func note(_ event: InotifyEvent, in directory: WatchedDirectory, _ folder: Folder) {
        guard let way = directory.path else { return }
        let bytes = way.isEmpty ? event.name : way + [UInt8(ascii: "/")] + event.name
        guard let path = try? RelativePath(bytes) else {
            // A name that can't be synced: the walk reports it.
            return folder.backlog.rescan(try? RelativePath(way))
        }
        if event.has(linux_IN_DELETE | linux_IN_MOVED_FROM) {
            folder.backlog.note(path, .changed)
            // What was below went along: it is known by its old path.
            if event.isDirectory { folder.backlog.leave(path) }
        } else if event.isDirectory, event.has(linux_IN_CREATE | linux_IN_MOVED_TO) {
            folder.backlog.note(path, .changed)
            folder.backlog.rescan(path)
        } else if event.has(linux_IN_MOVED_TO) {
            folder.backlog.note(path, .changed)
        } else if event.has(linux_IN_CREATE) {
            folder.backlog.note(path, .created)
        } else if event.has(linux_IN_CLOSE_WRITE) {
            folder.backlog.note(path, .closed)
        } else if event.has(linux_IN_MODIFY) {
            folder.backlog.note(path, .modified)
        } else if event.has(linux_IN_ATTRIB) {
            folder.backlog.noteMetadata(path)
        }
    }
}
