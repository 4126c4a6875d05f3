internal import SyncCore
internal import SyncModel

/// One wave: ready needs become steps, their outcomes become rows.
struct WaveTask: Sendable {
    enum Phase: Sendable {
        case looking
        /// The intents are being committed (rule 12): only then may the disk be touched.
        case intending
        case executing
        /// The rows are being committed.
        case noting
    }

    var phase = Phase.looking
    var input: PlanInput
    var plan: Plan?
    var settlement: Settlement?
    /// Needs that have no place here, because what their directory was to be is a local change.
    var placeless: [Need] = []
}

extension FolderMachine {
    mutating func beginWave() {
        lane.task = .wave(WaveTask(input: PlanInput(needs: [], context: editContext)))
        waves.beginPage(at: now.monotonicNanoseconds)
        emit(.loadNeeds(lane.newTicket(), .staged, after: waves.cursor, limit: Limits.waveRecords))
    }

    mutating func lookAround(_ task: WaveTask, _ needs: [Need]) {
        guard let last = needs.last else {
            lane.finish()
            waves.endPass(at: now.monotonicNanoseconds)
            if index?.needCount == 0 { roomIsNotMissed() }
            return
        }
        waves.took(needs.count, upTo: last.path)
        var task = task
        var handles = inline.handles
        handles[FileContent.empty(hashing)] = InlineBook.emptyHandle
        task.input = PlanInput(needs: needs, inline: handles, context: editContext)
        task.input.staged = fetches.staged
        lookUp(task)
    }

    /// Asks for what the plan must know; what comes may ask for more.
    private mutating func lookUp(_ task: WaveTask) {
        let lookups = task.input.lookups { copyPath(of: $0) }
        lane.task = .wave(task)
        if lookups.isEmpty { return plan(withoutUntold(task)) }
        load(lookups.paths, below: lookups.directories)
    }

    mutating func plan(_ task: WaveTask, with loaded: Loaded) {
        var task = task
        task.input.known.merge(loaded.known) { _, new in new }
        task.input.below.merge(loaded.below) { _, new in new }
        lookUp(task)
    }

    /// Remembers a conflict copy whose content is still to come, or that could not be made.
    mutating func noteCopy(_ need: Need) {
        waves.noteCarried(need)
        guard let origin = need.target.conflictOf, !need.target.isDeleted else { return }
        if need.state == .wanted || need.state == .blocked, waves.copies.count < Limits.transactionItems {
            waves.copies[origin, default: [:]][need.path] = need
        } else {
            waves.arrived(need.path)
        }
    }

    private mutating func plan(_ task: WaveTask) {
        guard isMember else { return lane.finish() }
        var task = task
        if !awaitsLogs { noteTold(&task.input) }
        let plan = Plan(task.input)
        task.plan = plan
        // What has no place is done.
        waves.leave(
            allBut: task.input.needs.count + task.placeless.count - plan.waiting.count, at: now.monotonicNanoseconds)
        if mayAnnounce {
            for kept in plan.keepAlive { queue.edits += kept.records { copyPath(of: $0) } }
            queue.edits += plan.followers
        }
        if !plan.waiting.isEmpty { waves.hasWaiting = true }
        var transaction = leaveOut(task.placeless)
        for item in plan.items where !item.steps.isEmpty {
            for need in [item.need, item.left].compactMap({ $0 }) {
                transaction.needChanges.append(NeedChange(path: need.path, state: .applying))
            }
        }
        let waiting = plan.waiting.sorted { $0.key < $1.key }
        for case (let path, .content) in waiting {
            transaction.needChanges.append(NeedChange(path: path, state: .wanted))
            if var need = task.input.known[path]?.need ?? task.input.needs.first(where: { $0.path == path }) {
                need.state = .wanted
                noteCopy(need)
            }
            fetches.restart()
        }
        for case (_, .parent(let parent)) in waiting where task.input.known[parent]?.need?.isGoneUntold == true {
            // Something is to live in a directory whose deletion waits: it comes back.
            transaction.needChanges.append(NeedChange(path: parent, state: .staged))
            waves.restart()
        }
        task.phase = .intending
        lane.task = .wave(task)
        if transaction.isEmpty { execute(task) } else { commit(transaction) }
    }

    /// Whose moves lead nowhere if nothing is known of where they lead.
    private func noteTold(_ input: inout PlanInput) {
        let told = members.values.filter(\.isCaughtUp)
        input.covered = told.filter { roster[$0.device]?.role == .readWrite }.map(\.frontierAtHead)
        if let index { input.covered.append(index.status.frontier) }
        if !knownCut.isEmpty { input.complete = formerMembers.union(told.map(\.device)).union([device]) }
    }

    mutating func waveCommitted(_ task: WaveTask) {
        switch task.phase {
        case .intending:
            leftOut(task.placeless)
            execute(task)
        case .noting: finishWave(task)
        case .looking, .executing: lane.finish()
        }
    }

    private mutating func execute(_ task: WaveTask) {
        guard let plan = task.plan else { return lane.finish() }
        if plan.steps.isEmpty { return settle(task, []) }
        var task = task
        task.phase = .executing
        lane.task = .wave(task)
        sights.beginWave(at: Set(plan.items.flatMap(\.paths)))
        emit(.execute(lane.newTicket(), plan.steps))
    }

    mutating func settle(_ task: WaveTask, _ outcomes: [ApplyOutcome]) {
        guard let plan = task.plan, let status = index?.status, outcomes.count == plan.steps.count else {
            return lane.finish()
        }
        var task = task
        if !plan.steps.isEmpty { waves.isDirty = true }
        roomIsNotMissed()
        // What was refused at once is as it was: what is on its way of it need not be read again, or it never catches
        // up.
        let touched = plan.items.filter { $0.steps.contains { outcomes[$0].mayHaveTouched } }
        sights.note(touched.flatMap(\.paths), at: now.monotonicNanoseconds)
        var settlement = plan.settle(outcomes)
        var transaction = transaction(of: settlement, plan, known: task.input.known, after: status.mark.sequence)
        keepDirectories(plan, &settlement, &transaction)
        task.settlement = settlement
        task.phase = .noting
        lane.task = .wave(task)
        if transaction.isEmpty { finishWave(task) } else { commit(transaction) }
    }

    private func transaction(
        of settlement: Settlement, _ plan: Plan, known: [RelativePath: KnownPath], after last: IndexSequence
    ) -> IndexTransaction {
        var transaction = IndexTransaction()
        var sequence = last
        for applied in settlement.rows {
            guard let need = applied.need else {
                if var row = known[applied.record.path]?.row {
                    row.disk = applied.disk
                    transaction.rows.append(row)
                }
                continue
            }
            if applied.record.isNothing {
                transaction.droppedRows.append(applied.record.path)
                continue
            }
            sequence += 1
            transaction.rows.append(
                IndexRow(record: applied.record, sequence: sequence, disk: applied.disk, source: need.teller))
        }
        // What an untouched path holds may be from an earlier wave.
        let untouched = waves.isDirty ? [] : Set(plan.unchanged.flatMap(\.paths))
        for path in settlement.completed.sorted() {
            if untouched.contains(path) {
                transaction.droppedNeeds.append(path)
            } else {
                transaction.needChanges.append(NeedChange(path: path, state: .unflushed))
            }
        }
        for path in settlement.retry.sorted() { transaction.needChanges.append(NeedChange(path: path, state: .staged)) }
        for (path, problem) in settlement.blocked.sorted(by: { $0.key < $1.key }) {
            // The content was used up for another path: it is asked for again.
            if problem.kind == .noSource {
                transaction.needChanges.append(NeedChange(path: path, state: .wanted))
                continue
            }
            transaction.needChanges.append(
                NeedChange(path: path, state: .blocked, reason: String(problem.message.prefix(Limits.reasonBytes / 4))))
        }
        return transaction
    }

    private mutating func finishWave(_ task: WaveTask) {
        lane.finish()
        guard let settlement = task.settlement else { return }
        for row in settlement.rows { fetches.used(row.record.content) }
        for path in settlement.completed.sorted() {
            releaseInline(of: path)
            problems.clear(path)
        }
        if !settlement.completed.isEmpty { waves.progressed = true }
        for (path, problem) in settlement.blocked.sorted(by: { $0.key < $1.key }) {
            releaseInline(of: path)
            if var need = task.plan?.items.first(where: { $0.need.path == path })?.need {
                need.state = problem.kind == .noSource ? .wanted : .blocked
                noteCopy(need)
            }
            guard problem.kind != .noSource else {
                fetches.restart()
                continue
            }
            problems.add(Problem(path: path, kind: problem.kind, message: problem.message), at: now.unixSeconds)
            waves.retrySoon(now.monotonicNanoseconds)
        }
        if !settlement.retry.isEmpty {
            waves.surprise(at: settlement.retry, now.monotonicNanoseconds)
            waves.retrySoon(now.monotonicNanoseconds)
        }
        if !settlement.reobserve.isEmpty { read(settlement.reobserve) }
        emit(.changed)
    }

    func dueNow(_ path: RelativePath) -> AdaptiveDeferral.Due { AdaptiveDeferral.Due(path: path, keepsChanging: false) }

    /// Something was placed, or nothing is to be.
    private mutating func roomIsNotMissed() {
        if !problems.isEmpty { problems.clearAll { $0.path == nil && $0.kind == .diskFull } }
    }

    mutating func read(_ paths: Set<RelativePath>) { read(paths.sorted().map(dueNow)) }

    mutating func read(_ due: [AdaptiveDeferral.Due]) {
        if sights.putOff(due) { return }
        scans.reads += 1
        emit(.read(due))
    }

    // MARK: Blocked needs

    mutating func beginUnblocking() {
        waves.retryAt = nil
        lane.task = .unblocking
        emit(.loadNeeds(lane.newTicket(), .blocked, after: nil, limit: Limits.transactionItems))
    }

    /// Blocked needs are looked at anew: as wanted ones, because their contents may have gone from the stage.
    mutating func unblock(_ needs: [Need]) {
        var transaction = IndexTransaction()
        for var need in needs {
            transaction.needChanges.append(need.anew)
            need.state = need.anew.state
            noteCopy(need)
        }
        fetches.forgive()
        if transaction.isEmpty { unblocked() } else { commit(transaction) }
    }

    // MARK: Cut-off waves

    mutating func beginResetting() {
        lane.task = .resetting
        emit(.loadNeeds(lane.newTicket(), .applying, after: nil, limit: Limits.waveRecords))
    }

    /// A wave failed after its intents were noted: what it may have done is looked at, the rest is done again. Until it
    /// is flushed only the intents tell it from an edit (rule 12).
    mutating func reset(_ needs: [Need]) {
        var transaction = IndexTransaction()
        transaction.needChanges = needs.map(\.anew)
        for var need in needs {
            need.state = need.anew.state
            noteCopy(need)
        }
        if !needs.isEmpty { read(Set(needs.map(\.path))) }
        commitFlushed(transaction)
    }

    mutating func unblocked() {
        lane.finish()
        waves.restart()
        fetches.restart()
    }
}

extension Need {
    /// To be looked at as if it were new: its content may have gone from the stage.
    fileprivate var anew: NeedChange {
        if case .file(let content) = target.content, content.size > 0 { return NeedChange(path: path, state: .wanted) }
        return NeedChange(path: path, state: .staged)
    }
}

extension ApplyOutcome {
    /// Whether the disk may be another than before the step, or was meanwhile.
    fileprivate var mayHaveTouched: Bool {
        switch self {
        case .applied, .undone, .failed: true
        case .changed, .openForWriting, .notEmpty, .noParent: false
        }
    }
}

extension FileContent {
    /// The content of no bytes.
    static func empty(_ hashing: ([UInt8]) -> Bytes32) -> FileContent {
        FileContent(size: 0, hash: ContentHash(hashing([])))
    }
}
