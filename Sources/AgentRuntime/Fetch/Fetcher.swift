public import Logging
public import SyncModel

/// Brings contents into one folder's stage: from what is here already as far as possible, the rest from all devices that
/// have it at once. Any thread.
///
/// At most `Limits.activeTransfers` orders are under way; who makes more keeps them until some have ended.
public final class Fetcher: Sendable {
    public typealias Observer = @Sendable (FetchEvent) -> Void

    let services: FolderServices
    let logger: Logger
    let observer: Observer
    let worker: WorkerThread

    /// - Throws: `.outOfResources`.
    public init(services: FolderServices, logger: Logger, observer: @escaping Observer) throws(AgentError) {
        self.services = services
        self.logger = logger
        self.observer = observer
        worker = try WorkerThread(name: "fetch")
    }

    /// Begins an order. One for a content that is under way already adds its sources to it. False if there are too many.
    @discardableResult
    public func start(_ order: FetchOrder) -> Bool { false }

    /// Gives up an order: no event follows. What came so far stays in the stage.
    public func cancel(_ content: FileContent) {}

    /// The folder is open on this link: its device can be asked. Replaces an earlier link of the device.
    public func linkOpened(_ device: DeviceID, _ link: PeerLink) {}

    /// The link is gone, or the folder no longer open on it. Not needed when the link itself has closed.
    public func linkClosed(_ device: DeviceID) {}

    /// Bytes of content received from peers since the start, for rates.
    public var bytesReceived: UInt64 { 0 }

    /// How many bytes of an order's content are here already; nil if it is not under way.
    public func progress(_ content: FileContent) -> UInt64? { nil }

    /// Gives up all orders without events and ends its thread.
    public func stop() { worker.stop() }
}
