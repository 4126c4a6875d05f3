import SyncEngine
import SyncModel

extension SimulatedDevice {
    /// No effect is larger than what the index and the disk are built for, however much is told.
    mutating func checkBounds(_ effect: FolderEffect) {
        switch effect {
        case .commit(_, let transaction):
            let items = transaction.rows.count + transaction.needs.count + transaction.needChanges.count
            if items > 4 * Limits.transactionItems { fail("a commit of \(items) items") }
        case .execute(_, let steps): if steps.count > 2 * Limits.waveRecords { fail("a wave of \(steps.count) steps") }
        case .read(let due): if due.count > Limits.transactionItems { fail("\(due.count) paths to be read at once") }
        default: break
        }
    }
}
