internal import SyncCore
internal import SyncModel

/// The one task that works on the index, and the answer that it awaits.
struct Lane: Sendable {
    enum Task: Sendable {
        case recovering(RecoveryTask)
        case local(LocalTask)
        case merging(MergeTask)
        case wave(WaveTask)
        case fetchPass
        case marking(MarkingTask)
        case unblocking
        case resetting
        case verdict(VerdictTask)
        /// Releases are put down.
        case keeping(Set<Author>)
        case found(FoundTask)
        case localPass(LocalPass)
        case repairing(RepairTask)
        case flushing(FlushTask)
        /// Cuts are put down.
        case cutting([DeviceID])
        /// Deletions are forgotten; where to go on.
        case collecting(next: RelativePath?)
        /// Only a commit, with nothing to follow.
        case noting
    }

    var task: Task?
    /// What is committed once the disk is flushed.
    var unflushed: IndexTransaction?
    /// Whether a transaction is under way: what the index will say is not known.
    var isCommitting = false
    /// Whether the answer that is awaited is that of a flush.
    private(set) var isFlushing = false
    private var awaited: Ticket?
    private var lastTicket: UInt64 = 0

    var isFree: Bool { task == nil }

    func isAwaiting(_ ticket: Ticket) -> Bool { awaited == ticket && task != nil }

    mutating func newTicket(flushing: Bool = false) -> Ticket {
        isFlushing = flushing
        lastTicket += 1
        let ticket = Ticket(lastTicket)
        awaited = ticket
        return ticket
    }

    mutating func finish() {
        task = nil
        isCommitting = false
        unflushed = nil
        awaited = nil
    }
}

extension FolderMachine {
    /// Begins the next task, if the lane is free and there is one.
    mutating func advance() {
        guard isRunning else { return }
        if lane.isFree {
            let due = sights.endWave()
            if !due.isEmpty { read(due) }
        }
        // A task may find that it has nothing to do.
        while lane.isFree {
            if recovery == nil { beginScans() }
            endSurprises()
            guard let begin = nextTask() else { break }
            (queue.lastWasLocal, queue.lastWasAnswer) = (false, false)
            begin(&self)
        }
        let due = deferral.due(at: now.monotonicNanoseconds)
        if !due.isEmpty { read(due) }
    }

    /// In the order of urgency: what people just did and what came from members take turns; then what makes room; then
    /// what makes it durable.
    private func nextTask() -> ((inout FolderMachine) -> Void)? {
        if recovery != nil { return { $0.beginRecovering() } }
        if index?.isExact == false { return { $0.beginCounting() } }
        // No wave is under way, so what is left from one was cut off by a failure.
        if count(.applying) > 0 { return { $0.beginResetting() } }
        if !queue.edits.isEmpty { return { $0.beginEdits() } }
        // Whoever signs releases without end keeps nothing else from being done.
        return queue.lastWasAnswer ? ordinaryTask() ?? answerTask() : answerTask() ?? ordinaryTask()
    }

    /// What people decided about held deletions.
    private func answerTask() -> ((inout FolderMachine) -> Void)? {
        if !queue.verdicts.isEmpty { return { $0.beginVerdict() } }
        if !queue.releases.isEmpty { return { $0.beginKeeping() } }
        return nil
    }

    private func ordinaryTask() -> ((inout FolderMachine) -> Void)? {
        if isPublishingDue { return { $0.begin(LocalPass(.publish)) } }
        if !queue.reverts.isEmpty { return { $0.begin($0.queue.reverts.removeFirst()) } }
        if fetches.isFirst, !isRebuilding {
            // Conflict copies that could not be made are known only once they are wanted again.
            if count(.blocked) > 0, waves.isRetryDue(now.monotonicNanoseconds) { return { $0.beginUnblocking() } }
            if fetches.isDue { return { $0.beginFetchPass() } }
        }
        // Whoever saves without end keeps nothing else from being done.
        if !queue.local.isEmpty, !queue.lastWasLocal { return { $0.beginLocal() } }
        if !fetches.done.isEmpty || !fetches.blocked.isEmpty || !fetches.missing.isEmpty {
            return { $0.beginMarking() }
        }
        if count(.unflushed) >= WaveBook.unflushedGreatest { return { $0.beginFlush() } }
        // Until all that is on the disk was looked at after the loss of the index, nothing is put there.
        if isWaveDue, !isRebuilding, !waitsForMore { return { $0.beginWave() } }
        if !queue.remote.isEmpty { return { $0.beginMerging() } }
        if waves.isRetryDue(now.monotonicNanoseconds) { return { $0.beginUnblocking() } }
        if isFoundAnswered { return { $0.beginDecidingFound() } }
        if isFoundDue { return { $0.beginFound() } }
        if fetches.isDue, !isRebuilding, fetches.active.count < Limits.activeTransfers {
            return { $0.beginFetchPass() }
        }
        if !queue.local.isEmpty { return { $0.beginLocal() } }
        if count(.unflushed) > 0 { return { $0.beginFlush() } }
        if isCollectionDue { return { $0.beginCollecting() } }
        return nil
    }

    /// Whether the next wave takes along what was observed and what members have announced meanwhile: a wave costs two
    /// transactions, whatever it holds, and what was observed may be in its way. Whoever saves or announces without end
    /// doesn't keep it from being done.
    private var waitsForMore: Bool {
        if waveRest != nil || !queue.local.isEmpty && waves.observed < WaveBook.observedGreatest { return true }
        return !queue.remote.isEmpty && count(.staged) < WaveBook.staged && inline.bytes < Self.inlineBytesGreatest / 2
            && waves.merges < WaveBook.mergesGreatest
    }

    // MARK: Answers

    mutating func took(_ loaded: Loaded) {
        switch lane.task {
        case .recovering(let task): recover(task, with: loaded)
        case .local(let task): decide(task, with: loaded)
        case .merging(let task): decide(task, with: loaded)
        case .wave(let task): plan(task, with: loaded)
        case .marking(let task): mark(task, with: loaded)
        case .verdict(let task): judge(task, with: loaded)
        case .found(let task): look(task, with: loaded)
        case .localPass(let pass): look(pass, with: loaded)
        default: lane.finish()
        }
    }

    mutating func took(_ needs: [Need]) {
        switch lane.task {
        case .wave(let task): lookAround(task, needs)
        case .fetchPass: orderFetches(needs)
        case .unblocking: unblock(needs)
        case .resetting: reset(needs)
        case .verdict(let task): judge(task, needs)
        case .flushing(let task): dropFlushed(task, needs)
        default: lane.finish()
        }
    }

    mutating func took(_ committed: Committed) {
        lane.isCommitting = false
        index = IndexState(
            status: committed.status, digest: committed.digest, leastNeeds: committed.leastNeeds, isExact: true)
        endQuestion()
        budgetBefore = nil
        collection.isDue = true
        switch lane.task {
        case .recovering(let task): recovered(task)
        case .local(let task): decided(task)
        case .merging(let task): merged(task)
        case .wave(let task): waveCommitted(task)
        case .marking(let task): marked(task)
        case .unblocking, .resetting: unblocked()
        case .verdict(let task): judged(task)
        case .found(let task): settledFound(task)
        case .localPass(let pass): passed(pass)
        case .flushing(let task): dropped(task)
        case .cutting(let saved): cutCommitted(saved)
        case .collecting(let next): collected(next)
        default: lane.finish()
        }
        acknowledge()
    }

    mutating func took(_ outcomes: [ApplyOutcome]) {
        switch lane.task {
        case .wave(let task): settle(task, outcomes)
        case .recovering(let task): removedTorn(task, outcomes)
        default: lane.finish()
        }
    }

    mutating func tookFlush() {
        if case .recovering(let task) = lane.task { return note(task) }
        waves.isDirty = false
        if let transaction = lane.unflushed {
            lane.unflushed = nil
            return commit(transaction)
        }
        if case .flushing(let task) = lane.task { loadUnflushed(task) } else { lane.finish() }
    }

    /// An effect failed as a whole: the folder waits, and nothing of the task is lost but its time. What was announced
    /// is taken again, what was observed is looked at again, and needs of a wave that was cut off are reset.
    mutating func failed(_ problem: Problem) {
        problems.add(problem, at: now.unixSeconds)
        let (task, wasFlushing) = (lane.task, lane.unflushed != nil)
        if isAboutFlush(problem) { doubt = .failed }
        lane.finish()
        if case .recovering(let task) = task { recovery = task }
        if case .marking(let task) = task { marking(failed: task) }
        if case .verdict(let task) = task { verdict(failed: task) }
        if case .keeping(let authors) = task { queue.releases.formUnion(authors) }
        if case .found = task { found.restart() }
        if case .unblocking = task { waves.retrySoon(now.monotonicNanoseconds) }
        if case .localPass(let pass) = task { self.pass(failed: pass) }
        if repairs.round != nil { endRound { $0.fail(at: $1) } }
        switch (task, problem.kind) {
        case (.wave, .diskFull): waves.pause(now.monotonicNanoseconds)
        case (.flushing, _), (.wave, _), (.recovering, _): pause(.disk, problem.message)
        case _ where wasFlushing: pause(.disk, problem.message)
        default: pause(.index, problem.message)
        }
        // It is decided on again, and counted then.
        if let before = budgetBefore { budget.forget(since: before) }
        budgetBefore = nil
        // Nor is a question open that only what failed would have asked.
        endQuestion()
        if case .merging(let task) = task, let remote = task.remote {
            queue.remote.insert(remote, at: 0)
        }
        emit(.changed)
    }

    /// Whether what failed was a flush, that of a wave before its first step too.
    private func isAboutFlush(_ problem: Problem) -> Bool {
        if lane.isFlushing { return true }
        guard case .wave(let task) = lane.task, task.phase == .executing else { return false }
        return problem.kind == .inputOutput
    }

    /// The folder can't go on now; it is tried again soon.
    private mutating func pause(_ cause: Hold.Cause, _ message: String) {
        stop(cause, message)
        scans.retryAt = now.monotonicNanoseconds + WaveBook.retryNanoseconds
    }

    /// The folder can't go on. An identity in doubt is not forgotten over it, nor what a person is asked.
    mutating func stop(_ cause: Hold.Cause, _ message: String) {
        if hold?.cause == .identity { return }
        if let hold, !hold.stopsEverything { suspended = hold }
        hold = Hold(cause: cause, message: message, since: now.unixSeconds)
    }

    /// Goes on after a failure, as if anew; where a flush failed, only once it is known what is on the disk.
    mutating func goOn() {
        guard hold?.cause == .disk || hold?.cause == .index, index != nil, doubt != .reading else { return }
        if doubt == .failed {
            doubt = .reading
            let handles = inline.entries.values.map(\.handle)
            inline = InlineBook()
            if !handles.isEmpty { emit(.releaseInline(handles.sorted())) }
            return emit(.reopen)
        }
        hold = suspended
        suspended = nil
        problems.clearAll { $0.path == nil && $0.kind != .watchLimit }
        resumeStreams()
    }

    // MARK: Asking

    mutating func load(_ paths: some Sequence<RelativePath>, below: [RelativePath] = []) {
        emit(.load(lane.newTicket(), paths: Array(paths), below: below))
    }

    /// Needs of one state, after the last commit.
    func count(_ state: NeedState) -> Int { index?.count(state) ?? 0 }

    /// An empty commit says what an opening does not.
    private mutating func beginCounting() {
        lane.task = .noting
        commit(IndexTransaction())
    }

    /// Commits what is decided about paths of which some may not be flushed. Their intents would go, and with them what
    /// tells a loss of power from an edit (rule 12): so they are flushed first.
    mutating func commit(_ transaction: IndexTransaction, flushing view: IndexView) {
        let paths: [[RelativePath]] = [
            transaction.needs.map(\.path), transaction.droppedNeeds, transaction.needChanges.map(\.path),
            transaction.rows.map(\.record.path), transaction.droppedRows,
        ]
        let isFlushed = !paths.joined().contains { view.need($0)?.state == .unflushed }
        if isFlushed { commit(transaction) } else { commitFlushed(transaction) }
    }

    /// Commits once the disk is flushed.
    mutating func commitFlushed(_ transaction: IndexTransaction) {
        lane.unflushed = transaction
        emit(.flush(lane.newTicket(flushing: true)))
    }

    mutating func commit(_ transaction: IndexTransaction) {
        var transaction = transaction
        transaction.seconds = now.unixSeconds
        if let cut = index?.status.cut, transaction.rows.contains(where: { $0.counted?.isForgotten(by: cut) == true }) {
            collection.restart(over: cut)
        }
        lane.isCommitting = true
        emit(.commit(lane.newTicket(), transaction))
    }
}
