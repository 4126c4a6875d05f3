import SyncModel

extension PeerSession {
    /// The frame of a message, if it may be sent now; an error is a fault of the caller, and the session goes on.
    public mutating func send(_ message: Message) throws(WireError) -> Frame {
        try admit(message)
        let frame = try WireCodec.encode(message)
        try note(message, bytes: frame.payload.count)
        return frame
    }

    /// The beginning of a `contentData` payload, whose `count` bytes follow as they are: the caller writes them to the
    /// transport from where they are, in the same frame.
    public mutating func contentHeader(
        request: UInt32, offset: UInt64, last: Bool, count: Int
    ) throws(WireError) -> Frame {
        guard isPaired else { throw WireError(.notPaired, "Content is for paired devices only.") }
        let header = try ContentData.header(request: request, offset: offset, last: last, count: count)
        _ = try peerRequests.content(request, offset: offset, count: count, last: last)
        return Frame(type: MessageType.contentData.rawValue, payload: header)
    }

    /// Frames travel compressed only where both sides have said that they can read it.
    func checkCompression() throws(WireError) {
        guard agreed.contains(.zstd) else { throw WireError(.outOfState, "Compression was not agreed on.") }
    }

    private func admit(_ message: Message) throws(WireError) {
        guard phase != .over, helloSent else { throw WireError(.outOfState, "The session is over or not begun.") }
        if case .close = message { return }
        guard phase == .open else { throw WireError(.outOfState, "The other side's hello did not come yet.") }
        switch message.admission {
        case .connection:
            if case .hello = message { throw WireError(.outOfState, "The hello was sent already.") }
            if case .pong = message { throw WireError(.outOfState, "The session answers pings itself.") }
        case .pairing:
            if case .paired = message { throw WireError(.outOfState, "Use markPaired.") }
        case .paired:
            guard isPaired else { throw WireError(.notPaired, "The \(message.type) is for paired devices only.") }
        case .folder(let folder):
            guard isPaired else { throw WireError(.notPaired, "The \(message.type) is for paired devices only.") }
            guard localFolders.contains(folder), peerFolders.contains(folder) else {
                throw WireError(.unknownFolder, "The folder \(folder) is not shared with the other side.")
            }
        }
    }

    private mutating func note(_ message: Message, bytes: Int) throws(WireError) {
        switch message {
        case .close: phase = .over
        case .ping(let number): try heartbeat.sent(number)
        case .joinRequest:
            guard localJoins == 0 else { throw WireError(.tooMany, "A second join before the first is answered.") }
            localJoins += 1
        case .joinReply:
            guard peerJoins > 0 else { throw WireError(.unrequested, "A join was not asked for.") }
            peerJoins -= 1
        case .folderOffer(let offers):
            let folders = localFolders.union(offers.map(\.folder))
            guard folders.count <= Limits.folders else { throw WireError(.tooMany, "Too many folders are offered.") }
            localFolders = folders
        case .cancelRequest(let request):
            guard localRequests.cancel(request) else {
                throw WireError(.unrequested, "The request \(request) is not under way.")
            }
        case .indexRequest(let request): try localStreams.request(request)
        case .indexBatch(let batch):
            guard try peerStreams.batch(batch, bytes: bytes) else {
                throw WireError(.unrequested, "The index batch does not follow the one before.")
            }
        case .compressed: try checkCompression()
        case .barrier(let barrier): try localBarriers.ask(barrier)
        case .barrierReached(let reached): try peerBarriers.reach(reached)
        case .contentRequest, .chunkListRequest, .bucketRequest, .recordsWanted, .everHeldQuery:
            try localRequests.open(message)
        default: _ = try peerRequests.answer(message)
        }
    }
}
