import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

extension FolderEvent {
    /// Of the effect that it answers.
    var ticket: Ticket? {
        switch self {
        case .loaded(let ticket, _), .needsLoaded(let ticket, _), .committed(let ticket, _), .executed(let ticket, _),
            .flushed(let ticket), .failed(let ticket, _), .digestsLoaded(let ticket, _),
            .itemsLoaded(let ticket, _, _), .heldLoaded(let ticket, _), .deletionsLoaded(let ticket, _, _):
            ticket
        default: nil
        }
    }

    /// A short line for traces.
    var summary: String {
        switch self {
        case .opened(let opening): "opened, intents \(opening.intents.map(\.summary))"
        case .observed(let batch): "observed \(batch.observations.map(\.summary))"
        case .loaded(_, let loaded): "loaded \(loaded.known.count)"
        case .needsLoaded(_, let needs): "needs \(needs.map { "\($0.path) \($0.state)" })"
        case .committed(_, let committed): "committed, head \(committed.status.mark.sequence)"
        case .executed(_, let outcomes): "executed \(outcomes.map(\.short))"
        case .memberConnected(let device): "connected \(device.short)"
        case .memberDisconnected(let device): "disconnected \(device.short)"
        case .message(let device, let message): "\(message.type) of \(device.short)"
        case .indexBatch(let device, let batch, let inline, _):
            "batch of \(device.short) \(batch.after)...\(batch.upTo): \(inline.count) inline, "
                + "\(batch.entries.map(\.summary))"
        case .fetchFailed(let content, let obstacle): "fetch of \(content.size) failed: \(obstacle)"
        default: String("\(self)".prefix(100))
        }
    }
}

extension ApplyOutcome {
    var short: String { if case .applied = self { "applied" } else { "\(self)" } }
}

extension FolderEffect {
    var ticket: Ticket? {
        switch self {
        case .load(let ticket, _, _), .loadStanding(let ticket, _, _), .loadRange(let ticket, _, _, _),
            .loadNeeds(let ticket, _, _, _), .commit(let ticket, _), .execute(let ticket, _),
            .flush(let ticket), .loadUnsettled(let ticket, _, _), .loadLocal(let ticket, _, _),
            .loadDigests(let ticket, _),
            .loadItems(let ticket, _, _, _), .loadHeld(let ticket, _), .loadDeletions(let ticket, _, _):
            ticket
        default: nil
        }
    }

    /// A short line for traces.
    var summary: String {
        switch self {
        case .loadRange(_, let first, let last, _): "load from \(first) to \(last)"
        case .load(_, let paths, let below): "load \(paths) below \(below)"
        case .loadStanding(_, let below, let gone): "loadStanding below \(below) without \(gone.sorted())"
        case .loadNeeds(_, let state, let path, let limit):
            "loadNeeds \(state) after \(path?.description ?? "-") \(limit)"
        case .commit(_, let transaction): "commit \(transaction.summary)"
        case .execute(_, let steps): "execute \(steps.map { "\($0.path) \("\($0.action)".prefix(60))" })"
        case .fetch(let wanted): "fetch \(wanted.path) \(wanted.content.size) from \(wanted.sources.map(\.short))"
        case .send(let device, .folderState(let state)):
            "state to \(device.short): head \(state.head) need \(state.needFiles) unflushed \(state.unflushed)"
        case .send(let device, .indexRequest(let request)): "request to \(device.short): after \(request.after)"
        case .send(let device, let message): "\(message.type) to \(device.short)"
        default: String("\(self)".prefix(100))
        }
    }
}

extension IndexTransaction {
    var summary: String {
        let rows = rows.map { row in
            let standing = row.standing == .agreed ? "" : " \(row.standing)"
            return "#\(row.sequence) \(row.record.summary)\(row.disk.map { " i\($0.inode)" } ?? "")\(standing)"
        }
        let needs = needs.map { "\($0.target.summary) \($0.state)" }
        let changes = needChanges.map { "\($0.path) \($0.state)" }
        return "rows \(rows) needs \(needs) changes \(changes) dropped \(droppedNeeds)"
            + (droppedRows.isEmpty ? "" : " forgotten \(droppedRows)") + (cut == nil ? "" : " cut")
    }
}
