internal import Chunking
internal import LocalFileSystem
internal import Logging
internal import SyncCore
internal import SyncModel
internal import Synchronization
internal import TLSTransport
internal import WireProtocol

extension Fetcher {
    /// Asks for what is wanted, one request a peer in turn, until nobody has room or nothing is left.
    func pump() {
        state.withLock { state in
            var peers = state.links.keys.sorted()
            while !peers.isEmpty { peers = peers.filter { ask($0, &state) } }
        }
    }

    /// Makes one request; false if there is none for this peer now.
    private func ask(_ peer: DeviceID, _ state: inout State) -> Bool {
        guard let link = state.links[peer] else { return false }
        let room = link.room
        let now = MonotonicClock.milliseconds
        guard
            let request = state.machine.next(
                for: peer, room: FetchRoom(requests: room.requests, bytes: room.bytes), now: now)
        else { return false }
        guard let transfer = state.transfers[request.content], let path = transfer.paths[peer],
            let target = transfer.target(of: request)
        else {
            state.machine.failed(request.token, .notFound)
            return true
        }
        let incoming = Incoming(request, target)
        let folder = services.folder
        let priority = RequestPriority(rawValue: transfer.order.priority.rawValue) ?? .bulk
        let number = link.ask(
            bytes: request.length,
            { number in
                switch request.item {
                case .node(let hash):
                    .chunkListRequest(
                        ChunkListRequest(
                            request: number, folder: folder, path: path, content: request.content, part: .node(hash)))
                case .chunks(let span, let length):
                    .contentRequest(
                        ContentRequest(
                            request: number, folder: folder, path: path, content: request.content, offset: span.offset,
                            length: length, priority: priority))
                }
            }, { answer in self.take(answer, incoming, of: link) })
        guard let number else {
            state.machine.withdraw(request.token)
            return false
        }
        state.numbers[request.token] = (link, number)
        return true
    }

    // MARK: Answers, on the connection's thread

    private func take(_ answer: FetchAnswer, _ incoming: Incoming, of link: PeerLink) {
        let token = incoming.request.token
        state.withLock { state in
            if answer.isLast { state.numbers[token] = nil }
            state.machine.heard(incoming.request.peer, now: MonotonicClock.milliseconds)
        }
        switch answer {
        case .content(let data): take(data, incoming, of: link)
        case .chunkList(let data): take(data, incoming)
        case .failed(let code): miss(incoming.request, FetchMiss(code))
        case .closed:
            state.withLock { $0.machine.withdraw(token) }
            forget(link)
        }
    }

    /// The source is not asked for this content again.
    private func miss(_ request: FetchRequest, _ miss: FetchMiss) {
        logger.debug(
            "a source gives nothing",
            metadata: ["peer": "\(request.peer.short)", "content": "\(request.content.hash)", "reason": "\(miss)"])
        state.withLock { _ = $0.machine.failed(request.token, miss) }
        settle()
    }

    private func take(_ data: ContentData, _ incoming: Incoming, of link: PeerLink) {
        received.wrappingAdd(UInt64(data.bytes.count), ordering: .relaxed)
        let request = incoming.request
        let count: Int
        do throws(FileSystemError) {
            count = try incoming.add(data.bytes)
        } catch {
            guard error.code == .wrongContent else { return fail(request.content, FetchFailure(error)) }
            return refuse(data, incoming, of: link)
        }
        if case .whole = incoming.target {
            if data.last { takeWhole(incoming) }
            return
        }
        let done = state.withLock { state -> Transfer? in
            guard state.machine.received(request.token, chunks: count, now: MonotonicClock.milliseconds) else {
                return nil
            }
            state.transfers[request.content]?.present += UInt64(data.bytes.count)
            return state.machine.isComplete(request.content) ? state.transfers[request.content] : nil
        }
        if let done { return complete(done) }
        // The last of what was asked for came, and its source may have failed at something else meanwhile.
        if data.last { settle() }
    }

    /// What came is not what was asked for: its chunks so far stay, the rest is asked of others.
    private func refuse(_ data: ContentData, _ incoming: Incoming, of link: PeerLink) {
        let token = incoming.request.token
        logger.warning(
            "a source sent wrong bytes",
            metadata: ["peer": "\(link.peer.short)", "content": "\(incoming.request.content.hash)"])
        if !data.last {
            let entry = state.withLock { $0.numbers.removeValue(forKey: token) }
            if let entry { entry.link.cancelRequest(entry.number) }
        }
        miss(incoming.request, .wrongBytes)
    }

    private func takeWhole(_ incoming: Incoming) {
        let (request, bytes) = (incoming.request, incoming.bytes)
        guard let chunks = InlineVerifier().chunks(of: bytes[...], as: request.content) else {
            return miss(request, .wrongBytes)
        }
        do throws(FileSystemError) {
            try services.stage.store(bytes, as: request.content)
        } catch {
            return fail(request.content, FetchFailure(error))
        }
        succeed(request.content, chunks: chunks.count > 1 ? chunks : nil)
    }

    /// All chunks are there.
    func complete(_ transfer: Transfer) {
        guard case .chunks(let partial, let list) = transfer.phase else { return }
        do throws(FileSystemError) { try partial.complete() } catch {
            return fail(transfer.order.content, FetchFailure(error))
        }
        succeed(transfer.order.content, chunks: Array(list))
    }

    private func take(_ data: ChunkListData, _ incoming: Incoming) {
        let request = incoming.request
        guard case .node(let hash) = request.item, case .node(let bytes) = data.part else {
            return miss(request, .wrongBytes)
        }
        let list = state.withLock { state -> Result<ChunkList?, RequestFailure> in
            guard case .listing(var reader)? = state.transfers[request.content]?.phase else { return .success(nil) }
            // Held here alone meanwhile, so that it is not copied for each node.
            state.transfers[request.content]?.phase = .preparing
            defer { state.transfers[request.content]?.phase = .listing(reader) }
            let isLastOfLevel = reader.wanted.count == 1
            guard reader.takeNode(Array(bytes), hash: hash) else { return .failure(.changed) }
            state.machine.receivedNode(request.token, now: MonotonicClock.milliseconds)
            if isLastOfLevel { state.machine.want(nodes: reader.wanted, of: request.content) }
            return .success(reader.list)
        }
        switch list {
        case .failure: miss(request, .wrongBytes)
        case .success(let list?): worker.post { self.plan(request.content, list) }
        case .success(nil): break
        }
    }
}

extension ChunkTreeReader {
    /// Takes a node of whichever level it is: the wire does not tell.
    fileprivate mutating func takeNode(_ bytes: [UInt8], hash: Bytes32) -> Bool {
        for level in 0...ChunkNode.greatestLevel where (try? receive(bytes, level: level, hash: hash)) != nil {
            return true
        }
        return false
    }
}

extension Transfer {
    /// What the bytes of a request become.
    func target(of request: FetchRequest) -> Incoming.Target? {
        switch (phase, request.item) {
        case (.listing, .node): .node
        case (.whole, .chunks): .whole
        case (.chunks(let partial, let list), .chunks): .chunks(partial, list)
        default: nil
        }
    }
}

extension FetchMiss {
    init(_ failure: RequestFailure) {
        switch failure {
        case .notFound: self = .notFound
        case .changed: self = .changed
        case .busy, .cancelled: self = .busy
        case .refused, .unreadable: self = .refused
        }
    }
}

extension FetchFailure {
    init(_ error: FileSystemError) {
        self = error.code == .diskFull ? .diskFull(error.message) : .inputOutput(error.message)
    }
}
