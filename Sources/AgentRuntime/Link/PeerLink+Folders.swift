internal import Logging
public import SyncModel
internal import TLSTransport
internal import WireProtocol

extension PeerLink {
    /// From now on requests about the folder are served. To be called when the folder is open here and offered to the
    /// peer; again after it was closed and opened anew.
    public func register(_ services: FolderServices) {
        let server = state.withLock { state -> LinkServer? in
            guard let server = makeServer(&state) else { return nil }
            state.folders[services.folder] = services
            services.attach(id) { server.poke(services.folder, for: self) }
            return server
        }
        server?.poke(services.folder, for: self)
    }

    /// The server, made when it is first needed; nil once the link has closed.
    private func makeServer(_ state: inout State) -> LinkServer? {
        if state.server == nil, !state.isClosed {
            do throws(AgentError) { state.server = try LinkServer() } catch {
                logger.error("nothing can be served", metadata: ["error": "\(error)"])
                connection.close()
            }
        }
        return state.server
    }

    /// Requests about the folder are answered with "busy" from now on.
    public func unregister(_ folder: FolderID) {
        let services = state.withLock { $0.folders.removeValue(forKey: folder) }
        services?.detach(id)
    }

    /// The log that the peer has of a folder, once it has said so.
    func log(of folder: FolderID) -> Author? {
        state.withLock { $0.epochs[folder] }.map { Author(device: peer, epoch: $0) }
    }

    func services(_ folder: FolderID) -> FolderServices? { state.withLock { $0.folders[folder] } }

    /// A content is asked for: the connection's thread.
    func serve(_ request: ContentRequest) {
        contents.add(request)
        connection.bulkReady()
    }

    /// Something else is asked for.
    func serve(_ message: Message) {
        state.withLock { makeServer(&$0) }?.take(message, for: self)
    }

    /// A part of the peer's log: keeps and verifies what travelled along.
    func receive(_ batch: IndexBatch, bytes: Int) {
        var batch = batch
        var inline: [InlineContent] = []
        let store = services(batch.folder)?.inline
        let verifier = InlineVerifier()
        for index in batch.entries.indices {
            guard case .record(let record, let bytes?) = batch.entries[index].item else { continue }
            batch.entries[index].item = .record(record, inline: nil)
            guard let store, case .file(let content) = record.content else { continue }
            // The peer's disk may have lost what it told of: then the content is asked for, as if nothing had come
            // along.
            guard let chunks = verifier.chunks(of: bytes, as: content) else { continue }
            guard let handle = store.put(Array(bytes)) else { continue }
            let sequence = batch.entries[index].sequence
            inline.append(
                InlineContent(
                    sequence: sequence, content: content, handle: handle, chunks: chunks.count > 1 ? chunks : nil))
        }
        observer(id, .indexBatch(batch, inline: inline, bytes: bytes))
    }
}
