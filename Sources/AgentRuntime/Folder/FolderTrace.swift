internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// Effects and answers in one line each, for logs at level `trace`.
enum FolderTrace {
    static func text(_ effect: FolderEffect) -> String {
        switch effect {
        case .load(_, let paths, let below): "load \(paths.count) below \(below)"
        case .loadStanding(_, let directories, _): "standing below \(directories.count)"
        case .loadLocal(_, let path, _): "local rows after \(path?.description ?? "-")"
        case .loadRange(_, let first, let last, _): "load from \(first) to \(last)"
        case .loadUnsettled(_, let path, _): "unsettled after \(path?.description ?? "-")"
        case .loadNeeds(_, let state, let path, _): "needs \(state) after \(path?.description ?? "-")"
        case .loadDigests(_, let domain): "digests of \(domain)"
        case .loadItems(_, let domain, let bucket, let path):
            "\(domain) of bucket \(bucket) after \(path?.description ?? "-")"
        case .loadHeld(_, let contents): "held \(contents.map(\.path))"
        case .checkMark(let device, let mark): "place \(mark.sequence) of \(device.short)"
        case .loadDeletions(_, let path, _): "deletions after \(path?.description ?? "-")"
        case .commit(_, let transaction): "commit \(text(transaction))"
        case .execute(_, let steps): "execute \(steps.map { "\($0.path): \(name($0.action))" })"
        case .flush: "flush"
        case .reopen: "reopen"
        case .scan(let subtree): "scan \(subtree?.description ?? "all")"
        case .read(let due): "read \(due.map(\.path))"
        case .tookObservations: "took"
        case .fetch(let wanted): "fetch \(wanted.path)"
        case .cancelFetch: "cancel"
        case .releaseInline(let handles): "release \(handles.count)"
        case .send, .disconnect, .signRelease, .changed: "-"
        }
    }

    private static func name(_ action: ApplyAction) -> String {
        switch action {
        case .createDirectory: "directory"
        case .placeFile: "file"
        case .placeSymlink: "symlink"
        case .setMetadata: "metadata"
        case .move(let target, _): "to \(target)"
        case .delete: "delete"
        }
    }

    private static func text(_ transaction: IndexTransaction) -> String {
        var parts: [String] = []
        for row in transaction.rows {
            parts.append(
                "row \(row.sequence) \(row.record.path) \(name(row.record.content))\(row.disk == nil ? " -" : "")")
        }
        for need in transaction.needs { parts.append("need \(need.path) \(name(need.target.content)) \(need.state)") }
        for path in transaction.droppedNeeds { parts.append("drop \(path)") }
        for change in transaction.needChanges { parts.append("\(change.path) \(change.state)") }
        return parts.joined(separator: ", ")
    }

    private static func name(_ content: Content) -> String {
        switch content {
        case .file(let file): "file \(file.hash.description.prefix(6))"
        case .directory: "directory"
        case .symlink: "symlink"
        case .deleted(let target): target.map { "moved to \($0)" } ?? "deleted"
        }
    }
}
