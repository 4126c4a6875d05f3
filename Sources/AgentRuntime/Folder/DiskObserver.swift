internal import Glibc
internal import LocalFileSystem
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import Synchronization

/// Looks at a folder's disk: walks on one thread, single paths on another, so that what was just saved does not wait
/// for a walk; and what was read too soon after its change once more on a third.
final class DiskObserver: Sendable {
    let folder: FolderID
    let disk: FolderDisk
    let watcher: Watcher?
    let logger: Logger
    let post: @Sendable (FolderEvent) -> Void
    private let walking: WorkerThread
    private let reading: WorkerThread
    private let settling: WorkerThread
    private let walk: PathReader
    private let single: PathReader
    private let again: PathReader
    /// Batches given and not yet taken: walking waits where there are too many.
    private let outstanding = Monitor((count: 0, isStopped: false))
    private static let outstandingGreatest = 3
    /// Longer than the time within which a change may hide behind the one before (rule 13).
    private static let racyMicroseconds: UInt32 = 40_000

    init(
        folder: FolderID, disk: FolderDisk, watcher: Watcher?, logger: Logger,
        post: @escaping @Sendable (FolderEvent) -> Void
    ) throws {
        (self.folder, self.disk, self.watcher, self.logger, self.post) = (folder, disk, watcher, logger, post)
        walking = try WorkerThread(name: "walk")
        reading = try WorkerThread(name: "read")
        settling = try WorkerThread(name: "settle")
        walk = try PathReader(disk)
        single = try PathReader(disk)
        again = try PathReader(disk)
        watcher?.add(folder, at: disk.folder.root)
    }

    func stop() {
        watcher?.remove(folder)
        outstanding.announce { $0.isStopped = true }
        for thread in [walking, reading, settling] { thread.stop() }
        for thread in [walking, reading, settling] { thread.join() }
        for reader in [walk, single, again] { reader.close() }
    }

    func tookObservations() { outstanding.announce { $0.count = max(0, $0.count - 1) } }

    // MARK: Walking

    func scan(_ subtree: RelativePath?) {
        walking.post { [self] in
            let isComplete = scanNow(subtree, with: walk)
            post(.scanEnded(subtree: subtree, complete: isComplete))
        }
    }

    /// Whether all of it was looked at.
    private func scanNow(_ subtree: RelativePath?, with reader: PathReader) -> Bool {
        do {
            try disk.folder.verify()
            let rules = reader.ignoreRules()
            var cursor = try reader.cursor(below: subtree)
            var batch = ObservationBatch()
            let tree = TreeWalk(
                of: disk.folder.root, below: subtree,
                isIgnored: rules.isEmpty ? nil : { rules.matchInWalk($0, isDirectory: $1)?.isIgnored ?? false },
                directory: { [watcher, folder] path, open in watcher?.watch(path, open, in: folder) })
            let summary = try tree.run(
                known: { () throws in try cursor.next().map(KnownEntry.init) },
                batch: { (differences) throws in
                    for difference in differences {
                        reader.add(difference, to: &batch)
                        if batch.isFull, try !give(&batch) { return false }
                    }
                    return true
                })
            // With the last of what else there is, if there is room: a directory's move is recognised by what moved
            // along with it.
            if summary.isComplete { batch.addDirectories() }
            guard try give(&batch) else { return false }
            while summary.isComplete, !batch.directories.isEmpty {
                batch.addDirectories()
                guard try give(&batch) else { return false }
            }
            return summary.isComplete
        } catch {
            logger.warning("a scan did not end", metadata: ["error": "\(error)"])
            post(.observed(ObservedBatch(problems: [Problem(error)])))
            return false
        }
    }

    /// Hands over a batch, waiting for room; false when it is to stop. Nothing absent is believed before the folder has
    /// been found to be the same (an unmounted disk is empty).
    private func give(_ batch: inout ObservationBatch) throws -> Bool {
        guard !batch.isEmpty else { return true }
        if batch.hasAbsent { try disk.folder.verify() }
        let isStopped = outstanding.wait { state -> Bool? in
            if state.isStopped { return true }
            guard state.count < Self.outstandingGreatest else { return nil }
            state.count += 1
            return false
        }
        guard isStopped == false else { return false }
        settle(batch.racy)
        logger.trace("walk found", metadata: ["batch": "\(batch)"])
        post(.observed(batch.take()))
        return true
    }

    // MARK: Single paths

    func read(_ due: [AdaptiveDeferral.Due]) {
        reading.post { [self] in readNow(due, with: single) }
    }

    private func readNow(_ due: [AdaptiveDeferral.Due], with reader: PathReader) {
        do {
            try disk.folder.verify()
            let rules = reader.ignoreRules()
            var batch = ObservationBatch()
            for item in due {
                if rules.ignores(item.path, isDirectory: false) { continue }
                if reader.add(item, to: &batch) {
                    try addBelow(item.path, &batch, with: reader)
                    batch.directories.insert(item.path, at: 0)
                    while !batch.directories.isEmpty {
                        batch.addDirectories()
                        hand(&batch)
                    }
                }
                if batch.isFull { hand(&batch) }
            }
            hand(&batch)
        } catch {
            post(.observed(ObservedBatch(problems: [Problem(error)])))
        }
    }

    /// A directory that is gone took along what was in it.
    private func addBelow(_ directory: RelativePath, _ batch: inout ObservationBatch, with reader: PathReader) throws {
        var cursor = try reader.cursor(below: directory)
        while let entry = try cursor.next() {
            reader.add(.gone(entry.path), to: &batch)
            if batch.isFull { hand(&batch) }
        }
    }

    private func hand(_ batch: inout ObservationBatch) {
        guard !batch.isEmpty else { return }
        outstanding.announce { $0.count += 1 }
        settle(batch.racy)
        logger.trace("read found", metadata: ["batch": "\(batch)"])
        post(.observed(batch.take()))
    }

    // MARK: Racy ones

    /// Reads again what might have changed within the grain of its times (rule 13).
    private func settle(_ paths: [RelativePath]) {
        guard !paths.isEmpty else { return }
        settling.post { [self] in
            usleep(Self.racyMicroseconds)
            readNow(paths.map { AdaptiveDeferral.Due(path: $0, keepsChanging: false) }, with: again, settling: true)
        }
    }

    private func readNow(_ due: [AdaptiveDeferral.Due], with reader: PathReader, settling: Bool) {
        var batch = ObservationBatch()
        for item in due {
            _ = reader.add(item, to: &batch)
            if batch.isFull { hand(&batch) }
        }
        hand(&batch)
    }
}

extension KnownEntry {
    init(_ entry: SQLiteIndex.IndexEntry) {
        self.init(path: entry.path, kind: entry.kind, disk: entry.disk)
    }
}
