internal import SyncCore
internal import SyncModel

/// What is held is decided on, a page at a time.
struct VerdictTask: Sendable {
    enum Verdict: Sendable {
        /// A person here: all of it is meant.
        case released
        /// A person here: none of it is meant.
        case discarded
        /// What signed releases cover is meant; the rest is still asked about.
        case covered
        /// This device may announce nothing any more: what is gone here untold is a local change.
        case silenced
    }

    let verdict: Verdict
    /// Directories that are gone here are told after what was in them.
    var takesDirectories = false
    var cursor: RelativePath?
    var needs: [Need] = []
    /// What a person let through, by author up to which counter: the others are told.
    var released: [Author: UInt64] = [:]

    init(_ verdict: Verdict) { self.verdict = verdict }
}

extension FolderMachine {
    /// The held deletions are meant, here and at all members.
    mutating func release() {
        guard asksAboutDeletions else { return releaseTold() }
        answer(.released)
    }

    /// The held deletions are not meant: what is gone here comes back, and what others deleted is told anew.
    mutating func discard() {
        if asksAboutDeletions { answer(.discarded) }
    }

    private mutating func answer(_ verdict: VerdictTask.Verdict) {
        if hold?.cause == .deletions { hold = nil } else { suspended = nil }
        queue.verdicts.append(VerdictTask(verdict))
        emit(.changed)
    }

    mutating func beginVerdict() {
        queue.lastWasAnswer = true
        lookAtHeld(queue.verdicts.removeFirst())
    }

    private mutating func lookAtHeld(_ task: VerdictTask) {
        lane.task = .verdict(task)
        let limit = task.takesDirectories ? Limits.queryRows : Limits.waveRecords
        emit(.loadNeeds(lane.newTicket(), .held, after: task.cursor, limit: limit))
    }

    mutating func judge(_ task: VerdictTask, _ needs: [Need]) {
        var task = task
        guard let last = needs.last else { return endPass(task) }
        task.cursor = last.path
        task.needs = needs
        lane.task = .verdict(task)
        load(needs.map(\.path))
    }

    mutating func judge(_ task: VerdictTask, with loaded: Loaded) {
        guard let status = index?.status else { return lane.finish() }
        var task = task
        var page = VerdictPage(context: editContext, sequence: status.mark.sequence)
        // What is gone is told with directories last.
        for need in task.needs.reversed() {
            let row = loaded.known[need.path]?.row
            switch task.verdict {
            case .discarded: discard(need, row, &page)
            case .released, .covered: if isMeant(need, task) { release(need, row, &task, &page) }
            case .silenced: if need.isGoneUntold { release(need, row, &task, &page) }
            }
        }
        if page.context.counter > editContext.counter {
            let last = Origin(author: page.context.author, counter: page.context.counter)
            page.transaction.nextEdit = last.counter + 1
        }
        task.needs = []
        lane.task = .verdict(task)
        if page.transaction.isEmpty { lookAtHeld(task) } else { commit(page.transaction) }
    }

    mutating func judged(_ task: VerdictTask) { lookAtHeld(task) }

    // MARK: One held deletion

    private func isMeant(_ need: Need, _ task: VerdictTask) -> Bool {
        guard need.isGoneUntold else { return task.verdict == .released || budget.isReleased(need.target.origin) }
        return task.verdict == .released && need.target.content.isDirectory == task.takesDirectories
    }

    private func release(_ need: Need, _ row: IndexRow?, _ task: inout VerdictTask, _ page: inout VerdictPage) {
        if need.isGoneUntold {
            // What is gone may have won over something meanwhile that has no copy yet: that is not told to be seen.
            let gone = row.flatMap { $0.record.isDeleted ? nil : $0.record } ?? need.target
            let tombstone = HeldDeletion.released(gone, context: &page.context)
            guard mayAnnounce else { return page.keep(tombstone, disk: nil, beside: need.target) }
            page.put(tombstone, disk: nil, leaving: gone == need.target ? nil : need)
            task.released[tombstone.origin.author] = tombstone.origin.counter
        } else {
            page.transaction.needChanges.append(NeedChange(path: need.path, state: .staged))
            let origin = need.target.origin
            task.released[origin.author] = max(task.released[origin.author] ?? 0, origin.counter)
        }
    }

    private func discard(_ need: Need, _ row: IndexRow?, _ page: inout VerdictPage) {
        if !need.isGoneUntold {
            guard let row, let disk = row.disk, !row.record.isDeleted else {
                // There is nothing to keep.
                return page.transaction.needChanges.append(NeedChange(path: need.path, state: .staged))
            }
            guard mayAnnounce else { return page.keep(row.record, disk: disk, beside: need.target) }
            return page.put(HeldDeletion.discarded(row.record, need.target, context: &page.context), disk: disk)
        }
        var wanted = need
        wanted.state = need.target.content.size > 0 ? .wanted : .staged
        askEveryone(&wanted)
        page.transaction.needs.append(wanted)
    }

    // MARK: Ends

    private mutating func endPass(_ task: VerdictTask) {
        var task = task
        task.cursor = nil
        if count(.held) > 0, task.verdict == .released, !task.takesDirectories {
            task.takesDirectories = true
            return lookAtHeld(task)
        }
        lane.finish()
        endQuestion()
        waves.restart()
        fetches.restart()
        if task.verdict == .released { sign(task.released) }
        emit(.changed)
    }

    /// The lane failed: what was decided on is done, the rest is looked at again.
    mutating func verdict(failed task: VerdictTask) {
        var task = task
        (task.cursor, task.takesDirectories, task.needs) = (nil, false, [])
        queue.verdicts.insert(task, at: 0)
    }
}

/// What is decided on a page of held deletions.
private struct VerdictPage {
    var context: EditContext
    var sequence: IndexSequence
    var transaction = IndexTransaction()

    init(context: EditContext, sequence: IndexSequence) { (self.context, self.sequence) = (context, sequence) }

    /// Our own record takes the place of what the path needed, unless that has seen more.
    mutating func put(_ record: FileRecord, disk: DiskState?, leaving need: Need? = nil) {
        sequence += 1
        transaction.rows.append(IndexRow(record: record, sequence: sequence, disk: disk, source: nil))
        guard var need else { return transaction.droppedNeeds.append(record.path) }
        (need.target, need.state) = (merge(record, need.target).record, .staged)
        transaction.needs.append(need)
    }

    /// It is told to nobody, and stays beside what the path needed.
    mutating func keep(_ record: FileRecord, disk: DiskState?, beside agreed: FileRecord) {
        sequence += 1
        let put = LocalPut(record: record, disk: disk)
        let row = LocalRow.row(put, beside: agreed.isNothing ? nil : agreed, sequence: sequence)
        if let row { transaction.rows.append(row) }
        transaction.droppedNeeds.append(record.path)
    }
}
