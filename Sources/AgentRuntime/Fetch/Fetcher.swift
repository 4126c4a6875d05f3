internal import LocalFileSystem
public import Logging
internal import SyncCore
public import SyncModel
internal import Synchronization
internal import TLSTransport
internal import WireProtocol

/// Brings contents into one folder's stage: from what is here already as far as possible, the rest from all devices
/// that have it at once. Any thread.
///
/// What to ask of whom is decided by `FetchMachine`. Looking, copying and verifying what is here happens on the
/// fetcher's own thread; what peers send is verified and written on their connection's thread.
/// At most `Limits.activeTransfers` orders are under way; who makes more keeps them until some have ended.
public final class Fetcher: Sendable {
    /// Is told how each order ends.
    public typealias Observer = @Sendable (FetchEvent) -> Void

    struct State {
        var machine = FetchMachine()
        var transfers: [FileContent: Transfer] = [:]
        var links: [DeviceID: PeerLink] = [:]
        /// The requests under way, by the machine's tokens.
        var numbers: [UInt64: (link: PeerLink, number: UInt32)] = [:]
        /// Contents of which something is in the stage.
        var resumable: Set<FileContent> = []
        var orders: UInt64 = 0
        var isStopped = false
    }

    let services: FolderServices
    let logger: Logger
    let observer: Observer
    let worker: WorkerThread
    let state = Monitor(State())
    let received = Atomic<UInt64>(0)

    /// Looks into the stage for what an earlier run left.
    /// - Throws: `.outOfResources`.
    public init(services: FolderServices, logger: Logger, observer: @escaping Observer) throws(AgentError) {
        self.services = services
        self.logger = logger
        self.observer = observer
        worker = try WorkerThread(name: "fetch")
        let items = (try? services.stage.items()) ?? []
        let partial = Set(items.filter { !$0.isWhole }.map(\.content))
        state.withLock { $0.resumable = partial }
    }

    // MARK: Orders

    /// Begins an order. One for a content that is under way already adds its sources to it. False if there are too
    /// many, or after `stop`.
    @discardableResult
    public func start(_ order: FetchOrder) -> Bool {
        enum Outcome { case refused, joined, begun }
        let outcome = state.withLock { state -> Outcome in
            guard !state.isStopped else { return .refused }
            let sources = Set(order.sources.map(\.device))
            if state.transfers[order.content] != nil {
                state.machine.add(order.content, priority: order.priority, sources: sources)
                state.transfers[order.content]?.paths.merge(order.sources.map { ($0.device, $0.path) }) { $1 }
                return .joined
            }
            guard state.transfers.count < Limits.activeTransfers else { return .refused }
            state.orders += 1
            state.transfers[order.content] = Transfer(order, number: state.orders)
            state.machine.add(order.content, priority: order.priority, sources: sources)
            return .begun
        }
        switch outcome {
        case .refused: return false
        case .joined: pump()
        case .begun: worker.post { self.prepare(order) }
        }
        return true
    }

    /// Gives up an order: no event follows. What came so far stays in the stage.
    public func cancel(_ content: FileContent) { _ = withdraw(content) }

    /// Gives up all orders without events and ends its thread.
    public func stop() {
        let (contents, links) = state.withLock { state in
            state.isStopped = true
            return (Array(state.transfers.keys), Array(state.links.keys))
        }
        for content in contents { cancel(content) }
        for link in links { linkClosed(link) }
        worker.stop()
    }

    // MARK: Links

    /// The folder is open on this link: its device can be asked. Replaces an earlier link of the device.
    public func linkOpened(_ device: DeviceID, _ link: PeerLink) {
        linkClosed(device)
        state.withLock { state in
            guard !state.isStopped else { return }
            state.links[device] = link
            state.machine.open(device)
        }
        let calls = FetcherCalls(
            roomCame: { [weak self] in self?.pump() }, closed: { [weak self] in self?.forget(link) })
        if link.attach(self, calls) { pump() } else { forget(link) }
    }

    /// The link has closed: nothing is asked on it any more.
    func forget(_ link: PeerLink) {
        state.withLock { state in
            guard state.links[link.peer] === link else { return }
            state.machine.close(link.peer)
            state.links[link.peer] = nil
        }
        settle()
    }

    /// The link is gone, or the folder no longer open on it. Not needed when the link itself has closed.
    public func linkClosed(_ device: DeviceID) {
        let link = state.withLock { state -> PeerLink? in
            state.machine.close(device)
            return state.links.removeValue(forKey: device)
        }
        guard let link else { return }
        link.detach(self)
        let numbers = state.withLock { $0.numbers.filter { $0.value.link === link } }
        for (_, entry) in numbers { link.cancelRequest(entry.number) }
        state.withLock { state in
            for token in numbers.keys { state.numbers[token] = nil }
        }
        settle()
    }

    /// To be called about once a second, with a monotonic time in milliseconds: closes the links of devices that were
    /// asked and send nothing.
    public func tick(now: UInt64) {
        let stalled = state.withLock { state in state.machine.stalled(now: now).compactMap { state.links[$0] } }
        for link in stalled { link.close(.timeout, "What was asked for does not come.") }
    }

    // MARK: State

    /// Bytes of content received from peers since the start, for rates.
    public var bytesReceived: UInt64 { received.load(ordering: .relaxed) }

    /// Orders under way.
    public var count: Int { state.withLock { $0.transfers.count } }

    /// How many bytes of an order's content are here already; nil if it is not under way.
    public func progress(_ content: FileContent) -> UInt64? { state.withLock { $0.transfers[content]?.present } }

    // MARK: Ends

    /// Takes an order out of everything; nil if it is not under way.
    func withdraw(_ content: FileContent) -> Transfer? {
        let (transfer, requests) = state.withLock { state in
            let transfer = state.transfers.removeValue(forKey: content)
            if transfer?.hasPartial == true { state.resumable.insert(content) }
            let tokens = state.machine.remove(content).map(\.token)
            return (transfer, tokens.compactMap { state.numbers.removeValue(forKey: $0) })
        }
        for (link, number) in requests { link.cancelRequest(number) }
        return transfer
    }

    func fail(_ content: FileContent, _ failure: FetchFailure) {
        guard withdraw(content) != nil else { return }
        observer(.failed(content, failure))
    }

    func succeed(_ content: FileContent, chunks: [ChunkReference]?) {
        guard withdraw(content) != nil else { return }
        state.withLock { _ = $0.resumable.remove(content) }
        observer(.staged(content, chunks: chunks))
    }

    /// Ends what nobody can be asked for any more, and asks for what is wanted.
    func settle() {
        let hopeless = state.withLock { state in
            let hopeless = state.machine.takeHopeless()
            for (content, _) in hopeless {
                if state.transfers.removeValue(forKey: content)?.hasPartial == true { state.resumable.insert(content) }
            }
            return hopeless
        }
        for (content, miss) in hopeless { observer(.failed(content, .noSource(miss))) }
        pump()
    }
}
