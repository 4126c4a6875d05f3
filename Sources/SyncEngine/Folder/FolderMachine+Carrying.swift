internal import SyncCore
internal import SyncModel

/// A directory is renamed with all that is in it.
///
/// First all that is known below it is looked through, page by page: whether each of it goes along. Then the intents of
/// both ends are committed, the directory is renamed, and the rename is flushed. Only then rows follow, page by page:
/// from the intents to the last page the directory is *under way*, and its inode at the new place tells so after a
/// crash. What a person changed in it meanwhile is looked at last, at the new place.
struct CarryTask: Sendable {
    enum Phase: Sendable {
        /// What is known of the ends is on its way.
        case looking
        /// A page of what is below is on its way, or what is known of its new places.
        case checking
        case checkingPlaces
        /// The intents are being committed (rule 12).
        case intending
        case moving
        /// It can't be renamed: what was intended is being taken back.
        case givingUp
        case flushing
        /// The ends of a directory that was renamed are on their way.
        case resuming
        case arriving
        case arrivingPlaces
        case leaving
        case ending
    }

    let directory: CarriedDirectory
    var phase: Phase
    /// What is known of the ends.
    var ends: [RelativePath: KnownPath] = [:]
    /// The page that is being worked on, and where it ended.
    var page: [RelativePath: KnownPath] = [:]
    var cursor: RelativePath?
    /// Whether the present pass of `leaving` made any row.
    var progressed = false
}

extension FolderMachine {
    // MARK: Looking

    /// Whether a directory may be renamed before the next wave. Where copies or found entries are waited for, waves
    /// decide path by path.
    var mayCarry: Bool {
        !carries.candidates.isEmpty && !isRebuilding && waves.copies.isEmpty && index?.status.found ?? 0 == 0
    }

    mutating func beginCarrying() {
        guard let directory = carries.takeCandidate() else { return }
        lane.task = .carrying(CarryTask(directory: directory, phase: .looking))
        load(directory.paths)
    }

    mutating func carry(_ task: CarryTask, with loaded: Loaded) {
        var task = task
        switch task.phase {
        case .looking:
            task.ends = loaded.known
            guard task.directory.isPossible(task.ends) else { return lane.finish() }
            loadPage(of: task, .checking)
        case .checking:
            guard !loaded.known.isEmpty else { return intend(task) }
            task.page = loaded.known
            task.cursor = loaded.known.keys.max()
            guard let places = task.directory.places(of: task.page) else { return lane.finish() }
            loadPlaces(places, of: task, .checkingPlaces)
        case .checkingPlaces:
            guard task.directory.carries(task.page, to: loaded.known) else { return lane.finish() }
            loadPage(of: task, .checking)
        case .resuming:
            task.ends = loaded.known
            guard task.directory.isUnderWay(task.ends) else {
                carries.end(task.directory)
                return lane.finish()
            }
            arrive(task, [task.directory.arrival(task.ends)].compactMap { $0 })
        case .arriving:
            guard !loaded.known.isEmpty else {
                task.cursor = nil
                return loadPage(of: task, .leaving)
            }
            task.page = loaded.known
            task.cursor = loaded.known.keys.max()
            loadPlaces(task.directory.places(of: task.page) ?? [], of: task, .arrivingPlaces)
        case .arrivingPlaces: arrive(task, task.directory.arrivals(task.page, loaded.known))
        case .leaving: leave(task, loaded)
        case .intending, .moving, .givingUp, .flushing, .ending: lane.finish()
        }
    }

    private mutating func loadPage(of task: CarryTask, _ phase: CarryTask.Phase) {
        var task = task
        task.phase = phase
        task.page = [:]
        lane.task = .carrying(task)
        emit(.loadBelow(lane.newTicket(), task.directory.from, after: task.cursor, limit: Limits.waveRecords))
    }

    private mutating func loadPlaces(_ places: [RelativePath], of task: CarryTask, _ phase: CarryTask.Phase) {
        var task = task
        task.phase = phase
        lane.task = .carrying(task)
        load(places)
    }

    // MARK: Renaming

    private mutating func intend(_ task: CarryTask) {
        var task = task
        task.phase = .intending
        lane.task = .carrying(task)
        var transaction = IndexTransaction()
        for path in [task.directory.from, task.directory.to] {
            transaction.needChanges.append(NeedChange(path: path, state: .applying))
        }
        commit(transaction)
    }

    mutating func carried(_ task: CarryTask, _ outcomes: [ApplyOutcome]) {
        var task = task
        guard case .applied? = outcomes.first else {
            // Waves say what is in the way.
            task.phase = .givingUp
            lane.task = .carrying(task)
            read([task.directory.from, task.directory.to])
            var transaction = IndexTransaction()
            for path in [task.directory.from, task.directory.to] {
                transaction.needChanges.append(NeedChange(path: path, state: .staged))
            }
            return commit(transaction)
        }
        carries.begin(task.directory)
        flush(task)
    }

    /// Goes on with a directory that was renamed, also after a failure or a crash: rows follow what is durable only.
    mutating func resumeCarrying(_ directory: CarriedDirectory) {
        flush(CarryTask(directory: directory, phase: .flushing))
    }

    private mutating func flush(_ task: CarryTask) {
        var task = task
        (task.phase, task.cursor) = (.flushing, nil)
        lane.task = .carrying(task)
        waves.isDirty = true
        emit(.flush(lane.newTicket()))
    }

    mutating func carriedFlush(_ task: CarryTask) {
        var task = task
        task.phase = .resuming
        lane.task = .carrying(task)
        load(task.directory.paths)
    }

    // MARK: Rows

    private mutating func arrive(_ task: CarryTask, _ rows: [AppliedRow]) {
        if rows.isEmpty { return loadPage(of: task, .arriving) }
        note(rows, of: task, .arriving)
    }

    /// Commits rows with their needs, but those of the ends: these are the intents.
    private mutating func note(_ rows: [AppliedRow], of task: CarryTask, _ phase: CarryTask.Phase) {
        var task = task
        task.phase = phase
        lane.task = .carrying(task)
        var transaction = IndexTransaction()
        var sequence = index?.status.mark.sequence ?? 0
        for applied in rows {
            let path = applied.record.path
            let isEnd = path == task.directory.from || path == task.directory.to
            if !isEnd || phase == .ending { transaction.droppedNeeds.append(path) }
            if applied.record.isNothing {
                transaction.droppedRows.append(path)
                continue
            }
            sequence += 1
            transaction.rows.append(
                IndexRow(
                    record: applied.record, sequence: sequence, disk: applied.disk, source: applied.need?.teller))
        }
        if phase == .ending { transaction.droppedNeeds.append(task.directory.to) }
        for path in transaction.droppedNeeds {
            releaseInline(of: path)
            if !problems.isEmpty { problems.clear(path) }
        }
        commit(transaction)
    }

    /// Directories go once nothing live is in them, so that what is told of them comes in that order.
    private mutating func leave(_ task: CarryTask, _ page: Loaded) {
        var task = task
        guard !page.known.isEmpty else {
            guard task.progressed else { return end(task) }
            (task.cursor, task.progressed) = (nil, false)
            return loadPage(of: task, .leaving)
        }
        let rows = task.directory.departures(page.known, isLast: page.isLast)
        task.cursor = page.known.keys.max()
        if rows.isEmpty { return loadPage(of: task, .leaving) }
        task.progressed = true
        note(rows, of: task, .leaving)
    }

    private mutating func end(_ task: CarryTask) {
        note([task.directory.departure(task.ends)].compactMap { $0 }, of: task, .ending)
    }

    mutating func carryCommitted(_ task: CarryTask) {
        switch task.phase {
        case .intending:
            guard let step = task.directory.step(task.ends) else { return lane.finish() }
            var task = task
            task.phase = .moving
            lane.task = .carrying(task)
            emit(.execute(lane.newTicket(), [step]))
        case .arriving, .leaving: loadPage(of: task, task.phase)
        case .ending:
            carries.end(task.directory)
            fallthrough
        case .givingUp: endCarrying(task)
        default: lane.finish()
        }
    }

    /// What was read at the old places is overtaken, and what a person made below them meanwhile is looked at where it
    /// is now.
    private mutating func endCarrying(_ task: CarryTask) {
        lane.finish()
        if task.phase == .ending {
            sights.forget(before: now.monotonicNanoseconds)
            scans.look(at: task.directory.to)
            scans.look(atLeft: task.directory.from)
        }
        waves.restart()
        fetches.restart()
        emit(.changed)
    }
}
