public import LocalFileSystem
public import SQLiteIndex
internal import SyncEngine
public import SyncModel

/// What serving and fetching use of one open folder. Made by who runs the folder, registered on links, closed last.
///
/// Readers are shared by all links and used by one thread at a time: one for the log and what takes long, one for
/// look-ups, so that memory does not grow with the number of peers.
public final class FolderServices: Sendable {
    struct State {
        var status: IndexStatus
        var pokes: [ConnectionID: @Sendable () -> Void] = [:]
    }

    public let folder: FolderID
    /// Our own.
    public let device: DeviceID
    public let files: OpenFolder
    public let stage: Stage
    let history: History
    let searches = Monitor(HistorySearches())
    public let inline: InlineStore
    /// For the log, buckets and records.
    let log: Monitor<IndexReader>
    /// For single rows and chunks.
    let lookups: Monitor<IndexReader>
    private let state: Monitor<State>

    /// - Parameter makeReader: `FolderIndex.makeReader`; called twice.
    public init(
        folder: FolderID, device: DeviceID, files: OpenFolder, stage: Stage, inline: InlineStore,
        status: IndexStatus, makeReader: () throws(IndexError) -> IndexReader
    ) throws(IndexError) {
        self.folder = folder
        self.device = device
        self.files = files
        self.stage = stage
        history = History(of: files)
        self.inline = inline
        log = Monitor(try makeReader())
        lookups = Monitor(try makeReader())
        state = Monitor(State(status: status))
    }

    /// The status after the last commit that was told.
    public var status: IndexStatus { state.withLock { $0.status } }

    /// To be called after each commit, in their order: what is new goes to the peers that follow the log.
    public func logGrew(status: IndexStatus) {
        let pokes = state.withLock { state in
            state.status = status
            return Array(state.pokes.values)
        }
        for poke in pokes { poke() }
    }

    /// Closes the readers. Call it once the folder is unregistered from every link and its fetcher has stopped; a
    /// request that is being answered then fails.
    public func close() {
        log.withLock { try? $0.close() }
        lookups.withLock { try? $0.close() }
    }

    func attach(_ link: ConnectionID, _ poke: @escaping @Sendable () -> Void) {
        state.withLock { $0.pokes[link] = poke }
    }

    func detach(_ link: ConnectionID) {
        state.withLock { $0.pokes[link] = nil }
    }
}
