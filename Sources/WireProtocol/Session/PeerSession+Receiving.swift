import SyncModel

extension PeerSession {
    /// Takes a whole frame.
    public mutating func receive(_ frame: Frame, now: UInt64) -> SessionOutput {
        guard phase != .over else { return SessionOutput() }
        heartbeat.heard(now: now)
        do {
            return try take(frame, now: now)
        } catch {
            return fail(error, PeerSession.closeCode(of: error))
        }
    }

    private mutating func take(_ frame: Frame, now: UInt64) throws(WireError) -> SessionOutput {
        guard frame.payload.count <= payloadLimit(type: frame.type) else {
            throw WireError(.overLimit, "A frame of \(frame.payload.count) bytes is too large at this moment.")
        }
        try admit(frame.type)
        guard let message = try WireCodec.decode(frame) else { return SessionOutput() }
        switch message.admission {
        case .connection: return try takeConnection(message, now: now)
        case .pairing: return try takePairing(message)
        case .paired: return try takePaired(message)
        case .folder(let folder):
            guard localFolders.contains(folder), peerFolders.contains(folder) else {
                return try refuse(message, folder)
            }
            return try takeFolder(message, bytes: frame.payload.count)
        }
    }

    /// Judges by the type alone, before anything is decoded.
    private func admit(_ type: UInt8) throws(WireError) {
        let isHello = type == MessageType.hello.rawValue
        if phase == .awaitingHello, !isHello, type != MessageType.close.rawValue {
            throw WireError(.outOfState, "The first message is not a hello.")
        }
        if phase == .open, isHello { throw WireError(.outOfState, "A second hello.") }
        if !isPaired, type >= MessageType.folderOffer.rawValue, type < MessageType.firstOptional {
            throw WireError(.notPaired, "The message type \(type) is for paired devices only.")
        }
    }

    private mutating func takeConnection(_ message: Message, now: UInt64) throws(WireError) -> SessionOutput {
        switch message {
        case .hello(let hello): return try open(hello)
        case .close(let close):
            phase = .over
            return SessionOutput(events: [.closed(close)])
        case .ping(let number):
            try heartbeat.ping(now: now)
            return SessionOutput(frames: [try WireCodec.encode(.pong(number))])
        case .pong(let number):
            try heartbeat.pong(number)
            return SessionOutput()
        default: return SessionOutput(events: [.message(message)])
        }
    }

    private mutating func open(_ hello: Hello) throws(WireError) -> SessionOutput {
        guard let version = WireVersion.agreed(local, hello) else {
            throw WireError(
                .versionMismatch,
                "One side speaks versions \(local.oldestVersion) to \(local.protocolVersion) of the protocol, the other"
                    + " \(hello.oldestVersion) to \(hello.protocolVersion): update the older one.")
        }
        guard version >= leastVersion else {
            throw WireError(
                .versionMismatch,
                "The other side offers version \(version) of the protocol and spoke \(leastVersion) before: refused.")
        }
        phase = .open
        isPeerPaired = hello.isPaired
        agreed = local.capabilities.intersection(hello.capabilities)
        return SessionOutput(events: [.opened(hello, version: version)] + (isPaired ? [.paired] : []))
    }

    private mutating func takePairing(_ message: Message) throws(WireError) -> SessionOutput {
        switch message {
        case .paired:
            guard !isPeerPaired else { throw WireError(.outOfState, "The other side is paired already.") }
            isPeerPaired = true
            return SessionOutput(events: isPaired ? [.paired] : [])
        case .joinRequest:
            guard peerJoins == 0 else { throw WireError(.tooMany, "A second join before the first is answered.") }
            peerJoins += 1
        case .joinReply:
            guard localJoins > 0 else { throw WireError(.unrequested, "A join was not asked for.") }
            localJoins -= 1
        default: break
        }
        return SessionOutput(events: [.message(message)])
    }

    private mutating func takePaired(_ message: Message) throws(WireError) -> SessionOutput {
        switch message {
        case .folderOffer(let offers):
            peerFolders.formUnion(offers.map(\.folder))
            guard peerFolders.count <= Limits.folders else {
                throw WireError(.tooMany, "Too many folders are offered.")
            }
        case .cancelRequest(let request):
            guard peerRequests.cancel(request) else { return SessionOutput() }
        case .compressed: try checkCompression()
        default:
            guard try localRequests.answer(message) else { return SessionOutput() }
        }
        return SessionOutput(events: [.message(message)])
    }

    private mutating func takeFolder(_ message: Message, bytes: Int) throws(WireError) -> SessionOutput {
        switch message {
        case .indexRequest(let request): try peerStreams.request(request)
        case .indexBatch(let batch):
            guard try localStreams.batch(batch, bytes: bytes) else { return SessionOutput() }
        case .barrier(let barrier): try peerBarriers.ask(barrier)
        case .barrierReached(let reached): try localBarriers.reach(reached)
        default: try peerRequests.open(message)
        }
        return SessionOutput(events: [.message(message)])
    }

    /// The other side may have offered it and not yet seen our offers, so this does not end the session.
    private mutating func refuse(_ message: Message, _ folder: FolderID) throws(WireError) -> SessionOutput {
        var output = SessionOutput(
            events: [.refused(WireError(.unknownFolder, "The folder \(folder) is not shared with this device."))])
        if let request = message.openedRequest {
            guard peerRequests.entries[request] == nil else {
                throw WireError(.tooMany, "The request number \(request) is under way already.")
            }
            output.frames = [try WireCodec.encode(.requestFailed(RequestFailed(request: request, code: .refused)))]
        } else if case .barrier(let barrier) = message {
            let reached = BarrierReached(
                folder: folder, token: barrier.token, reached: false, rootDigest: nil,
                reason: "The folder is not shared with this device.")
            output.frames = [try WireCodec.encode(.barrierReached(reached))]
        } else if case .barrierReached(let reached) = message {
            try localBarriers.reach(reached)
        }
        return output
    }

    static func closeCode(of error: WireError) -> CloseCode {
        switch error.code {
        case .versionMismatch: .version
        case .notPaired: .notPaired
        case .tooMany: .overloaded
        default: .protocolError
        }
    }
}
