internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// When to look at the disk: at the start, when the watcher says so, when asked, and from time to time.
extension FolderMachine {
    mutating func requestScan() {
        scans.requested += 1
        goOn()
    }

    mutating func watched(_ notices: [WatchNotice]) {
        let time = now.monotonicNanoseconds
        var (written, changed) = (Set<RelativePath>(), Set<RelativePath>())
        for notice in notices {
            switch notice {
            case .closed(let path): if deferral.closed(path, at: time) == .now { written.insert(path) }
            case .modified(let path): if deferral.modified(path, at: time) == .now { written.insert(path) }
            case .changed(let path):
                deferral.removed(path)
                changed.insert(path)
            case .rescan(nil): requestScan()
            case .watchLimit(let uncovered): noteWatchLimit(uncovered)
            case .rescan(let subtree?): scans.subtrees.add(subtree)
            case .left(let directory): scans.left.add(directory)
            }
        }
        guard isRunning, !written.isEmpty || !changed.isEmpty else { return }
        read(
            written.union(changed).sorted().map { path in
                // What could not be read may be as it was before.
                let mustRead = written.contains(path) || problems.has(path)
                return AdaptiveDeferral.Due(path: path, keepsChanging: false, mustRead: mustRead)
            })
    }

    /// Directories without a watch are found by scans, which come more often then.
    private mutating func noteWatchLimit(_ uncovered: Int) {
        scans.isUncovered = uncovered > 0
        guard uncovered > 0 else { return problems.clear(nil) }
        let message = """
            \(uncovered) directories are not watched, because the system allows no more watches; they are looked at \
            every few minutes. Raise the limit: sudo sysctl fs.inotify.max_user_watches=1048576
            """
        problems.add(Problem(path: nil, kind: .watchLimit, message: message), at: now.unixSeconds)
        scans.nextDue = min(scans.nextDue, now.monotonicNanoseconds + ScanBook.uncoveredInterval)
    }

    /// Begins what is due, between two tasks: one that is under way may put down what was seen before, at a path where
    /// the scan then finds neither an entry nor a row. A paused or held folder is scanned when it goes on.
    mutating func beginScans() {
        if !scans.isUnderWay, scans.requested > scans.completed {
            scans.isUnderWay = true
            scans.number = problems.beginScan()
            scans.begun = scans.requested
            (scans.subtrees, scans.left) = ([], [])
            sights.forget(before: now.monotonicNanoseconds)
            emit(.scan(nil))
            emit(.changed)
        } else if !scans.isUnderWay, !scans.scanningSubtree, let subtree = scans.subtrees.first ?? scans.left.first {
            // A notice that comes from now on is of something later, and asks for another look.
            scans.subtrees.removeAll { $0 == subtree }
            scans.left.removeAll { $0 == subtree }
            scans.scanningSubtree = true
            scans.numberOfSubtree = problems.beginScan()
            sights.forget(before: now.monotonicNanoseconds)
            emit(.scan(subtree))
        }
    }

    /// All observations of a scan are decided on.
    mutating func ended(_ subtree: RelativePath?, complete: Bool) {
        guard subtree == nil else {
            scans.scanningSubtree = false
            if complete { problems.endScan(scans.numberOfSubtree, of: subtree) } else { requestScan() }
            return
        }
        scans.isUnderWay = false
        guard complete else {
            scans.retryAt = now.monotonicNanoseconds + WaveBook.retryNanoseconds
            scans.requested = scans.completed
            // Nothing absent is believed, and nothing applied, until the folder could be looked at.
            stop(.disk, problems.ofFolder ?? "The folder could not be looked at.")
            emit(.changed)
            return
        }
        scans.completed = scans.begun
        problems.endScan(scans.number, of: nil)
        scans.generation += 1
        scans.completedSeconds = now.unixSeconds
        scans.retryAt = nil
        let interval = scans.isUncovered ? ScanBook.uncoveredInterval : ScanBook.interval
        scans.nextDue = now.monotonicNanoseconds + interval + now.random % (interval / 8)
        emit(.changed)
        endRebuild()
    }

    /// All observations of a look at single paths are decided on.
    mutating func readEnded() {
        scans.reads = max(0, scans.reads - 1)
        endRebuild()
    }

    /// A lost index is made anew once a scan has come to its end, and so have looks at what was held back of it.
    private mutating func endRebuild() {
        guard isRebuilding, scans.completedSeconds != nil, scans.reads == 0, scans.requested == scans.completed else {
            return
        }
        lane.task = .noting
        var transaction = IndexTransaction()
        transaction.endsRebuild = true
        commit(transaction)
    }

    mutating func tick() {
        let time = now.monotonicNanoseconds
        if time >= scans.nextDue {
            scans.nextDue = .max
            requestScan()
        }
        fetches.retry(at: time)
        tickMembers()
        tickFound()
        tickRepair()
        tickCollection()
        if let retry = scans.retryAt, time >= retry {
            scans.retryAt = nil
            requestScan()
        }
    }

    /// When `tick` is to come next, in monotonic nanoseconds.
    public var nextDeadline: UInt64? {
        var deadlines = [
            scans.nextDue == .max ? nil : scans.nextDue, scans.retryAt, fetches.retryAt, stateDue, found.deadline,
        ]
        for member in members.values where member.isConnected { deadlines.append(member.silentAt) }
        if isRunning { deadlines.append(deferral.nextDeadline) }
        // While a task is under way its end is what is waited for.
        if isRunning, lane.isFree { deadlines += [waves.retryAt, waveRest, waves.surprises.deadline] }
        if isRunning { deadlines += [repairs.deadline(after: now.monotonicNanoseconds), collectionDeadline] }
        return deadlines.compactMap { $0 }.min()
    }

    mutating func setPaused(_ paused: Bool) {
        guard paused != isPaused else { return }
        isPaused = paused
        emit(.changed)
        guard !paused else { return }
        requestScan()
        resumeStreams()
    }

    mutating func resumeStreams() {
        waves.restart()
        fetches.restart()
        for device in members.keys.sorted() { startStream(device) }
    }
}

extension [RelativePath] {
    /// Adds a subtree unless it is in it already, by itself or as a part of another.
    fileprivate mutating func add(_ subtree: RelativePath) {
        if !contains(where: { $0 == subtree || subtree.isBelow($0) }) { append(subtree) }
    }
}
