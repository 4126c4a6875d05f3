internal import SyncCore
internal import SyncModel

/// What a crash left between an intent and its flush (rule 12).
struct RecoveryTask: Sendable {
    var observations: [Observation]
    /// Files that stood where a wave deleted them, and do again.
    let returned: Set<RelativePath>
    let restart: MachineStart?
    /// What was found torn, and goes to history.
    var torn: [ApplyStep] = []
    /// What is to be noted once they are: whoever ends in between finds the intents as they were.
    var transaction = IndexTransaction()
    var view = IndexView()
}

extension FolderMachine {
    mutating func open(_ opening: FolderOpening) {
        index = IndexState(
            status: opening.status, digest: opening.digest, leastNeeds: [:],
            isExact: opening.status.needs.values.allSatisfy { $0.needs == 0 })
        if hold?.cause == .disk || hold?.cause == .index { (hold, suspended) = (suspended, nil) }
        problems.clearAll { $0.path == nil && $0.kind != .watchLimit }
        for peer in opening.peers {
            var member = members[peer.device] ?? MemberLink(device: peer.device)
            member.peer = peer
            member.arrived = peer.receivedSequence
            members[peer.device] = member
        }
        know(opening.releases)
        askAgain()
        silenceHeld()
        if count(.blocked) > 0 { waves.retryAt = now.monotonicNanoseconds }
        // What was applied before may not be flushed: after a crash, and where the index was lost, no intent need tell.
        waves.isDirty = true
        requestScan()
        found.restart()
        resumeStreams()
        for device in members.keys.sorted() where members[device]?.isConnected == true { tell(device) }
        for directory in opening.carried { carries.begin(directory) }
        guard !opening.intents.isEmpty || opening.restart != nil else { return }
        recovery = RecoveryTask(
            observations: opening.intents, returned: opening.returned, restart: opening.restart)
        emit(.changed)
    }

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
        let isTorn = task.restart.map { self.isTorn(observation, need, row, $0.at, task) } ?? false
        if !isTorn, row?.isMadeHere(observation) == true {
            // It was to be taken back, or was made since: it stays, and who wants it back says so again.
            return transaction.droppedNeeds.append(path)
        }
        if task.restart != nil {
            if isTorn, let disk = observation.found.disk {
                // Nothing of it is announced. History keeps the bytes.
                task.torn.append(ApplyStep(path: path, expected: .entry(disk), action: .delete))
                forget(row, &transaction)
            } else if observation.found == .absent {
                // The name was lost, or was between two renames: that deletes nothing.
                forget(row, &transaction)
            }
        }
        var isWanted = false
        if case .file(let content) = need.target.content, content.size > 0 { isWanted = true }
        transaction.needChanges.append(NeedChange(path: path, state: isWanted ? .wanted : .staged))
    }

    /// Whether a file that is not what the intent is to make of the path can be what a loss of power left there, and
    /// not what a user wrote. Only the bytes of a new name may be torn (rule 12), because what replaces an entry is
    /// flushed first; what a wave replaced or removed may come back until it is flushed.
    private func isTorn(
        _ observation: Observation, _ need: Need, _ row: IndexRow?, _ bootedAt: Timestamp, _ task: RecoveryTask
    ) -> Bool {
        guard case .file(let disk, _, _) = observation.found else { return false }
        // What comes back of a deletion is whole, and what stood there; anything else is a user's.
        if need.state == .unflushed, need.target.isDeleted { return task.returned.contains(need.path) }
        // Times are set before a name is, and whoever writes moves them on.
        var hasTimes = false
        if case .file(let content) = need.target.content, content.size > 0 {
            hasTimes = need.target.modified.map { $0.value == disk.modified } ?? true
        }
        guard need.state == .unflushed else {
            let isNewName = row?.disk.map { $0.kind == .directory } ?? true
            return isNewName && hasTimes && disk.changed <= bootedAt
        }
        if hasTimes { return true }
        // A directory's row does not tell when it was last changed, but when something was last put into it.
        let known = row?.disk.map { $0.kind == .directory ? $0.modified : $0.changed }
        return disk.changed <= known ?? bootedAt
    }

    /// The target as it stands there: with the metadata that was found.
    private func shown(_ observation: Observation, _ target: FileRecord) -> FileRecord {
        var context = editContext
        let change = LocalChanges.decide(observation, row: nil, target: target, context: &context)
        guard case .put(let adopted, _) = change else { return target }
        return adopted
    }

    /// The row has nothing on the disk: that is no deletion.
    private func forget(_ row: IndexRow?, _ transaction: inout IndexTransaction) {
        guard var row, row.disk != nil else { return }
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
        emit(.flush(lane.newTicket()))
    }

    mutating func note(_ task: RecoveryTask) {
        if task.transaction.isEmpty { recovered(task) } else { commit(task.transaction) }
    }

    /// Goes on with the next page; after the last one, with the note that all is mended.
    mutating func recovered(_ task: RecoveryTask) {
        if task.observations.isEmpty { return lane.finish() }
        var task = task
        (task.torn, task.transaction) = ([], IndexTransaction())
        task.observations = Array(task.observations.dropFirst(Limits.waveRecords))
        waves.restart()
        fetches.restart()
        lane.finish()
        if !task.observations.isEmpty || task.restart != nil { recovery = task }
    }
}

extension IndexRow {
    /// Whether it is a local change, and what was found is one.
    fileprivate func isMadeHere(_ observation: Observation) -> Bool {
        standing == .local && (record.isDeleted || observation.found != .absent)
    }
}

extension Observation {
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
