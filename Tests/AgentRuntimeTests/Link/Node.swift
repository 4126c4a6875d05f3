import Chunking
import Cryptography
import Glibc
import LocalFileSystem
import SQLiteIndex
import SyncCore
import SyncEngine
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// What the observer of one link was told.
final class LinkRecorder: Sendable {
    struct State {
        var isOpen = false
        var isPaired = false
        var messages: [Message] = []
        var batches: [(batch: IndexBatch, inline: [InlineContent])] = []
        var closed: (reason: String, code: CloseCode?)?
    }

    let monitor = Monitor(State())

    func take(_ event: LinkEvent) {
        monitor.announce { state in
            switch event {
            case .opened: state.isOpen = true
            case .paired: state.isPaired = true
            case .message(let message): state.messages.append(message)
            case .indexBatch(let batch, let inline, _): state.batches.append((batch, inline))
            case .closed(let reason, let code): state.closed = (reason, code)
            }
        }
    }

    func wait<Value>(_ body: @escaping (State) -> Value?) throws -> Value {
        try #require(monitor.wait(until: patience()) { body($0) })
    }

    func closed() throws -> (reason: String, code: CloseCode?) { try wait { $0.closed } }
}

/// A device with a listener on loopback, one folder with its index, and a fetcher.
final class Node: Sendable {
    struct State {
        var links: [PeerLink] = []
        var recorders: [ConnectionID: LinkRecorder] = [:]
        var events: [FetchEvent] = []
        var counter: UInt64 = 0
        var next: UInt64 = 0
    }

    let directory: TemporaryDirectory
    let identity: Identity
    let transport: Transport
    let files: OpenFolder
    let index: FolderIndex
    let services: FolderServices
    let fetcher: Fetcher
    let monitor: Monitor<State>
    let isPaired: Bool
    let capabilities: Capabilities
    /// What it may send, where a test needs time between two bytes.
    let sendLimit = RateLimit(bytesPerSecond: 0)

    var device: DeviceID { identity.deviceID }
    var path: String { directory.path + "/folder" }
    var stage: Stage { services.stage }

    init(
        isPaired: Bool = true, capabilities: Capabilities = [.inlineContent, .zstd],
        in directory: TemporaryDirectory? = nil
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.capabilities = capabilities
        self.directory = directory
        self.isPaired = isPaired
        let identity = try Identity.ephemeral()
        self.identity = identity
        var limits = ConnectionLimits()
        (limits.handshakesPerSource, limits.handshakes, limits.handshakeBurst) = (512, 512, 100_000)
        transport = try Transport(identity: identity, limits: limits) { _ in isPaired ? .paired : .unpaired }
        mkdir(directory.path + "/folder", 0o755)
        files = try OpenFolder(at: directory.path + "/folder", folder: folderA, creating: true)
        index = try FolderIndex.create(
            path: directory.path + "/index-\(identity.deviceID.short).sqlite", folder: folderA,
            device: identity.deviceID, newEpoch: IndexEpoch(identity.deviceID.raw.prefix >> 2))
        let index = self.index
        services = try FolderServices(
            folder: folderA, device: identity.deviceID, files: files, stage: Stage(of: files), inline: InlineStore(),
            status: index.status, makeReader: { () throws(IndexError) in try index.makeReader() })
        let monitor = Monitor(State())
        self.monitor = monitor
        fetcher = try Fetcher(services: services, logger: quiet) { event in
            monitor.announce { $0.events.append(event) }
        }
    }

    func handler(of connection: Connection) -> ConnectionHandler {
        var handler = link(on: connection).handler
        handler.sendLimit = sendLimit
        return handler
    }

    private func link(on connection: Connection) -> PeerLink {
        let monitor = self.monitor
        let id = monitor.withLock { state in
            state.next += 1
            return ConnectionID(state.next)
        }
        let recorder = LinkRecorder()
        let link = PeerLink(
            id: id, connection: connection,
            hello: Hello(
                agentVersion: AgentVersion.text, deviceName: "test", capabilities: capabilities, listen: [],
                generation: 1),
            isPaired: isPaired, logger: quiet
        ) { _, event in recorder.take(event) }
        monitor.announce { state in
            state.links.append(link)
            state.recorders[id] = recorder
        }
        return link
    }

    func recorder(_ link: PeerLink) throws -> LinkRecorder {
        try #require(monitor.withLock { $0.recorders[link.id] })
    }

    // MARK: Files

    /// Writes a file and puts it into the index; its content.
    @discardableResult
    func add(_ name: String, _ bytes: [UInt8]) throws -> FileContent {
        try add([(name, bytes)])[0]
    }

    @discardableResult
    func add(_ named: [(name: String, bytes: [UInt8])]) throws -> [FileContent] {
        var transaction = IndexTransaction()
        var contents: [FileContent] = []
        for (name, bytes) in named {
            try write(name, bytes)
            let list = ChunkListBuilder.list(of: bytes)
            contents.append(list.content)
            transaction.rows.append(try row(name, list.content))
            if list.count > 1 {
                transaction.chunkLists.append(ContentChunks(content: list.content, chunks: Array(list)))
            }
        }
        try index.commit(transaction)
        services.logGrew(status: index.status)
        return contents
    }

    /// Puts another content into a file, which the index does not know, and has it taken to history by a deletion.
    func file(_ name: String, _ bytes: [UInt8] = Array("filed".utf8)) throws -> FileContent {
        try write(name, bytes)
        let path = try RelativePath(name)
        let found = try #require(try files.root.entry(at: path))
        let applier = Applier(
            folder: files, stage: services.stage, history: History(of: files), features: try files.probe())
        let step = ApplyStep(path: path, expected: .entry(found.state), action: .delete)
        let report = try applier.execute([step], at: 1_000_000) { _ in nil }
        try #require(report.outcomes == [.applied(nil)])
        return ChunkListBuilder.list(of: bytes).content
    }

    func row(_ name: String, _ content: FileContent) throws -> IndexRow {
        let counter = monitor.withLock { state in
            state.counter += 1
            return state.counter
        }
        let path = try RelativePath(name)
        let origin = Origin(author: Author(device: device, epoch: index.status.epoch), counter: counter)
        let record = FileRecord(
            path: path, content: .file(content), version: VersionVector(origin), origin: origin, edits: 1)
        let found = try #require(try files.root.entry(at: path))
        return IndexRow(record: record, sequence: counter, disk: found.state, source: nil)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws { try directory.write("folder/" + name, bytes) }

    /// The bytes of a whole content in the stage.
    func staged(_ content: FileContent) throws -> [UInt8] {
        let file = try #require(try stage.open(content))
        var bytes = [UInt8](repeating: 0, count: Int(content.size) + 1)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    // MARK: Fetching

    func order(
        _ content: FileContent, _ name: String, from nodes: [Node], similar: FileContent? = nil,
        priority: FetchPriority = .normal
    ) throws -> FetchOrder {
        let path = try RelativePath(name)
        return FetchOrder(
            content: content, path: path, sources: nodes.map { FetchSource(device: $0.device, path: path) },
            similar: similar, priority: priority)
    }

    /// Waits for the end of so many orders.
    func events(_ count: Int) throws -> [FetchEvent] {
        try #require(monitor.wait(until: patience()) { $0.events.count >= count ? $0.events : nil })
    }

    /// Fetches one content; its bytes, or nil and the failure.
    func fetch(_ order: FetchOrder) throws -> Result<[UInt8], FetchFailure> {
        let before = monitor.withLock { $0.events.count }
        #expect(fetcher.start(order))
        switch try events(before + 1)[before] {
        case .staged(let content, _):
            #expect(content == order.content)
            return .success(try staged(content))
        case .failed(_, let failure): return .failure(failure)
        }
    }

    func close() {
        fetcher.stop()
        #expect(transport.closeAll(timeoutMilliseconds: Int(patienceMilliseconds)))
    }
}

/// Two devices and the link between them, on which the folder is open.
struct LinkPair {
    let near: PeerLink
    let far: PeerLink

    /// `near` dials `far`, and both have the other's hello.
    static func connect(_ near: Node, _ far: Node) throws -> (near: PeerLink, far: PeerLink) {
        let before = far.monitor.withLock { $0.links.count }
        let listener = try Listener(
            transport: far.transport, addresses: [.loopback(port: 0)],
            established: { far.handler(of: $0) }, refused: { _, _ in })
        defer { listener.close() }
        _ = try Dialer(transport: near.transport).dial(
            [listener.addresses[0]], expecting: far.device, timeoutMilliseconds: Int(patienceMilliseconds)
        ) { near.handler(of: $0) }
        let farLink = try #require(
            far.monitor.wait(until: patience()) { $0.links.count > before ? $0.links[before] : nil })
        let nearLink = try #require(near.monitor.withLock { $0.links.last })
        for (node, link) in [(near, nearLink), (far, farLink)] {
            _ = try node.recorder(link).wait { $0.isOpen ? true : nil }
        }
        return (nearLink, farLink)
    }

    init(_ near: Node, _ far: Node) throws {
        (self.near, self.far) = try Self.connect(near, far)
        for (node, link) in [(near, self.near), (far, self.far)] {
            _ = try node.recorder(link).wait { $0.isPaired ? true : nil }
            link.send(.folderOffer([FolderOffer(folder: folderA, name: "folder", records: [])]))
        }
        for (node, link) in [(near, self.near), (far, self.far)] {
            _ = try node.recorder(link).wait { state in
                state.messages.contains { if case .folderOffer = $0 { true } else { false } } ? true : nil
            }
        }
        for (node, link, peer) in [(near, self.near, far.device), (far, self.far, near.device)] {
            link.register(node.services)
            node.fetcher.linkOpened(peer, link)
        }
    }
}
