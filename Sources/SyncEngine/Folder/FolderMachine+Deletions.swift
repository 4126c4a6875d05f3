internal import SyncCore
internal import SyncModel

/// The deletion budget (rule 15): what is more than a person is likely to mean becomes a need in the state `held`, and
/// stays one over restarts. While anything is held, so is every further deletion; moves never are.
extension FolderMachine {
    /// What the budget makes of a local batch.
    struct LocalJudgement {
        /// What may be noted and told.
        var puts: [LocalPut] = []
        /// What is gone here and is not told: its rows, which have nothing on the disk, and its needs.
        var held: [(row: IndexRow, need: Need)] = []
        /// Rows of what is gone here while others' deletion of it is held: nothing is left to keep.
        var gone: [IndexRow] = []
        var budget: DeletionBudget
        var hold: Hold?
    }

    /// Paths whose deletion is held no more: nothing is left to do for those that are settled; of the others a member
    /// said something since.
    struct ReturnedPaths {
        var settled: Set<RelativePath> = []
        var open: Set<RelativePath> = []
    }

    /// Whether a person is asked about deletions, also while a failure hides the question.
    var asksAboutDeletions: Bool { hold?.cause == .deletions || suspended?.cause == .deletions }

    /// Whether deletions wait for the answer.
    private var holdsDeletions: Bool { asksAboutDeletions && budget.threshold != .off }

    /// Deletions that wait for `release` or `discard`.
    var heldDeletions: Int { asksAboutDeletions ? count(.held) : 0 }

    /// Takes the deletions out of a local batch that must wait. Changes nothing: a batch may be decided on twice.
    func judge(_ puts: [LocalPut], _ view: IndexView) -> LocalJudgement {
        var judgement = LocalJudgement(budget: budget, hold: nil)
        var fresh: [RelativePath: (row: IndexRow, need: Need)] = [:]
        var files = 0
        for put in puts where put.isDeletion {
            let path = put.record.path
            guard var row = view.row(path), !row.record.isDeleted, row.standing == .agreed else { continue }
            var held = Need(target: row.record, sources: [], state: .held)
            if let need = view.need(path) {
                // An edit of somebody else's is on its way and comes back; or it is the deletion that was let through.
                guard need.state != .held, need.target.content == row.record.content else { continue }
                (held.target, held.sources) = (need.target, need.sources)
            }
            row.disk = nil
            fresh[path] = (row, held)
            if row.record.isFile { files += 1 }
        }
        var isHeld = holdsDeletions
        if !isHeld {
            let verdict = judgement.budget.admit(
                files, by: device, of: index?.status.files ?? 0, at: now.monotonicNanoseconds)
            if case .held(let count, let limit) = verdict {
                isHeld = true
                judgement.hold = Hold(
                    cause: .deletions,
                    message: """
                        \(count) deletions within an hour are more than \(limit): they are held back. Run \
                        'lanyard folder release NAME' if they are meant, or 'lanyard folder discard NAME' to bring \
                        the files back.
                        """, since: now.unixSeconds)
            }
        }
        for put in puts {
            if put.isDeletion, view.need(put.record.path)?.state == .held {
                if var row = view.row(put.record.path) {
                    row.disk = nil
                    judgement.gone.append(row)
                }
                continue
            }
            if isHeld, let held = fresh[put.record.path] {
                judgement.held.append(held)
            } else {
                judgement.puts.append(put)
            }
        }
        return judgement
    }

    /// Paths whose entry came back, or is known to have gone somewhere else.
    func returned(
        _ observations: [Observation], _ puts: [LocalPut], _ view: IndexView
    ) -> ReturnedPaths {
        var returned = Set(puts.map(\.record.path))
        for observation in observations where observation.found != .absent { returned.insert(observation.path) }
        returned = returned.filter { view.need($0)?.isGoneUntold == true }
        let settled = returned.filter { view.need($0)?.target == view.row($0)?.record }
        return ReturnedPaths(settled: settled, open: returned.subtracting(settled))
    }

    mutating func take(_ judgement: LocalJudgement, into decision: inout Decision) {
        // Where something else is to happen at a path, what is gone there is found then.
        let decided = Set(decision.transaction.needs.map(\.path))
        for held in judgement.held where !decided.contains(held.need.path) {
            decision.transaction.rows.append(held.row)
            decision.transaction.needs.append(held.need)
            decision.settled.append(held.need.path)
        }
        decision.transaction.rows += judgement.gone
        (budgetBefore, budget) = (budget, judgement.budget)
        if let asked = judgement.hold { ask(asked) }
    }

    private mutating func ask(_ question: Hold) {
        guard !asksAboutDeletions, hold == nil else { return }
        hold = question
        emit(.changed)
    }

    /// As a defence, deletions by others that exceed the budget wait here too.
    mutating func holdDeletions(_ decision: inout Decision, _ view: IndexView) {
        var fresh: [DeviceID: (needs: [Int], files: Int)] = [:]
        for (index, need) in decision.transaction.needs.enumerated() {
            guard DeletionBudget.counts(need.target.content), need.state == .staged || need.state == .held,
                let row = view.row(need.path), !row.record.isDeleted, row.disk != nil
            else { continue }
            let old = view.need(need.path)
            if budget.isReleased(need.target.origin) {
                decision.transaction.needs[index].state = .staged
            } else if old?.state == .held || old.map({ !DeletionBudget.counts($0.target.content) }) ?? true {
                var entry = fresh[need.target.origin.author.device] ?? ([], 0)
                entry.needs.append(index)
                // What was held before is not asked about again.
                if row.record.isFile, old?.state != .held { entry.files += 1 }
                fresh[need.target.origin.author.device] = entry
            }
        }
        budgetBefore = budget
        for author in fresh.keys.sorted() {
            guard let entry = fresh[author] else { continue }
            if !holdsDeletions, !exceedsBudget(entry.files, by: author) { continue }
            for index in entry.needs { decision.transaction.needs[index].state = .held }
        }
    }

    /// Counts deletions by a device, or asks about them.
    private mutating func exceedsBudget(_ files: Int, by author: DeviceID) -> Bool {
        let verdict = budget.admit(files, by: author, of: index?.status.files ?? 0, at: now.monotonicNanoseconds)
        guard case .held(let count, let limit) = verdict else { return false }
        let name = roster[author]?.name ?? author.short
        ask(
            Hold(
                cause: .deletions,
                message: """
                    \(name) deleted \(count) files within an hour, more than \(limit): they are kept here. Run \
                    'lanyard folder release NAME' if that is meant, or 'lanyard folder discard NAME' to keep the files.
                    """, since: now.unixSeconds))
        return true
    }

    /// What was told is gone here and at all members: only a person ends that, by telling of its deletion.
    mutating func askAboutLost(_ count: Int) {
        guard count > 0 else { return }
        ask(
            Hold(
                cause: .deletions,
                message: """
                    \(count) files are gone here, and no member has them. Run 'lanyard folder release NAME' to delete \
                    them everywhere, or 'lanyard folder discard NAME' to ask for them once more.
                    """, since: now.unixSeconds))
    }

    /// After a restart the question is asked again.
    mutating func askAgain() {
        let held = count(.held)
        guard held > 0, hold == nil else { return }
        hold = Hold(
            cause: .deletions,
            message: """
                \(held) deletions are held back. Run 'lanyard folder release NAME' if they are meant, or \
                'lanyard folder discard NAME' to keep the files.
                """, since: now.unixSeconds)
    }

    /// With the last held deletion goes the question: all came back, or went some other way.
    mutating func endQuestion() {
        guard asksAboutDeletions, count(.held) == 0 else { return }
        if hold?.cause == .deletions { hold = nil } else { suspended = nil }
        emit(.changed)
    }
}

extension LocalPut {
    fileprivate var isDeletion: Bool { DeletionBudget.counts(record.content) }
}

extension FileRecord {
    var isFile: Bool { if case .file = content { true } else { false } }
}

extension Need {
    /// A deletion of our own that waits: the target is gone here, and nobody was told. Its row has nothing on the disk.
    var isGoneUntold: Bool { state == .held && !target.isDeleted }
}
