internal import SyncCore
internal import SyncModel

/// What a crash left between an intent and its flush (rule 12).
struct RecoveryTask: Sendable {
    var observations: [Observation]
    /// What stood where a wave deleted or replaced it, and does again.
    let returned: Set<RelativePath>
    /// The directories that recovery itself has changed.
    let refilled: Set<RelativePath>
    let restart: MachineStart?
    /// Whether a flush failed, and what it was about was read from the disk itself (decision 31).
    let isDoubted: Bool
    /// What was found torn, and goes to history.
    var torn: [ApplyStep] = []
    /// What is to be noted once they are: whoever ends in between finds the intents as they were.
    var transaction = IndexTransaction()
    var view = IndexView()
}

extension FolderMachine {
    mutating func beginRecovering() {
        guard var task = recovery else { return }
        recovery = nil
        task.torn = []
        lane.task = .recovering(task)
        if task.observations.isEmpty { return endRecovery(task) }
        load(task.observations.prefix(Limits.waveRecords).map(\.path))
    }

    /// Only now is it noted that what the machine's start tore is mended: whoever dies before that begins anew.
    private mutating func endRecovery(_ task: RecoveryTask) {
        var transaction = IndexTransaction()
        transaction.mendedBoot = task.restart?.id
        commit(transaction)
    }

    mutating func recover(_ task: RecoveryTask, with loaded: Loaded) {
        var task = task
        task.view = IndexView()
        task.view.add(loaded)
        var transaction = IndexTransaction()
        var sequence = index?.status.mark.sequence ?? 0
        task.torn = []
        for observation in task.observations.prefix(Limits.waveRecords) {
            recover(observation, &task, &transaction, &sequence)
        }
        task.transaction = transaction
        lane.task = .recovering(task)
        if task.torn.isEmpty { note(task) } else { emit(.execute(lane.newTicket(), task.torn)) }
    }

    private func recover(
        _ observation: Observation, _ task: inout RecoveryTask, _ transaction: inout IndexTransaction,
        _ sequence: inout IndexSequence
    ) {
        let path = observation.path
        guard let need = task.view.need(path), need.state == .applying || need.state == .unflushed else { return }
        let row = task.view.row(path)
        if need.state == .unflushed, let row, observation.content == row.record.content,
            observation.found.disk == row.disk, !isSetBack(observation, need, task)
        {
            // As it was noted, whoever changed it last.
            return
        }
        if isEarlier(observation, need, row, task) {
            return giveWay(observation, to: need, &transaction, &sequence)
        }
        if observation.shows(need.target) {
            let shown = shown(observation, need.target)
            // Content that was there before says nothing of whether the rest of the step was done.
            let isPlaced = row?.disk == nil || row?.record.content != need.target.content
            if shown.isNothing {
                transaction.droppedRows.append(path)
            } else if row?.record != shown, mayAnnounce && isPlaced || shown == need.target {
                sequence += 1
                transaction.rows.append(
                    IndexRow(
                        record: shown, sequence: sequence, disk: observation.found.disk,
                        source: shown == need.target ? need.teller : nil))
            }
            let state = shown == need.target ? NeedState.unflushed : .staged
            transaction.needChanges.append(NeedChange(path: path, state: state))
            return
        }
        let isTorn = isTorn(observation, need, row, task)
        if !isTorn, row?.isMadeHere(observation) == true {
            // It was to be taken back, or was made since: it stays, and who wants it back says so again.
            return transaction.droppedNeeds.append(path)
        }
        if isTorn, let disk = observation.found.disk {
            // Nothing of it is announced. History keeps the bytes.
            task.torn.append(ApplyStep(path: path, expected: .entry(disk), action: .delete))
            forget(row, need, &transaction)
        } else if observation.found == .absent, need.state == .applying, row?.isReplacedInSteps(by: need.target) == true
        {
            // It was between two renames: that deletes nothing. Had somebody deleted it, what is to stand here would
            // count for more.
            forget(row, need, &transaction)
        } else if task.restart != nil, observation.found == .absent || need.state == .unflushed {
            // The name was lost: that deletes nothing. What somebody made since may have found nothing there.
            forget(row, need, &transaction)
        } else if task.isDoubted, observation.found == .absent, need.state == .unflushed {
            // Somebody moved it on, torn as it may be: what was to stand here stands again.
            forget(row, need, &transaction)
        }
        let isWanted = need.target.content.size > 0
        transaction.needChanges.append(NeedChange(path: path, state: isWanted ? .wanted : .staged))
    }

    /// Whether a directory may have lost to a loss of power what a wave set on it: its row keeps the ctime from before
    /// that (`Plan.settle`).
    private func isSetBack(_ observation: Observation, _ need: Need, _ task: RecoveryTask) -> Bool {
        task.restart != nil && observation.content == .directory && shown(observation, need.target) != need.target
    }

    /// Whether a loss of power took back what was applied, and something whole stands there that was there before: an
    /// entry that a wave replaced, removed or moved, or its metadata, until that was flushed.
    private func isEarlier(
        _ observation: Observation, _ need: Need, _ row: IndexRow?, _ task: RecoveryTask
    ) -> Bool {
        guard let restart = task.restart, need.state == .unflushed, let content = observation.content,
            let disk = observation.found.disk
        else { return false }
        if content == need.target.content {
            guard let known = row?.disk, row?.record.content == content else { return false }
            // A directory's row does not tell when its metadata changed.
            let isEarlier =
                content.isDirectory
                ? row?.record == need.target && isUntouched(need.path, disk, task) : disk.changed <= known.changed
            return isEarlier && shown(observation, need.target) != need.target
        }
        // What comes back of a deletion is what stood there; anything else is a user's.
        if need.target.isDeleted, !task.returned.contains(need.path) { return false }
        // A directory changes with what is in it. If it is somebody's it is not empty, and stays.
        if content.isDirectory { return isUntouched(need.path, disk, task) }
        if need.target.isDeleted { return true }
        if observation.hasTimes(of: need.target) { return false }
        // What somebody made there stood there never before, whatever his clock says.
        if !task.returned.contains(need.path) { return false }
        // A directory's row does not tell when it was last changed, but when something was last put into it.
        let known = row?.disk.map { $0.kind == .directory ? $0.modified : $0.changed }
        return disk.changed <= known ?? restart.at
    }

    /// Whether nobody has changed a directory since the machine's start, as far as can be told.
    private func isUntouched(_ path: RelativePath, _ disk: DiskState, _ task: RecoveryTask) -> Bool {
        task.refilled.contains(path) || task.restart.map { disk.changed <= $0.at } ?? false
    }

    /// What was there before is old: it gives way to the need once more, and is told to nobody.
    private func giveWay(
        _ observation: Observation, to need: Need, _ transaction: inout IndexTransaction,
        _ sequence: inout IndexSequence
    ) {
        var context = editContext
        context.counter = max(context.counter, (transaction.nextEdit ?? 1) - 1)
        let isThere = observation.content == need.target.content
        sequence += 1
        if isThere {
            transaction.rows.append(
                IndexRow(
                    record: shown(observation, need.target), sequence: sequence, disk: observation.found.disk,
                    source: nil))
        } else if case .put(let record, let disk) = LocalChanges.decide(
            observation, row: nil, target: nil, context: &context)
        {
            transaction.rows.append(
                IndexRow(record: record, sequence: sequence, disk: disk, source: nil, standing: .old))
            transaction.nextEdit = context.counter + 1
        }
        let isWanted = !isThere && need.target.content.size > 0
        transaction.needChanges.append(NeedChange(path: need.path, state: isWanted ? .wanted : .staged))
    }

    /// Whether a file that is not what the intent is to make of the path can be what a loss of power left of its bytes,
    /// and not what a user wrote. Only the bytes of a new name may be torn (rule 12), because what replaces an entry is
    /// flushed first.
    private func isTorn(_ observation: Observation, _ need: Need, _ row: IndexRow?, _ task: RecoveryTask) -> Bool {
        // Times are set before a name is, and whoever writes moves them on.
        guard case .file(let disk, _, _) = observation.found, observation.hasTimes(of: need.target) else {
            return false
        }
        // To the very file that was noted nobody wrote: the disk has lost it (decision 31).
        if need.state == .unflushed { return task.restart != nil || row.map(observation.isUnwritten(since:)) ?? false }
        let isNewName = row?.disk.map { $0.kind == .directory } ?? true
        return isNewName && (task.isDoubted || task.restart.map { disk.changed <= $0.at } ?? false)
    }

    /// The target as it stands there: with the metadata that was found.
    private func shown(_ observation: Observation, _ target: FileRecord) -> FileRecord {
        var context = editContext
        let change = LocalChanges.decide(observation, row: nil, target: target, context: &context)
        guard case .put(let adopted, _) = change else { return target }
        return adopted
    }

    /// The row has nothing on the disk: that is no deletion. If it is what another member made and was lost, nothing of
    /// it was ever here: else what somebody makes at the path would replace it everywhere.
    private func forget(_ row: IndexRow?, _ need: Need, _ transaction: inout IndexTransaction) {
        guard var row, row.disk != nil else { return }
        if need.state == .unflushed, row.standing == .agreed, row.record.origin.author.device != device {
            return transaction.droppedRows.append(row.record.path)
        }
        row.disk = nil
        transaction.rows.append(row)
    }

    /// What could not be removed would count as an edit: all waits for it. What somebody wrote since is one.
    mutating func removedTorn(_ task: RecoveryTask, _ outcomes: [ApplyOutcome]) {
        sights.note(task.torn.map(\.path), at: now.monotonicNanoseconds)
        for (step, outcome) in zip(task.torn, outcomes) {
            switch outcome {
            case .applied, .changed, .undone, .noParent, .notEmpty: continue
            case .openForWriting:
                return failed(
                    Problem(
                        path: nil, kind: .openForWriting,
                        message: """
                            \(step.path) is what a loss of power left, and a program has it open: close it there. The \
                            folder goes on then.
                            """))
            case .failed(let kind, let message):
                return failed(
                    Problem(path: nil, kind: kind, message: "What a loss of power left can't be removed: \(message)"))
            }
        }
        // On another disk the note could outlive the removal.
        emit(.flush(lane.newTicket(flushing: true)))
    }

    mutating func note(_ task: RecoveryTask) {
        if task.transaction.isEmpty { recovered(task) } else { commit(task.transaction) }
    }

    /// Goes on with the next page; after the last one, with the note that all is mended.
    mutating func recovered(_ task: RecoveryTask) {
        if task.observations.isEmpty { return lane.finish() }
        var task = task
        // After a failed flush it may have been waited for.
        for change in task.transaction.needChanges where change.state == .unflushed { waves.arrived(change.path) }
        (task.torn, task.transaction) = ([], IndexTransaction())
        task.observations = Array(task.observations.dropFirst(Limits.waveRecords))
        waves.restart()
        fetches.restart()
        lane.finish()
        if !task.observations.isEmpty || task.restart != nil { recovery = task }
    }
}

extension IndexRow {
    /// Whether what stands there goes before the target comes, and not in exchange for it.
    fileprivate func isReplacedInSteps(by target: FileRecord) -> Bool {
        switch (record.content, target.content) {
        case (.file, .file), (.directory, .directory), (.symlink, .symlink), (.deleted, _), (_, .deleted): false
        default: disk != nil
        }
    }

    /// Whether it is a local change, and what was found is one.
    fileprivate func isMadeHere(_ observation: Observation) -> Bool {
        standing == .local && (record.isDeleted || observation.found != .absent)
    }
}

extension Observation {
    /// Whether a file is the one that the row knows, and nobody wrote to it since. A ctime that moved on is that of a
    /// change of mode or attributes only where these are others: who writes may put the mtime back.
    fileprivate func isUnwritten(since row: IndexRow) -> Bool {
        guard case .file(let disk, _, let attributes) = found, let known = row.disk, disk.entry == known.entry,
            disk.modified == known.modified
        else { return false }
        let recorded = row.record.attributes.filter { $0.value.value != nil }
        return disk.changed == known.changed || disk.mode != known.mode
            || !attributes.elementsEqual(recorded) { $0.name == $1.name && $0.value == $1.value.value }
    }

    /// Whether a file has the times that a file of the record was given; not of an empty one, which has no bytes.
    fileprivate func hasTimes(of record: FileRecord) -> Bool {
        guard case .file(let disk, _, _) = found, case .file(let content) = record.content, content.size > 0 else {
            return false
        }
        return record.modified.map { $0.value == disk.modified } ?? true
    }

    /// Whether what was found is what the record says, metadata included as far as a wave sets it before it shows.
    fileprivate func shows(_ record: FileRecord) -> Bool {
        switch (found, record.content) {
        case (.absent, .deleted): return true
        case (.directory, .directory): return true
        case (.symlink(_, let target), .symlink(let wanted)): return target == wanted
        case (.file(let disk, let content, _), .file(let wanted)):
            return content == wanted && (record.modified.map { $0.value == disk.modified } ?? true)
        default: return false
        }
    }
}
