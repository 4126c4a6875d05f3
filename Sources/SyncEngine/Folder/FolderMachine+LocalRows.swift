internal import SyncCore
internal import SyncModel

/// A member that may not announce keeps what is changed in its folder to itself: beside what is agreed, which goes on
/// without it.
extension FolderMachine {
    /// Whether others take what this device announces. Before the members are known it must be thought so.
    var mayAnnounce: Bool { isMember && roster[device].map { $0.role == .readWrite } ?? true }

    /// Puts records of ours as local rows. Nothing of them is told, and what was needed at their paths is agreed beside
    /// them. `standing` is what `note` would give them.
    func keep(
        _ puts: [LocalPut], _ view: IndexView, _ context: EditContext, into decision: inout Decision,
        standing: (FileRecord) -> IndexRow.Standing
    ) {
        var sequence = index?.status.mark.sequence ?? 0
        for put in puts {
            let path = put.record.path
            sequence += 1
            let standing = standing(put.record)
            if standing == .found || standing == .old {
                decision.transaction.rows.append(
                    IndexRow(record: put.record, sequence: sequence, disk: put.disk, source: nil, standing: standing))
                continue
            }
            let need = view.need(path)
            let agreed = (need?.target ?? view.row(path)?.agreedRecord).flatMap { $0.isNothing ? nil : $0 }
            let row = LocalRow.row(put, beside: agreed, sequence: sequence)
            if let row { decision.transaction.rows.append(row) } else { decision.transaction.droppedRows.append(path) }
            if let need { keep(row, instead: need, into: &decision) }
        }
        guard !puts.isEmpty else { return }
        decision.transaction.nextEdit = context.counter + 1
        decision.transaction.stampCounter = context.stampCounter
    }

    /// What becomes of a need at whose path something was made here.
    private func keep(_ row: IndexRow?, instead need: Need, into decision: inout Decision) {
        if need.state == .unflushed { return }
        var need = need
        if row?.standing == .agreed {
            need.state = .unflushed
            decision.transaction.needs.append(need)
        } else if let row, row.record.content == need.target.content, !row.record.isDeleted {
            // Only the metadata is missing.
            need.state = .staged
            return decision.transaction.needs.append(need)
        } else {
            decision.transaction.droppedNeeds.append(need.path)
        }
        decision.settled.append(need.path)
    }

    // MARK: Waves

    /// What has no place here, because its directory was deleted or replaced by a local change, is agreed and not here.
    func withoutPlaceless(_ task: WaveTask) -> WaveTask {
        guard index?.status.local ?? 0 > 0, !mayAnnounce else { return task }
        var task = task
        task.placeless = []
        for need in task.input.needs where !need.target.isDeleted {
            guard let parent = need.path.parent, let known = task.input.known[parent], let row = known.row,
                row.standing == .local, row.disk?.kind != .directory,
                known.need.map({ $0.state == .unflushed }) ?? true,
                task.input.known[need.path]?.row?.disk == nil
            else { continue }
            task.placeless.append(need)
            task.input.known[need.path]?.need?.state = .blocked
        }
        let paths = Set(task.placeless.map(\.path))
        task.input.needs.removeAll { paths.contains($0.path) }
        return task
    }

    /// The rows of what has no place.
    func leaveOut(_ needs: [Need]) -> IndexTransaction {
        var transaction = IndexTransaction()
        var sequence = index?.status.mark.sequence ?? 0
        for need in needs {
            sequence += 1
            transaction.droppedNeeds.append(need.path)
            if need.target.isNothing { continue }
            transaction.rows.append(LocalRow.missing(need.target, author: editContext.author, sequence: sequence))
        }
        return transaction
    }

    mutating func leftOut(_ needs: [Need]) {
        if needs.isEmpty { return }
        for need in needs {
            releaseInline(of: need.path)
            problems.clear(need.path)
        }
        // What is to be below them has no place either.
        waves.hasWaiting = true
        waves.progressed = true
    }

    /// A directory that holds what nobody else has stays, as a local change.
    func keepDirectories(_ plan: Plan, _ settlement: inout Settlement, _ transaction: inout IndexTransaction) {
        if mayAnnounce { return }
        var sequence = transaction.rows.map(\.sequence).max() ?? 0
        sequence = max(sequence, index?.status.mark.sequence ?? 0)
        for item in plan.items {
            let path = item.need.path
            guard settlement.blocked[path]?.kind == .notEmpty, var row = item.row else { continue }
            settlement.blocked[path] = nil
            settlement.completed.insert(path)
            transaction.needChanges.removeAll { $0.path == path }
            transaction.needChanges.append(NeedChange(path: path, state: .unflushed))
            if row.standing == .local { continue }
            sequence += 1
            (row.sequence, row.source, row.standing) = (sequence, nil, .local)
            row.agreed = item.need.target.isNothing ? nil : item.need.target
            transaction.rows.removeAll { $0.record.path == path }
            transaction.rows.append(row)
        }
    }

    // MARK: Roles

    /// What is gone here and was never told of becomes a local change where nothing may be told any more.
    mutating func silenceHeld() {
        if !mayAnnounce, count(.held) > 0 { queue.verdicts.append(VerdictTask(.silenced)) }
    }
}
