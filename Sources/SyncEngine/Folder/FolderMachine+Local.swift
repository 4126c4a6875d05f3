internal import SyncCore
internal import SyncModel

/// Observations of the disk become rows.
struct LocalTask: Sendable {
    var batch: ObservedBatch
    /// Paths that may have been seen before the last change that is known of them.
    var stale: Set<RelativePath> = []
    var view = IndexView()
    /// What stands below directories that ended, by the index; nil before that was asked.
    var standing: [RelativePath]?
    /// Whether it leaves the tree whole.
    var isWhole = false
    var decision = Decision()
}

extension FolderMachine {
    mutating func observed(_ event: FolderEvent) {
        switch event {
        case .observed(let batch):
            if batch.hasSecondLook { scans.reads += 1 }
            queue.local.append(.batch(batch))
        case .scanEnded(let subtree, let complete): queue.local.append(.scanEnded(subtree: subtree, complete: complete))
        case .readEnded, .secondLookEnded: queue.local.append(.readEnded)
        default: break
        }
    }

    mutating func beginLocal() {
        queue.lastWasLocal = true
        switch queue.local.removeFirst() {
        case .scanEnded(let subtree, let complete): ended(subtree, complete: complete)
        case .readEnded: readEnded()
        case .batch(let batch):
            waves.observed += 1
            if batch.isPaced { emit(.tookObservations) }
            if !problems.isEmpty { for observation in batch.observations { problems.clear(observation.path) } }
            note(batch.problems, seenAfter: batch.begun)
            guard !batch.observations.isEmpty else { return }
            var task = LocalTask(batch: batch)
            for observation in batch.observations where sights.isStale(observation.path, seenAfter: batch.begun) {
                task.stale.insert(observation.path)
            }
            let fresh = batch.observations.map(\.path).filter { !task.stale.contains($0) }
            sights.note(fresh, at: now.monotonicNanoseconds)
            sights.inTime(fresh)
            lane.task = .local(task)
            let paths = Set(batch.observations.map(\.path) + batch.observations.compactMap(\.movedTo))
            load(paths.union(paths.compactMap(\.parent)).sorted())
        }
    }

    /// What was wrong with a file, which may have been written just then, says nothing once a later look was taken.
    private mutating func note(_ found: [Problem], seenAfter begun: UInt64) {
        var outdated: [RelativePath] = []
        for problem in found {
            if let path = problem.path, sights.isKnownSince(begun, path) {
                outdated.append(path)
            } else {
                problems.addSeen(problem, at: now.unixSeconds)
            }
        }
        readAgain(outdated)
    }

    /// What was read before a wave came by, or before another look at the path, is read again where it differs from
    /// what is known now: it would look like an edit that undoes the later one. With it the other end of a move.
    private mutating func withoutStale(_ task: LocalTask) -> LocalTask {
        if task.stale.isEmpty { return task }
        var task = task
        let (stale, view) = (task.stale.union(task.otherEnds(of: task.stale)), task.view)
        let differing = task.batch.observations.filter { observation in
            stale.contains(observation.path) && observation.differs(from: view.row(observation.path))
        }
        expect(Set(differing.map(\.path)), of: task)
        task.batch.observations.removeAll { stale.contains($0.path) }
        task.stale = []
        readAgain(differing.map(\.path))
        return task
    }

    /// At once for the first time. What comes too late again is read later and later: while waves last, every look may.
    private mutating func readAgain(_ paths: [RelativePath]) {
        let time = now.monotonicNanoseconds
        let due = paths.filter { sights.isLateAnew($0) || deferral.closed($0, at: time) == .now }
        if !due.isEmpty { read(Set(due)) }
    }

    mutating func decide(_ task: LocalTask, with loaded: Loaded) {
        var task = task
        task.view.add(loaded)
        if task.standing != nil { task.standing? += loaded.standing }
        guard let whole = whole(withoutStale(task)) else { return }
        task = whole
        var decision = Decision()
        let missing = decideLocal(task, into: &decision)
        task.decision = decision
        lane.task = .local(task)
        if !missing.isEmpty { return load(missing.sorted()) }
        guard !decision.transaction.isEmpty else {
            lane.finish()
            return
        }
        commit(decision.transaction, flushing: task.view)
    }

    mutating func decided(_ task: LocalTask) {
        lane.finish()
        settled(task.decision)
        waves.noteSeen(task.batch.observations.lazy.map(\.path))
        if !task.decision.transaction.needs.isEmpty { fetches.restart() }
        waves.restart()
        found.restart()
    }

    /// Fills the decision; what it says is missing must be loaded first.
    private mutating func decideLocal(_ task: LocalTask, into decision: inout Decision) -> Set<RelativePath> {
        let view = task.view
        var context = editContext
        let outcome = LocalChanges.decide(
            task.batch.observations, rows: view.known.compactMapValues(\.row),
            targets: view.known.compactMapValues { $0.adoptable }, awaiting: awaiting(view),
            context: &context)
        for (path, disk) in outcome.refreshes.sorted(by: { $0.key < $1.key }) {
            guard var row = view.row(path) else { continue }
            row.disk = disk
            decision.transaction.rows.append(row)
        }
        decision.transaction.chunkLists = task.batch.chunks
        let isRebuilding = isRebuilding
        guard mayAnnounce else {
            keep(outcome.puts, view, context, into: &decision) { record in
                LocalChanges.standing(
                    of: record, replacing: view.row(record.path), need: view.need(record.path),
                    isRebuilding: isRebuilding)
            }
            return []
        }
        let judgement = judge(outcome.puts, view)
        let returned = returned(task.batch.observations, judgement.puts, view)
        let missing = note(
            judgement.puts, unseen: outcome.unseen, returned: returned, view, context, into: &decision
        ) { record in
            LocalChanges.standing(
                of: record, replacing: view.row(record.path), need: view.need(record.path), isRebuilding: isRebuilding)
        }
        if missing.isEmpty { take(judgement, into: &decision) }
        return missing
    }

    /// Paths whose need has seen what is still to be brought elsewhere, the loser of a conflict or an edit that went
    /// on: who has that would take it for replaced if the need's target were told (decision 16).
    private func awaiting(_ view: IndexView) -> Set<RelativePath> {
        let left = leftBehind
        if waves.copies.isEmpty, left.isEmpty { return [] }
        return Set(
            view.known.compactMap { path, known in
                guard let need = known.need else { return nil }
                return waves.copies[path] != nil || isUnbrought(need.target, left, view.known) ? path : nil
            })
    }

    /// Puts records of ours as rows, and merges those that are agreed with what is needed at their paths. Returns what
    /// must be loaded first. `unseen` lives on in conflict copies; what `returned` is held no more.
    func note(
        _ puts: [LocalPut], unseen: [FileRecord] = [], returned: ReturnedPaths = ReturnedPaths(), _ view: IndexView,
        _ context: EditContext, into decision: inout Decision, standing: (FileRecord) -> IndexRow.Standing
    ) -> Set<RelativePath> {
        guard let status = index?.status else { return [] }
        // Rows of what was only looked at are new as well.
        var rows = Dictionary(decision.transaction.rows.map { ($0.record.path, $0) }) { _, last in last }
        var records = view.records
        var incoming: [FileRecord] = []
        var sequence = status.mark.sequence
        for put in puts {
            sequence += 1
            let need = returned.settled.contains(put.record.path) ? nil : view.need(put.record.path)
            let row = IndexRow(
                record: put.record, sequence: sequence, disk: put.disk,
                source: need?.target == put.record ? need?.teller : nil, standing: standing(put.record))
            rows[put.record.path] = row
            decision.transaction.rows.append(row)
            if row.standing != .agreed { continue }
            // What is agreed beside a local change has not been seen by it, or not all.
            let isMerged = need != nil || view.row(put.record.path)?.standing == .local
            if isMerged { incoming.append(put.record) } else { records[put.record.path] = put.record }
        }
        incoming += unseen.map { conflictCopy(of: $0, at: copyPath(of: $0)) }
        let reconciled = reconcile(incoming, view: records, context: context, cut: knownCut) {
            copyPath(of: $0)
        }
        let movedOn = movedOn(puts, view)
        let missing = reconciled.missing.union(movedOn.filter { view.known[$0] == nil })
        guard missing.isEmpty else { return missing }
        var writer = NeedWriter(
            view: view, inline: inline.contents, rows: rows, returned: returned.settled.union(returned.open),
            after: sequence, into: decision)
        for target in reconciled.targets.values.sorted(by: { $0.path < $1.path }) { writer.put(target) }
        for record in incoming where reconciled.targets[record.path] == nil {
            if let need = view.need(record.path) { writer.put(need.target) }
        }
        for path in returned.open.sorted() where reconciled.targets[path] == nil {
            if let need = view.need(path) { writer.put(need.target) }
        }
        for path in movedOn.sorted() where reconciled.targets[path] == nil { writer.restate(path) }
        decision = writer.decision
        decision.transaction.droppedNeeds += returned.settled.sorted()
        if !puts.isEmpty {
            decision.transaction.nextEdit = reconciled.context.counter + 1
            decision.transaction.stampCounter = reconciled.context.stampCounter
            // What we made and could not carry out yet is not covered.
            if index?.needCount == 0, decision.transaction.needs.isEmpty {
                decision.transaction.frontier = frontier(status, covering: reconciled.context.counter)
            }
        }
        return []
    }
}

extension FolderMachine {
    /// Where contents were to be taken from these paths, which have them no more: each needs its own from elsewhere.
    private func movedOn(_ puts: [LocalPut], _ view: IndexView) -> Set<RelativePath> {
        var paths: Set<RelativePath> = []
        for put in puts {
            guard case .deleted(let path?) = view.need(put.record.path)?.target.content else { continue }
            paths.insert(path)
        }
        return paths
    }
}

extension Observation {
    /// Whether it shows something else than the row knows. The times of a directory change with every entry that comes
    /// or goes in it: they alone say nothing of itself.
    fileprivate func differs(from row: IndexRow?) -> Bool {
        guard case .directory(let disk, let attributes) = found, let row, row.record.content == .directory,
            let known = row.disk, disk.sameContent(as: known)
        else { return found.disk != row?.disk || found.disk != nil && content != row?.record.content }
        let recorded = row.record.attributes.filter { $0.value.value != nil }
        return disk.mode != known.mode
            || !attributes.elementsEqual(recorded) { $0.name == $1.name && $0.value == $1.value.value }
    }
}

extension KnownPath {
    /// What an entry of the same content becomes without an edit: what is needed, or agreed beside what was made here.
    fileprivate var adoptable: FileRecord? {
        guard let need, !need.isGoneUntold else { return row?.standing == .local ? row?.agreed : nil }
        return need.target
    }
}

extension Need {
    /// A member that announced the target itself and need not be told of it.
    var teller: DeviceID? { sources.first { $0.match == .record }?.device }
}
