internal import SyncModel
internal import WireProtocol

/// Answers, on a thread of its own for each link, what takes more than a look-up.
final class LinkServer: Sendable {
    private unowned let link: PeerLink
    let worker: WorkerThread

    init(link: PeerLink) throws(AgentError) {
        self.link = link
        worker = try WorkerThread(name: "serve")
    }

    func poke(_ folder: FolderID) {}
    func take(_ message: Message) {}
    func stop() { worker.stop() }
}
