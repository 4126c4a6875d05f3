internal import Cryptography
internal import GRDB
public import SyncModel

/// One folder's index: a database file with one writer.
///
/// Calls block and come from one thread at a time, which need not always be the same. Readers of their own
/// (`makeReader`) run beside it on other threads. What a call has returned is durable (synchronous=FULL),
/// but for transactions that are told again (`IndexTransaction.isToldAgain`).
public final class FolderIndex: @unchecked Sendable {
    let connection: Connection
    let names: Names
    var ledger: Ledger
    var commits = 0

    /// The queries, on the writer's own connection: they see every commit at once.
    public let reader: IndexReader

    public let folder: FolderID
    public let device: DeviceID

    private init(connection: Connection, folder: FolderID, device: DeviceID, ledger: Ledger) {
        self.connection = connection
        self.folder = folder
        self.device = device
        self.ledger = ledger
        names = Names()
        reader = IndexReader(connection: connection, names: names)
    }

    /// Makes an empty index at `path`, where nothing may be (code `exists`). `epoch` is fresh and random (rule 1).
    /// - Parameters:
    ///   - boot: this start of the machine: no earlier one can have torn what this index knows.
    ///   - incarnation: which of the device's memberships it is of (rule 19).
    ///   - rebuilding: whether it follows one that was lost (rule 8).
    public static func create(
        path: String, folder: FolderID, device: DeviceID, newEpoch epoch: IndexEpoch, boot: String? = nil,
        incarnation: UInt64 = 1, rebuilding: Bool = false
    ) throws(IndexError) -> FolderIndex {
        let connection = try Connection.create(path, schema: .folder)
        var ledger = Ledger(folder: folder, device: device, epoch: epoch)
        (ledger.boot, ledger.incarnation, ledger.isRebuilding) = (boot, incarnation, rebuilding)
        // The stamps of the lost index are not known, and none may be given out again with another value.
        if rebuilding { ledger.stampCounter = epoch.number & 0xffff_ffff }
        try connection.transaction { try ledger.insert(folder: folder, device: device, $0) }
        return FolderIndex(connection: connection, folder: folder, device: device, ledger: ledger)
    }

    /// Opens an index. Codes: `missing`; `unfinished`; `corrupt` (set the file and its `-wal` aside and rebuild);
    /// `newerSchema`; `foreign` where it is of another folder or device.
    public static func open(
        path: String, folder: FolderID, device: DeviceID
    ) throws(IndexError) -> FolderIndex {
        let connection = try Connection.open(path, schema: .folder)
        let ledger = try connection.hold { database in
            try Ledger(folder: folder, device: device, path: path, Queries(names: Names(), database: database))
        }
        return FolderIndex(connection: connection, folder: folder, device: device, ledger: ledger)
    }

    /// A reader with a connection of its own, for another thread. It sees what was committed before each of its calls.
    public func makeReader() throws(IndexError) -> IndexReader {
        IndexReader(connection: try Connection.reader(connection.path), names: Names())
    }

    /// Closes the file. Nothing may be called afterwards.
    public func close() throws(IndexError) { try connection.close() }

    // MARK: What it says

    /// The counters and totals after the last commit; no query.
    public var status: IndexStatus { ledger.status(folder: folder, device: device) }

    /// The start of the machine since which all is mended that a loss of power may have torn (rule 12); no query.
    public var boot: String? { ledger.boot }

    /// Which of the device's memberships it is of (rule 19); nil where it was made before that was noted. No query.
    public var incarnation: UInt64? { ledger.incarnation }

    /// Notes which membership it is of, where that was not noted.
    public func adopt(incarnation: UInt64) throws(IndexError) {
        guard ledger.incarnation == nil else { return }
        var next = ledger
        next.incarnation = incarnation
        try commit(next) { _ in }
    }

    /// The root digest after the last commit. Costs 256 additions of 2 KiB.
    public var rootDigest: RootDigest { ledger.digest.root }

    /// The digest of each of the 256 buckets: the first step of range repair.
    public var bucketDigests: [Bytes32] { ledger.digest.buckets }

    /// Runs `body` and stores `next` in one transaction. Memory and file change together or not at all.
    func commit(_ next: Ledger, _ body: (Queries) throws -> Void) throws(IndexError) {
        try commit { queries in
            try body(queries)
            return next
        }
    }

    func commit(isFlushed: Bool = true, _ body: (Queries) throws -> Ledger) throws(IndexError) {
        let before = ledger
        let names = names
        do {
            ledger = try connection.transaction(isFlushed: isFlushed) { database in
                let queries = Queries(names: names, database: database)
                var next = try body(queries)
                try next.store(replacing: before, queries)
                return next
            }
            commits += 1
        } catch {
            names.forget()
            throw error
        }
    }
}
