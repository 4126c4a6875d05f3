import AgentRuntime
import Chunking
import Glibc
import LocalFileSystem
import Logging
import SQLiteIndex
import SyncEngine
import SyncModel
import TLSTransport
import WireProtocol

let folder = FolderID(high: 1, low: 1)

/// A counter that threads wait for.
final class Progress: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var counts: [String: Int] = [:]

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    func add(_ name: String, _ count: Int = 1) {
        pthread_mutex_lock(mutex)
        counts[name, default: 0] += count
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func wait(_ name: String, _ count: Int) {
        pthread_mutex_lock(mutex)
        while counts[name, default: 0] < count { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}

/// A device with one folder.
final class Peer: Sendable {
    let identity: Identity
    let transport: Transport
    let path: String
    let files: OpenFolder
    let index: FolderIndex
    let services: FolderServices
    let fetcher: Fetcher
    let progress = Progress()

    init(directory: String, name: String) throws {
        identity = try Identity.ephemeral()
        transport = try Transport(identity: identity) { _ in .paired }
        path = directory + "/" + name
        mkdir(path, 0o755)
        files = try OpenFolder(at: path, folder: folder, creating: true)
        index = try FolderIndex.create(
            path: "\(directory)/\(name).sqlite", folder: folder, device: identity.deviceID, newEpoch: IndexEpoch(1))
        let index = self.index
        services = try FolderServices(
            folder: folder, device: identity.deviceID, files: files, stage: Stage(of: files), inline: InlineStore(),
            status: index.status, makeReader: { () throws(IndexError) in try index.makeReader() })
        let progress = self.progress
        fetcher = try Fetcher(services: services, logger: Logger(label: "lanyard.fetch")) { event in
            switch event {
            case .staged: progress.add("staged")
            case .failed(_, let failure): preconditionFailure("\(failure)")
            }
        }
    }

    func link(on connection: TLSTransport.Connection, opened: @escaping @Sendable (PeerLink) -> Void) -> PeerLink {
        let (progress, store) = (self.progress, services.inline)
        let link = PeerLink(
            id: ConnectionID(1), connection: connection,
            hello: Hello(
                agentVersion: "benchmark", deviceName: "benchmark", capabilities: [.inlineContent], listen: [],
                generation: 1),
            isPaired: true, logger: Logger(label: "lanyard.link")
        ) { _, event in
            switch event {
            case .paired: progress.add("paired")
            case .message(.folderOffer): progress.add("offered")
            case .indexBatch(let batch, let inline, let bytes):
                for item in inline { store.release(item.handle) }
                progress.add("bytes", bytes)
                progress.add("entries", batch.entries.count)
            case .closed(let reason, _): print("closed: \(reason)")
            default: break
            }
        }
        opened(link)
        return link
    }

    /// Puts files that stand in the folder into the index.
    func commit(_ named: [(name: String, list: ChunkList)], after sequence: UInt64) throws {
        var transaction = IndexTransaction()
        for (offset, (name, list)) in named.enumerated() {
            let path = try RelativePath(name)
            let counter = sequence + UInt64(offset) + 1
            let origin = Origin(author: Author(device: identity.deviceID, epoch: IndexEpoch(1)), counter: counter)
            let record = FileRecord(
                path: path, content: .file(list.content), version: VersionVector(origin), origin: origin, edits: 1)
            let disk = try files.root.entry(at: path)?.state
            transaction.rows.append(IndexRow(record: record, sequence: counter, disk: disk, source: nil))
            if list.count > 1 {
                transaction.chunkLists.append(ContentChunks(content: list.content, chunks: Array(list)))
            }
        }
        try index.commit(transaction)
        services.logGrew(status: index.status)
    }
}
