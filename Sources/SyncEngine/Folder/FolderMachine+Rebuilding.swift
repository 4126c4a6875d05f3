internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// A page of found entries.
struct FoundTask: Sendable {
    /// Nil as long as the page is looked at: then its entries may have to be asked about.
    var answers: FoundQuestion?
    /// Nil when the index is yet to say which they are.
    var paths: [RelativePath]?
    var view = IndexView()
    var decision = Decision()
}

/// After the loss of an index (rule 8): what stood on the disk is an old version where a member knows that it was at
/// its path, and a new edit where none does.
extension FolderMachine {
    var isRebuilding: Bool { index?.status.isRebuilding == true }

    var unsettledCount: Int { (index?.status.found ?? 0) + (index?.status.old ?? 0) }

    /// Whether someone else's word counts in this folder. Before the members are known it must be thought so.
    private var isAlone: Bool {
        roster[device] != nil && !roster.values.contains { $0.device != device && $0.role == .readWrite }
    }

    /// Members whose records are all known here, and who can be asked.
    private var witnesses: Set<DeviceID> {
        Set(connections.filter { roster[$0]?.role == .readWrite && !found.silent.contains($0) })
    }

    /// Whether what the members say is known, as far as it can be known now.
    private var canSettleFound: Bool {
        guard unsettledCount > 0, !isRebuilding, queue.remote.isEmpty else { return false }
        if isAlone { return true }
        let witnesses = witnesses
        return found.retryAt == nil && witnesses.contains { members[$0]?.isCaughtUp == true }
            && !witnesses.contains { members[$0]?.isAwaited == true }
    }

    /// Whether a pass is to go on now.
    var isFoundDue: Bool { found.isDue && found.question == nil && canSettleFound }

    /// Whether something is under way that will end by itself.
    var isSettlingFound: Bool { found.question != nil || isFoundDue || found.retryAt != nil }

    /// What people are told while nobody can be asked.
    var foundProblem: Problem? {
        guard let count = index?.status.found, count > 0, !isRebuilding, !isSettlingFound else { return nil }
        let message = """
            The index was lost, and \(count) entries wait until another device says whether they are old versions. \
            They stay as they are until then; connect a device that has the folder.
            """
        return Problem(path: nil, kind: .other, message: message)
    }

    // MARK: A page

    mutating func beginFound() {
        lane.task = .found(FoundTask())
        emit(.loadUnsettled(lane.newTicket(), after: found.cursor, limit: Limits.foundEntries))
    }

    mutating func look(_ task: FoundTask, with loaded: Loaded) {
        var task = task
        task.view.add(loaded)
        guard task.paths == nil else { return decide(task) }
        let paths = loaded.known.keys.sorted()
        guard let last = paths.last else {
            lane.finish()
            return found.endPass()
        }
        found.cursor = last
        task.paths = paths
        var asked: [(path: RelativePath, content: FileContent)] = []
        for path in paths {
            guard let row = task.view.row(path), entry(row, task.view) == .asked,
                let content = row.record.content.trace(hashing: hashing)
            else { continue }
            asked.append((path, content))
        }
        if asked.isEmpty || isAlone { return decide(task) }
        lane.finish()
        ask(asked, paths)
    }

    private mutating func ask(_ asked: [(path: RelativePath, content: FileContent)], _ paths: [RelativePath]) {
        let question = FoundQuestion(
            number: newQuestion(), paths: paths, asked: asked, pending: witnesses,
            deadline: now.monotonicNanoseconds + Limits.foundAnswerNanoseconds)
        found.question = question
        let items = asked.map { EverHeldQuery.Item(path: $0.path, content: $0.content) }
        for device in question.pending.sorted() {
            emit(.send(device, .everHeldQuery(EverHeldQuery(request: question.number, folder: folder, items: items))))
        }
    }

    // MARK: Answers

    mutating func take(_ answer: EverHeldAnswer, from device: DeviceID) {
        guard var question = found.question, question.number == answer.request,
            answer.held.count == question.asked.count, question.pending.remove(device) != nil
        else { return }
        question.isAnswered = true
        for (index, isHeld) in answer.held.enumerated() where isHeld { question.known.insert(index) }
        found.question = question
    }

    /// A member could not answer: one that was busy is asked again soon, any other one when it connects again.
    mutating func take(_ failed: RequestFailed, from device: DeviceID) {
        guard found.question?.number == failed.request, found.question?.pending.remove(device) != nil else {
            return repairFailed(failed, from: device)
        }
        if failed.code == .busy {
            found.retryAt = now.monotonicNanoseconds + WaveBook.retryNanoseconds
        } else {
            found.silent.insert(device)
        }
    }

    mutating func foundDisconnected(_ device: DeviceID) {
        found.silent.remove(device)
        found.question?.pending.remove(device)
        if unsettledCount > 0 { found.restart() }
    }

    mutating func tickFound() {
        let time = now.monotonicNanoseconds
        if let question = found.question, time >= question.deadline {
            found.silent.formUnion(question.pending)
            found.question?.pending = []
        }
        if let retry = found.retryAt, time >= retry {
            found.retryAt = nil
            found.restart()
        }
    }

    /// Whether a question is answered as far as it will be.
    var isFoundAnswered: Bool { found.question?.pending.isEmpty == true }

    mutating func beginDecidingFound() {
        guard let question = found.question else { return }
        found.question = nil
        guard question.isAnswered else {
            // Nobody said anything: those who can still be asked are asked again.
            found.restart()
            return
        }
        lane.task = .found(FoundTask(answers: question, paths: question.paths))
        load(question.paths)
    }

    // MARK: Deciding

    private mutating func decide(_ task: FoundTask) {
        var task = task
        var context = editContext
        var puts: [LocalPut] = []
        task.decision = Decision()
        for path in task.paths ?? [] {
            guard var row = task.view.row(path), row.standing != .agreed else { continue }
            guard let isOld = isOld(row, task) else { continue }
            if isOld {
                row.standing = .old
                task.decision.transaction.rows.append(row)
                guard task.view.need(path) == nil else { continue }
                // Like a deletion that others told: what is to go is counted, and goes to history.
                var target = FileRecord.nothing(at: path, author: context.author)
                if mayAnnounce {
                    target = LocalChanges.deletion(ofOld: row.record, context: &context)
                    task.decision.transaction.nextEdit = context.counter + 1
                }
                task.decision.transaction.needs.append(Need(target: target, sources: [], state: .staged))
            } else {
                let record = LocalChanges.edit(asFound: row.record, context: &context)
                puts.append(LocalPut(record: record, disk: row.disk))
            }
        }
        var missing: Set<RelativePath> = []
        if mayAnnounce {
            missing = note(puts, task.view, context, into: &task.decision) { _ in .agreed }
        } else {
            keep(puts, task.view, context, into: &task.decision) { _ in .local }
        }
        lane.task = .found(task)
        if !missing.isEmpty { return load(missing.sorted()) }
        if task.decision.transaction.isEmpty { return lane.finish() }
        holdDeletions(&task.decision, task.view)
        lane.task = .found(task)
        commit(task.decision.transaction, flushing: task.view)
    }

    private func entry(_ row: IndexRow, _ view: IndexView) -> FoundEntry {
        FoundEntry(row, need: view.need(row.record.path), isForgetful: !knownCut.isEmpty)
    }

    /// Whether an entry is an old version or a new edit; nil where nothing is to be decided, or not now.
    private func isOld(_ row: IndexRow, _ task: FoundTask) -> Bool? {
        switch entry(row, task.view) {
        case .left: nil
        case .old, .deleted: true
        case .new: false
        case .asked:
            if isAlone {
                false
            } else {
                row.record.content.trace(hashing: hashing).flatMap { task.answers?.verdict(row.record.path, $0) }
            }
        }
    }

    mutating func settledFound(_ task: FoundTask) {
        lane.finish()
        settled(task.decision)
        fetches.restart()
        waves.restart()
        emit(.changed)
    }
}
