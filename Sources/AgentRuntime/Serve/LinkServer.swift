internal import Logging
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

/// Sends the log, and answers what takes more than a look-up, on a thread of its own for each link. Other threads only
/// leave word: they never wait for it.
final class LinkServer: Sendable {
    private struct State {
        /// Bounded by the session, which lets `Limits.requests` be under way.
        var requests: [Message] = []
        /// The last one a folder: it says all that the earlier ones did.
        var streams: [FolderID: IndexRequest] = [:]
        var poked: Set<FolderID> = []
        var isScheduled = false

        var isEmpty: Bool { requests.isEmpty && streams.isEmpty && poked.isEmpty }
    }

    /// Used on the server's thread only.
    private final class Work: @unchecked Sendable {
        var pumps: [FolderID: IndexPump] = [:]
        var trees = TreeCache()
        let packer = FramePacker()
    }

    private let state = Monitor(State())
    private let work = Work()
    private let worker: WorkerThread

    init() throws(AgentError) { worker = try WorkerThread(name: "serve") }

    /// The folder's log may have grown, or be there at all.
    func poke(_ folder: FolderID, for link: PeerLink) { leave(for: link) { $0.poked.insert(folder) } }

    func take(_ message: Message, for link: PeerLink) {
        leave(for: link) { state in
            if case .indexRequest(let request) = message {
                state.streams[request.folder] = request
            } else {
                state.requests.append(message)
            }
        }
    }

    func stop() { worker.stop() }

    private func leave(for link: PeerLink, _ change: (inout State) -> Void) {
        let isNew = state.withLock { state in
            change(&state)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { worker.post { self.run(for: link) } }
    }

    /// A turn: what was left, then one batch of each log that goes on.
    private func run(for link: PeerLink) {
        while link.connection.isOpen {
            let turn = state.withLock { state -> State? in
                if state.isEmpty {
                    state.isScheduled = false
                    return nil
                }
                defer { (state.requests, state.streams, state.poked) = ([], [:], []) }
                return state
            }
            guard let turn else { return work.packer.rest() }
            for request in turn.requests { answer(request, for: link) }
            for (folder, request) in turn.streams {
                work.pumps[folder, default: IndexPump()].take(request)
            }
            for folder in turn.poked.union(turn.streams.keys) where pump(folder, for: link) {
                state.withLock { _ = $0.poked.insert(folder) }
            }
        }
    }

    /// Sends one batch; whether another may follow at once.
    private func pump(_ folder: FolderID, for link: PeerLink) -> Bool {
        guard let services = link.services(folder) else { return false }
        return work.pumps[folder]?.send(from: services, on: link, packing: work.packer) ?? false
    }

    private func answer(_ request: Message, for link: PeerLink) {
        guard let folder = request.folder, let number = request.requestNumber else { return }
        do throws(RequestFailure) {
            guard let services = link.services(folder) else { throw .busy }
            for message in try services.answers(to: request, trees: &work.trees) { try send(message, on: link) }
        } catch {
            try? send(.requestFailed(RequestFailed(request: number, code: error)), on: link)
        }
    }

    private func send(_ message: Message, on link: PeerLink) throws(RequestFailure) {
        do throws(WireError) { _ = try link.sendWaiting(message, packing: work.packer) } catch {
            link.logger.error("an answer of ours is refused", metadata: ["error": "\(error)"])
            throw .unreadable
        }
    }
}

extension Message {
    /// The number of a request that the server answers.
    fileprivate var requestNumber: UInt32? {
        switch self {
        case .chunkListRequest(let request): request.request
        case .bucketRequest(let request): request.request
        case .recordsWanted(let wanted): wanted.request
        case .everHeldQuery(let query): query.request
        default: nil
        }
    }
}
