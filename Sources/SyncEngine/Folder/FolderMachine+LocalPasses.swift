internal import SyncCore
internal import SyncModel

/// A pass over all local rows, a page at a time.
struct LocalPass: Sendable {
    enum Purpose: Sendable {
        /// This device may announce now: local changes become edits like any others.
        case publish
        /// A person takes those back that are at these paths or below them; all where none is named.
        case revert([RelativePath])
    }

    let purpose: Purpose
    /// Deletions of directories are told after what was in them.
    var takesDirectories = false
    var cursor: RelativePath?
    /// Of the page at hand; nil until it is there.
    var paths: [RelativePath]?
    var view = IndexView()
    var decision = Decision()

    init(_ purpose: Purpose) { self.purpose = purpose }
}

extension FolderMachine {
    /// Whether there are local changes that may be announced.
    var isPublishingDue: Bool { roster[device]?.role == .readWrite && index?.status.local ?? 0 > 0 }

    mutating func begin(_ pass: LocalPass) {
        var pass = pass
        (pass.paths, pass.view, pass.decision) = (nil, IndexView(), Decision())
        lane.task = .localPass(pass)
        emit(.loadLocal(lane.newTicket(), after: pass.cursor, limit: Limits.waveRecords))
    }

    mutating func look(_ pass: LocalPass, with loaded: Loaded) {
        var pass = pass
        pass.view.add(loaded)
        if pass.paths == nil {
            let paths = loaded.known.keys.sorted()
            guard let last = paths.last else { return end(pass) }
            (pass.cursor, pass.paths) = (last, paths)
        }
        pass.decision = Decision()
        let missing: Set<RelativePath>
        switch pass.purpose {
        case .publish: missing = publish(&pass)
        case .revert(let chosen): missing = revert(chosen, &pass)
        }
        lane.task = .localPass(pass)
        if !missing.isEmpty { return load(missing.sorted()) }
        if pass.decision.transaction.isEmpty { return begin(pass) }
        commit(pass.decision.transaction, flushing: pass.view)
    }

    mutating func passed(_ pass: LocalPass) {
        settled(pass.decision)
        begin(pass)
    }

    private mutating func end(_ pass: LocalPass) {
        lane.finish()
        waves.restart()
        fetches.restart()
        emit(.changed)
        guard case .publish = pass.purpose, !pass.takesDirectories, isPublishingDue else { return }
        var again = LocalPass(.publish)
        again.takesDirectories = true
        begin(again)
    }

    /// The lane failed: a person's word is carried out again. What is to be announced is found by itself.
    mutating func pass(failed pass: LocalPass) {
        if case .revert = pass.purpose { queue.reverts.insert(LocalPass(pass.purpose), at: 0) }
    }

    // MARK: Publishing

    /// Local changes become rows like those of any edit, and are merged with what is agreed by now. Returns what must
    /// be loaded first.
    private mutating func publish(_ pass: inout LocalPass) -> Set<RelativePath> {
        var puts: [LocalPut] = []
        var deletions: [LocalPut] = []
        var judged = pass.view
        var missing: [RelativePath] = []
        var forgotten: [IndexRow] = []
        for path in pass.paths ?? [] {
            guard let row = pass.view.row(path), row.standing == .local else { continue }
            if row.isGoneDirectory, !pass.takesDirectories { continue }
            let put = LocalPut(record: row.record, disk: row.disk)
            if row.record.isNothing {
                missing.append(path)
            } else if row.agreed == nil, !row.record.isDeleted, isCovered(row.record) {
                forgotten.append(row)
            } else if row.record.isDeleted, let agreed = row.agreed, row.record.version.covers(agreed.origin) {
                // What the deletion has seen is deleted like anything else.
                deletions.append(put)
                judged.put(IndexRow(record: agreed, sequence: row.sequence, disk: row.disk, source: nil), need: nil)
            } else {
                puts.append(put)
            }
        }
        var judgement = judge(deletions, judged)
        puts = LocalChanges.inOrder(puts + judgement.puts)
        let needed = note(puts, pass.view, editContext, into: &pass.decision) { _ in .agreed }
        if !needed.isEmpty { return needed }
        for path in missing { bringBack(path, pass.view, &pass.decision) }
        var sequence = lastSequence(pass.decision)
        for index in judgement.held.indices {
            sequence += 1
            judgement.held[index].row.sequence = sequence
        }
        take(judgement, into: &pass.decision)
        for index in pass.decision.transaction.needs.indices
        where pass.decision.transaction.needs[index].sources.isEmpty
            && pass.decision.transaction.needs[index].state != .held
        {
            askEveryone(&pass.decision.transaction.needs[index])
        }
        for row in forgotten { delete(row, lastSequence(pass.decision) + 1, &pass.decision) }
        if !forgotten.isEmpty { holdDeletions(&pass.decision, pass.view) }
        return []
    }

    /// What others deleted, where all have forgotten that, goes here too: what was changed of it is older than that.
    private func delete(_ row: IndexRow, _ sequence: IndexSequence, _ decision: inout Decision) {
        var context = editContext
        context.counter = max(context.counter, (decision.transaction.nextEdit ?? 1) - 1)
        var row = row
        (row.sequence, row.standing) = (sequence, .old)
        decision.transaction.rows.append(row)
        let deletion = LocalChanges.deletion(ofOld: row.record, context: &context)
        decision.transaction.needs.append(Need(target: deletion, sources: [], state: .staged))
        decision.transaction.nextEdit = context.counter + 1
    }

    private func lastSequence(_ decision: Decision) -> IndexSequence {
        max(index?.status.mark.sequence ?? 0, decision.transaction.rows.map(\.sequence).max() ?? 0)
    }

    /// What had no place is needed like anything else.
    private func bringBack(_ path: RelativePath, _ view: IndexView, _ decision: inout Decision) {
        guard let agreed = view.row(path)?.agreed else { return decision.transaction.droppedRows.append(path) }
        decision.transaction.rows.append(
            IndexRow(record: agreed, sequence: lastSequence(decision) + 1, disk: nil, source: nil))
        if agreed.isDeleted || view.need(path) != nil { return }
        decision.transaction.needs.append(needing(agreed, view.row(path)))
    }

    // MARK: Taking back

    /// Needs what is agreed in the place of what was made here, which goes to history once that can be put there.
    private func revert(_ chosen: [RelativePath], _ pass: inout LocalPass) -> Set<RelativePath> {
        for path in pass.paths ?? [] {
            guard let row = pass.view.row(path), row.standing == .local, row.isChosen(chosen),
                pass.view.need(path).map({ $0.state == .unflushed }) ?? true
            else { continue }
            pass.decision.transaction.needs.append(needing(LocalRow.reverted(row, author: editContext.author), row))
        }
        return []
    }

    private func needing(_ target: FileRecord, _ row: IndexRow?) -> Need {
        let isThere = row?.disk != nil && row?.record.content == target.content
        var need = Need(target: target, sources: [], state: target.content.size > 0 && !isThere ? .wanted : .staged)
        if !target.isDeleted { askEveryone(&need) }
        return need
    }

    /// Every member that has come so far in our log has it, or knows that it does not.
    func askEveryone(_ need: inout Need) {
        let known = Set(need.sources.map(\.device))
        for member in members.keys where !known.contains(member) {
            need.sources.append(NeedSource(device: member, sequence: 0, match: .content))
        }
        need.sources.sort { $0.device < $1.device }
    }
}

extension IndexRow {
    /// A directory that was deleted here.
    fileprivate var isGoneDirectory: Bool { record.isDeleted && agreed?.content.isDirectory == true }

    /// Whether the row is at one of the paths, or below it; or above it and in its way. No path stands for all.
    fileprivate func isChosen(_ paths: [RelativePath]) -> Bool {
        let path = record.path
        return paths.isEmpty
            || paths.contains { chosen in
                path == chosen || path.isBelow(chosen) || chosen.isBelow(path) && disk?.kind != .directory
            }
    }
}
