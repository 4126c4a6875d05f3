import ModelFolder
import SyncCore
import SyncEngine
import SyncModel

/// What goes wrong, each in a thousandth of the cases.
package struct Interference {
    package var commits = 0
    package var waves = 0
    package var outcomes = 0
    package var flushes = 0
    package var fetches = 0
    /// Records of a batch that never get into the other's hands, though the batch does.
    package var entries = 0
    /// Files that are looked at once more.
    package var secondLooks = 0
    /// Whether a walk goes on, and people do, while single paths are read.
    package var interleavesReads = false
    /// Whether other programs have every file open for writing.
    package var isOpen = false
    /// Whether steps that find another entry than they expect find it only after their swap, and undo that.
    package var isUndone = false
    /// Whether watchers lose events now and then, and say so: the folder is scanned then.
    package var losesEvents = true

    package init() {}

    /// Threads do their work at the same time.
    package mutating func addThreads() { (secondLooks, interleavesReads) = (100, true) }

    /// Nothing goes wrong, however many threads there are.
    package var quiet: Interference {
        var some = Interference()
        (some.secondLooks, some.interleavesReads) = (secondLooks, interleavesReads)
        return some
    }

    /// Everything, now and then.
    package static var everything: Interference {
        var some = Interference()
        (some.commits, some.waves, some.outcomes, some.flushes, some.fetches) = (10, 10, 50, 10, 80)
        return some
    }
}

extension SimulatedDevice {
    /// Whether the lane has something to do.
    var isLaneBusy: Bool { wave != nil || !lane.isEmpty }

    /// The next of the lane's effects, or the next step of the wave under way.
    mutating func runLane(_ user: inout ModelUser, _ interference: Interference) {
        if wave != nil { return runStep(&user, interference) }
        switch lane.removeFirst() {
        case .load(let ticket, let paths, let below):
            if Set(paths).count < paths.count { fail("a path is loaded twice") }
            if paths.count > Limits.transactionItems { fail("\(paths.count) paths loaded at once") }
            inbox.append(.loaded(ticket, index.load(paths, below: below)))
        case .loadStanding(let ticket, let directories, let gone):
            inbox.append(.loaded(ticket, index.loadStanding(below: directories, gone: gone)))
        case .loadRange(let ticket, let first, let last, let limit):
            inbox.append(.loaded(ticket, index.load(from: first, to: last, limit: limit)))
        case .loadNeeds(let ticket, let state, let path, let limit):
            let needs = index.needs(state, after: path, limit: limit)
            if state == .staged { looked += needs.count }
            inbox.append(.needsLoaded(ticket, needs))
        case .loadLocal(let ticket, let path, let limit):
            inbox.append(.loaded(ticket, index.localRows(after: path, limit: min(limit, 5))))
        case .loadUnsettled(let ticket, let path, let limit):
            inbox.append(.loaded(ticket, index.unsettled(after: path, limit: limit)))
        case .loadDigests(let ticket, let domain): inbox.append(.digestsLoaded(ticket, index.bucketDigests(domain)))
        case .loadItems(let ticket, let domain, let bucket, let path):
            let page = index.items(domain, ofBucket: bucket, after: path, limit: 5)
            inbox.append(.itemsLoaded(ticket, page.items, next: page.next))
        case .loadHeld(let ticket, let contents):
            let held = contents.filter { index.hasHeld($0.content, at: $0.path) }
            inbox.append(.heldLoaded(ticket, Set(held.map(\.path))))
        case .loadDeletions(let ticket, let path, _):
            let rows = index.collectable(after: path, limit: 3)
            inbox.append(.deletionsLoaded(ticket, rows, next: rows.count < 3 ? nil : rows.last?.record.path))
        case .commit(let ticket, let transaction): commit(ticket, transaction, &user, interference)
        case .execute(let ticket, let steps):
            if user.chance(perMille: interference.waves) { return failed(ticket, user.chance(50) ? .diskFull : .other) }
            if steps.isEmpty { fail("a wave without steps") }
            checkIntents(of: steps)
            wave = Wave(ticket: ticket, steps: steps)
        case .flush(let ticket):
            if user.chance(perMille: interference.flushes) {
                loseWrites(&user)
                return failed(ticket, .inputOutput)
            }
            flushed()
            inbox.append(.flushed(ticket))
        case .reopen:
            (stage, isRecovering) = ([], true)
            inbox.append(.opened(recover(doubting: true)))
        default: fail("an effect that has no ticket came to the lane")
        }
    }

    private mutating func failed(_ ticket: Ticket, _ kind: Problem.Kind) {
        failedEffects += 1
        inbox.append(.failed(ticket, Problem(path: nil, kind: kind, message: "simulated")))
    }

    private mutating func commit(
        _ ticket: Ticket, _ transaction: IndexTransaction, _ user: inout ModelUser, _ interference: Interference
    ) {
        if user.chance(perMille: interference.commits) { return failed(ticket, .inputOutput) }
        if !transaction.isToldAgain { flushedIndex = nil } else if flushedIndex == nil { flushedIndex = index }
        if let text = index.commit(transaction) { return fail("a commit is refused: \(text)") }
        let committed = index.committed
        if !transaction.isToldAgain { mark = IndexMark(committed.status) }
        inbox.append(.committed(ticket, committed))
    }

    // MARK: Waves

    /// No wave touches a path before the intent is in the index (rule 12).
    private mutating func checkIntents(of steps: [ApplyStep]) {
        for step in steps {
            if isRecovering, step.action == .delete { continue }
            var paths = [step.path]
            if case .move(let target, _) = step.action { paths.append(target) }
            for path in paths where index.needs[path]?.state != .applying {
                fail("\(step) without an intent: \(String(describing: index.needs[path]?.state))")
            }
        }
        if !steps.allSatisfy({ $0.action == .delete }) { isRecovering = false }
    }

    private mutating func runStep(_ user: inout ModelUser, _ interference: Interference) {
        guard var running = wave else { return }
        if running.outcomes.count < running.steps.count {
            let step = running.steps[running.outcomes.count]
            let before = running.outcomes.isEmpty ? nil : running.steps[running.outcomes.count - 1]
            let then = disk
            let outcome =
                step.findsNoRoom(after: before, running.outcomes.last)
                ? .changed : carryOut(step, &running.used, &user, interference)
            checkOriginalOrFinal(step, before: then)
            running.outcomes.append(outcome)
            wave = running
            return
        }
        stage.subtract(running.used)
        wave = nil
        inbox.append(.executed(running.ticket, running.outcomes))
    }

    private mutating func carryOut(
        _ step: ApplyStep, _ used: inout Set<FileContent>, _ user: inout ModelUser, _ interference: Interference
    ) -> ApplyOutcome {
        if interference.isOpen, disk[step.path]?.content.isFile == true { return .openForWriting }
        if user.chance(perMille: interference.outcomes) {
            failedEffects += 1
            switch user.number(3) {
            case 0: return .openForWriting
            case 1: return .changed
            default: return .failed(.permissionDenied, message: "simulated")
            }
        }
        let isNew = disk[step.path] == nil
        instants.append(disk)
        let (stage, inline) = (stage, inline)
        let outcome = disk.execute(step) { source in
            switch source {
            case .staged(let content): stage.contains(content)
            case .inline(let handle, let content): handle == 0 ? content.size == 0 : inline[handle] == content
            }
        }
        guard case .applied = outcome else { return outcome == .changed && interference.isUndone ? .undone : outcome }
        dirty.insert(step.path)
        switch step.action {
        case .placeFile(let source, _):
            if isNew { fresh.insert(step.path) }
            if case .staged(let content) = source { used.insert(content) }
        case .move(let target, _):
            dirty.insert(target)
            if fresh.remove(step.path) != nil { fresh.insert(target) }
        case .delete: fresh.remove(step.path)
        default: break
        }
        return outcome
    }
}

extension ModelUser {
    mutating func chance(perMille: Int) -> Bool { perMille > 0 && number(1_000) < perMille }
}
