internal import SyncCore
internal import SyncModel

/// Files that are gone here come back: they are needed again, as they were.
extension FolderMachine {
    mutating func beginRestoring() {
        let paths = Array(restoring.prefix(Limits.waveRecords))
        restoring.removeFirst(paths.count)
        lane.task = .restoring(paths)
        load(paths)
    }

    mutating func restore(_ paths: [RelativePath], with loaded: Loaded) {
        var transaction = IndexTransaction()
        for path in paths {
            guard var row = loaded.known[path]?.row, case .file = row.record.content, loaded.known[path]?.need == nil
            else {
                continue
            }
            row.disk = nil
            transaction.rows.append(row)
            // Every member that has come so far in our log has it, or knows that it does not.
            let sources = members.keys.sorted().map { NeedSource(device: $0, sequence: 0, match: .content) }
            transaction.needs.append(Need(target: row.record, sources: sources, state: .wanted))
        }
        if transaction.isEmpty { restored() } else { commit(transaction) }
    }

    mutating func restored() {
        lane.finish()
        fetches.restart()
    }
}
