internal import SyncCore
internal import SyncModel

/// What has been loaded of the index for one decision; it grows until nothing is missing.
struct IndexView: Sendable {
    private(set) var known: [RelativePath: KnownPath] = [:]

    mutating func add(_ loaded: Loaded) { known.merge(loaded.known) { _, new in new } }

    mutating func put(_ row: IndexRow, need: Need?) { known[row.record.path] = KnownPath(row: row, need: need) }

    func row(_ path: RelativePath) -> IndexRow? { known[path]?.row }
    func need(_ path: RelativePath) -> Need? { known[path]?.need }

    /// What each known path is to hold by all that was known so far (see `reconcile`). What was found after the loss of
    /// the index is no part of it (rule 8), nor is a local change.
    var records: [RelativePath: FileRecord?] {
        known.mapValues { $0.need?.target ?? $0.row?.agreedRecord }
    }
}

/// A record that a member announced, and where in its log.
struct Announced: Sendable {
    let device: DeviceID
    let sequence: IndexSequence
    let record: FileRecord
}

/// What one decision changes: a transaction, and what follows once it is committed.
struct Decision: Sendable {
    var transaction = IndexTransaction()
    /// Paths whose need went or got another target: inline contents held for them may go.
    var settled: [RelativePath] = []
}
