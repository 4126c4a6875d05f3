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
    /// Batches that walks gave and that are not yet taken: walking waits where there are too many. Looks at single
    /// paths don't wait, and don't count: there may always be more of them than that.
    private let outstanding = Monitor((count: 0, isStopped: false))
    private static let outstandingGreatest = 3
    /// How much longer is waited than a change may hide behind the one before (rule 13).
    private static let slackNanoseconds: UInt64 = 20_000_000

    init(
        folder: FolderID, disk: FolderDisk, watcher: Watcher?, logger: Logger,
        post: @escaping @Sendable (FolderEvent) -> Void
    ) throws {
        (self.folder, self.disk, self.watcher, self.logger, self.post) = (folder, disk, watcher, logger, post)
        walking = try WorkerThread(name: "walk")
        reading = try WorkerThread(name: "read")
        settling = try WorkerThread(name: "settle")
        let moves = MoveBook()
        walk = try PathReader(disk, moves: moves)
        single = try PathReader(disk, moves: moves)
        again = try PathReader(disk, moves: moves)
        watcher?.add(folder, at: disk.folder.root)
    }

    func stop() {
        watcher?.remove(folder)
        outstanding.announce { $0.isStopped = true }
        for thread in [walking, reading, settling] { thread.stop() }
        for thread in [walking, reading, settling] { thread.join() }
        for reader in [walk, single, again] { reader.close() }
    }

    func tookObservations() { outstanding.announce { $0.count -= 1 } }

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
            let rules = try disk.ignoreRules()
            reader.rules = rules
            var batch = ObservationBatch()
            var departures = Departures()
            if let subtree, isFrozen(subtree, rules, reader) { return true }
            if let subtree, !reader.standsDirectory(at: subtree) {
                departures.add(directory: subtree)
            } else {
                let isComplete = try walk(subtree, rules, with: reader, &batch) { difference, batch in
                    reader.add(difference, to: &batch, &departures)
                }
                guard isComplete else { return false }
            }
            return try tell(departures, rules, with: reader, &batch)
        } catch {
            logger.warning("a scan did not end", metadata: ["error": "\(error)"])
            post(.observed(ObservedBatch(problems: [Problem(error)])))
            return false
        }
    }

    /// Whether a walk must not begin there: what is ignored is neither there nor gone (rule 16). But in the place of an
    /// ignored directory something may stand that is not ignored.
    private func isFrozen(_ subtree: RelativePath, _ rules: IgnoreRules, _ reader: PathReader) -> Bool {
        guard rules.ignores(subtree, isDirectory: true) else { return false }
        return rules.ignores(subtree, isDirectory: false) || reader.isGone(subtree)
            || reader.standsDirectory(at: subtree)
    }

    /// Gives what `add` makes of the differences; false when the walk did not come to its end.
    private func walk(
        _ subtree: RelativePath?, _ rules: IgnoreRules, with reader: PathReader, _ batch: inout ObservationBatch,
        _ add: (WalkDifference, inout ObservationBatch) -> Void
    ) throws -> Bool {
        var cursor = try reader.cursor(below: subtree)
        let tree = TreeWalk(
            of: disk.folder.root, below: subtree, rules: rules,
            directory: { [watcher, folder] path, open in watcher?.watch(path, open, in: folder) })
        let summary = try tree.run(
            known: { () throws in try cursor.next().map(KnownEntry.init) },
            batch: { (differences) throws in
                for difference in differences {
                    add(difference, &batch)
                    if batch.isFull, try !give(&batch) { return false }
                }
                return try give(&batch)
            })
        return summary.isComplete
    }

    /// Gives what is gone: last, so that what moved was found where it went. Files before the directories that held
    /// them, and before what stands in the place of one. What is in a directory that is gone is found by another walk,
    /// which passes over what is ignored.
    private func tell(
        _ departures: Departures, _ rules: IgnoreRules, with reader: PathReader, _ batch: inout ObservationBatch
    ) throws -> Bool {
        for path in departures.files where reader.isGone(path) {
            batch.add(Observation(path: path, found: .absent))
            if batch.isFull, try !give(&batch) { return false }
        }
        var directories: [RelativePath] = []
        for top in departures.directories where !reader.standsDirectory(at: top) {
            directories.append(top)
            // In the place of an ignored directory something may stand that is not ignored.
            if rules.ignores(top, isDirectory: true) { continue }
            let isComplete = try walk(top, rules, with: reader, &batch) { difference, batch in
                if case .gone(let path) = difference, reader.isKnownDirectory(path) {
                    directories.append(path)
                } else {
                    reader.add(difference, to: &batch)
                }
            }
            guard isComplete else { return false }
        }
        // What was in them was walked since: one that was made anew meanwhile is not gone.
        for path in directories.reversed() where !reader.standsDirectory(at: path) {
            if !reader.isGone(path) {
                reader.add(inPlaceOf: path, to: &batch)
            } else if !rules.ignores(path, isDirectory: true) {
                batch.add(Observation(path: path, found: .absent, movedTo: reader.whereabouts(of: path)))
            }
            if batch.isFull, try !give(&batch) { return false }
        }
        return try give(&batch)
    }

    /// Hands over a batch, waiting for room; false when it is to stop. Nothing absent is believed before the folder has
    /// been found to be the same (an unmounted disk is empty).
    private func give(_ batch: inout ObservationBatch) throws -> Bool {
        guard !batch.isEmpty else { return true }
        if batch.hasAbsent {
            try disk.folder.verify()
            try dropIgnored(from: &batch, walk)
        }
        let isStopped = outstanding.wait { state -> Bool? in
            if state.isStopped { return true }
            guard state.count < Self.outstandingGreatest else { return nil }
            state.count += 1
            return false
        }
        guard isStopped == false else { return false }
        logger.trace("walk found", metadata: ["batch": "\(batch)"])
        tell(&batch, isPaced: true)
        return true
    }

    // MARK: Single paths

    func read(_ due: [AdaptiveDeferral.Due]) {
        let isTaken = reading.post { [self] in
            readNow(due, with: single)
            post(.readEnded)
        }
        guard !isTaken, !outstanding.withLock({ $0.isStopped }) else { return }
        // Too much waits, behind a huge file: then all is looked at once.
        post(.watched([.rescan(nil)]))
        post(.readEnded)
    }

    private func readNow(_ due: [AdaptiveDeferral.Due], with reader: PathReader) {
        do {
            try disk.folder.verify()
            let rules = try disk.ignoreRules()
            reader.rules = rules
            var batch = ObservationBatch()
            // What is gone comes last: a file that moved is found where it went, in one batch with where it was.
            var gone: [(item: AdaptiveDeferral.Due, first: PathReader.FirstLook)] = []
            for item in due where !reader.ignores(item.path) {
                let first = reader.add(item, to: &batch)
                if first != .taken { gone.append((item, first)) }
                if batch.isFull { try hand(&batch, reader) }
            }
            var left: Set<RelativePath> = []
            for (item, first) in gone {
                if let directory = reader.add(gone: item, first, to: &batch) { left.insert(directory) }
                if batch.isFull { try hand(&batch, reader) }
            }
            if !left.isEmpty { post(.watched(left.sorted().map(WatchNotice.left))) }
            try hand(&batch, reader)
        } catch {
            // Nobody tells of these paths again: a scan finds them, once it can.
            post(.observed(ObservedBatch(problems: [Problem(error)])))
            post(.watched([.rescan(nil)]))
        }
    }

    private func hand(_ batch: inout ObservationBatch, _ reader: PathReader) throws {
        if batch.hasAbsent { try dropIgnored(from: &batch, reader) }
        guard !batch.isEmpty else { return }
        logger.trace("read found", metadata: ["batch": "\(batch)"])
        tell(&batch)
    }

    /// Takes back what is gone, and is ignored by now. A person who ignores a directory and then removes it may do that
    /// while it is looked at by the rules of before: they are read again when all of the batch was found gone.
    private func dropIgnored(from batch: inout ObservationBatch, _ reader: PathReader) throws {
        let rules = try disk.ignoreRules()
        if rules == reader.rules { return }
        batch.dropAbsent { rules.ignores($0, isDirectory: reader.isKnownDirectory($0)) }
    }

    private func tell(_ batch: inout ObservationBatch, isPaced: Bool = false) {
        let racy = batch.racy
        var taken = batch.take()
        taken.isPaced = isPaced
        post(.observed(taken))
        if !racy.isEmpty { settle(racy) }
    }

    // MARK: Racy ones

    /// Reads again what might have changed within the grain of its times (rule 13).
    private func settle(_ paths: [RelativePath]) {
        // No scan would find what this is to find.
        let pause = UInt64(again.racyNanoseconds) + Self.slackNanoseconds
        let due = Moment.now().monotonicNanoseconds + pause
        settling.postWaiting { [self] in
            let now = Moment.now().monotonicNanoseconds
            if now < due { usleep(UInt32((due - now) / 1_000)) }
            readAgain(paths)
            post(.secondLookEnded)
        }
    }

    /// What is gone meanwhile is no business of this: whatever took it away is told by itself, together with where it
    /// went.
    private func readAgain(_ paths: [RelativePath]) {
        do {
            again.rules = try disk.ignoreRules()
            var batch = ObservationBatch()
            for path in paths where !again.ignores(path) {
                again.add(again: path, to: &batch)
                if batch.isFull { try hand(&batch, again) }
            }
            try hand(&batch, again)
        } catch {
            // What is ignored is not known: it is looked at as what was just written, once it is.
            post(.watched(paths.map(WatchNotice.closed)))
        }
    }
}

extension KnownEntry {
    init(_ entry: SQLiteIndex.IndexEntry) {
        self.init(path: entry.path, kind: entry.kind, disk: entry.disk)
    }
}
