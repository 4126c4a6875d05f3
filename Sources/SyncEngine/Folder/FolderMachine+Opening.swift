internal import SyncCore
internal import SyncModel

/// What a crash left between an intent and its flush (rule 12).
struct RecoveryTask: Sendable {
    var observations: [Observation]
    let restarted: Bool
    /// What was found torn, and goes to history.
    var torn: [ApplyStep] = []
    /// Whether that is in the index, so that only the torn ones are left to be removed.
    var isNoted = false
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
        if count(.blocked) > 0 { waves.retryAt = now.monotonicNanoseconds }
        // What was applied before may not be flushed: after a crash, and where the index was lost, no intent need tell.
        waves.isDirty = true
        requestScan()
        found.restart()
        resumeStreams()
        for device in members.keys where members[device]?.isConnected == true { tell(device) }
        guard !opening.intents.isEmpty else { return }
        recovery = RecoveryTask(observations: opening.intents, restarted: opening.restarted)
        emit(.changed)
    }

    mutating func beginRecovering() {
        guard var task = recovery else { return }
        recovery = nil
        if task.isNoted { return removeTorn(task) }
        task.torn = []
        lane.task = .recovering(task)
        load(task.observations.prefix(Limits.waveRecords).map(\.path))
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
        lane.task = .recovering(task)
        if transaction.isEmpty { recovered(task) } else { commit(transaction) }
    }

    private func recover(
        _ observation: Observation, _ task: inout RecoveryTask, _ transaction: inout IndexTransaction,
        _ sequence: inout IndexSequence
    ) {
        let path = observation.path
        guard let need = task.view.need(path), need.state == .applying || need.state == .unflushed else { return }
        let row = task.view.row(path)
        if observation.shows(need.target) {
            if row?.record != need.target {
                sequence += 1
                transaction.rows.append(
                    IndexRow(
                        record: need.target, sequence: sequence, disk: observation.found.disk, source: need.teller))
            }
            transaction.needChanges.append(NeedChange(path: path, state: .unflushed))
            return
        }
        let isOld = row.map { observation.shows($0.record) } ?? (observation.found == .absent)
        if !isOld, task.restarted {
            // It may be torn, or lost: that is no edit, and nothing of it is announced. History keeps the bytes.
            if case .file(let disk, _, _) = observation.found {
                task.torn.append(ApplyStep(path: path, expected: .entry(disk), action: .delete))
            }
            if var row, row.disk != nil, observation.found.isFileOrAbsent {
                row.disk = nil
                transaction.rows.append(row)
            }
        }
        var isWanted = false
        if case .file(let content) = need.target.content, content.size > 0 { isWanted = true }
        transaction.needChanges.append(NeedChange(path: path, state: isWanted ? .wanted : .staged))
    }

    mutating func recovered(_ task: RecoveryTask) {
        var task = task
        task.isNoted = true
        if task.torn.isEmpty { nextRecovery(task) } else { removeTorn(task) }
    }

    private mutating func removeTorn(_ task: RecoveryTask) {
        lane.task = .recovering(task)
        emit(.execute(lane.newTicket(), task.torn))
    }

    mutating func removedTorn(_ task: RecoveryTask) {
        sights.note(task.torn.map(\.path), at: now.monotonicNanoseconds)
        nextRecovery(task)
    }

    private mutating func nextRecovery(_ task: RecoveryTask) {
        var task = task
        (task.torn, task.isNoted) = ([], false)
        task.observations = Array(task.observations.dropFirst(Limits.waveRecords))
        waves.restart()
        fetches.restart()
        lane.finish()
        if !task.observations.isEmpty { recovery = task }
    }
}

extension Found {
    fileprivate var isFileOrAbsent: Bool {
        switch self {
        case .absent, .file: true
        case .directory, .symlink: false
        }
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
