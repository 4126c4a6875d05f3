internal import SyncCore
internal import SyncModel

/// Observations of the disk become rows.
struct LocalTask: Sendable {
    var batch: ObservedBatch
    var view = IndexView()
    var decision = Decision()
}

extension FolderMachine {
    mutating func observed(_ event: FolderEvent) {
        switch event {
        case .observed(let batch): queue.local.append(.batch(batch))
        case .scanEnded(let subtree, let complete): queue.local.append(.scanEnded(subtree: subtree, complete: complete))
        default: break
        }
    }

    mutating func beginLocal() {
        queue.lastWasLocal = true
        switch queue.local.removeFirst() {
        case .scanEnded(let subtree, let complete): ended(subtree, complete: complete)
        case .batch(let batch):
            emit(.tookObservations)
            let batch = withoutStale(batch)
            if !problems.isEmpty { for observation in batch.observations { problems.clear(observation.path) } }
            for problem in batch.problems { problems.add(problem, at: now.unixSeconds) }
            guard !batch.observations.isEmpty else { return }
            lane.task = .local(LocalTask(batch: batch))
            load(batch.observations.map(\.path))
        }
    }

    /// What was read before a wave came by, or before another look at the path, is read again: it would look like an edit
    /// that undoes the later one.
    private mutating func withoutStale(_ batch: ObservedBatch) -> ObservedBatch {
        var batch = batch
        var stale: Set<RelativePath> = []
        for observation in batch.observations where sights.isStale(observation.path, seenAfter: batch.begun) {
            stale.insert(observation.path)
        }
        sights.note(batch.observations.map(\.path), at: now.monotonicNanoseconds)
        if stale.isEmpty { return batch }
        batch.observations.removeAll { stale.contains($0.path) }
        read(stale)
        return batch
    }

    mutating func decide(_ task: LocalTask, with loaded: Loaded) {
        var task = task
        task.view.add(loaded)
        var decision = Decision()
        let missing = decideLocal(task, into: &decision)
        task.decision = decision
        lane.task = .local(task)
        if !missing.isEmpty { return load(missing.sorted()) }
        guard !decision.transaction.isEmpty else {
            lane.finish()
            return
        }
        commit(decision.transaction)
    }

    mutating func decided(_ task: LocalTask) {
        lane.finish()
        settled(task.decision)
        if !task.decision.transaction.needs.isEmpty { fetches.restart() }
        waves.restart()
    }

    /// Fills the decision; what it says is missing must be loaded first.
    private mutating func decideLocal(_ task: LocalTask, into decision: inout Decision) -> Set<RelativePath> {
        guard let status = index?.status else { return [] }
        let view = task.view
        var context = editContext
        let outcome = LocalChanges.decide(
            task.batch.observations, rows: view.known.compactMapValues(\.row),
            targets: view.known.compactMapValues { $0.need?.target }, context: &context)
        let puts = withinBudget(outcome.puts, view)
        var rows: [RelativePath: IndexRow] = [:]
        var records = view.records
        var incoming: [FileRecord] = []
        var sequence = status.mark.sequence
        for put in puts {
            sequence += 1
            let need = view.need(put.record.path)
            let row = IndexRow(
                record: put.record, sequence: sequence, disk: put.disk,
                source: need?.target == put.record ? need?.teller : nil)
            rows[put.record.path] = row
            decision.transaction.rows.append(row)
            if need == nil { records[put.record.path] = put.record } else { incoming.append(put.record) }
        }
        for (path, disk) in outcome.refreshes {
            guard var row = view.row(path) else { continue }
            row.disk = disk
            decision.transaction.rows.append(row)
        }
        let reconciled = reconcile(incoming, view: records, context: context) { copyPath(of: $0) }
        context = reconciled.context
        guard reconciled.missing.isEmpty else { return reconciled.missing }
        var writer = NeedWriter(view: view, inline: inline.contents, rows: rows, into: decision)
        for target in reconciled.targets.values.sorted(by: { $0.path < $1.path }) { writer.put(target) }
        for record in incoming where reconciled.targets[record.path] == nil {
            if let need = view.need(record.path) { writer.put(need.target) }
        }
        decision = writer.decision
        decision.transaction.chunkLists = task.batch.chunks
        if !puts.isEmpty {
            decision.transaction.nextEdit = context.counter + 1
            decision.transaction.stampCounter = context.stampCounter
            decision.transaction.frontier = status.frontier.inserting(
                Origin(author: context.author, counter: context.counter))
        }
        return []
    }

    /// Without the deletions that are more than a person is likely to mean (rule 15); they stay to be found again.
    private mutating func withinBudget(_ puts: [LocalPut], _ view: IndexView) -> [LocalPut] {
        let deletions = puts.filter { put in
            guard DeletionBudget.counts(put.record.content), case .file? = view.row(put.record.path)?.record.content else {
                return false
            }
            return true
        }
        guard let greatest = deletions.map(\.record.origin.counter).max() else { return puts }
        let verdict = budget.admit(
            deletions.count, by: editContext.author, upTo: greatest, of: index?.status.files ?? 0,
            at: now.monotonicNanoseconds)
        guard case .held(let count, let limit) = verdict else { return puts }
        let message = """
            \(count) deletions within an hour are more than \(limit): they are held back. Run 'lanyard folder release' if \
            they are meant, or bring the files back.
            """
        if hold == nil { hold = Hold(cause: .deletions, message: message, since: now.unixSeconds) }
        for put in deletions { held.insert(put.record.path) }
        return puts.filter { !$0.record.isDeleted || !DeletionBudget.counts($0.record.content) }
    }
}

extension Need {
    /// A member that announced the target itself and need not be told of it.
    var teller: DeviceID? { sources.first { $0.match == .record }?.device }
}

extension IndexTransaction {
    /// Whether it would change nothing.
    var isEmpty: Bool {
        rows.isEmpty && droppedRows.isEmpty && droppedNeeds.isEmpty && needs.isEmpty && needChanges.isEmpty && peers.isEmpty
            && nextEdit == nil && stampCounter == nil && frontier == nil
    }
}
