internal import Logging
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

extension PeerLink {
    /// A frame came: the connection's thread.
    func receive(_ type: UInt8, _ payload: UnsafeRawBufferPointer) {
        tellEvents()
        // Of a payload that is too large, one byte too many is enough for the session to refuse it.
        let limit = state.withLock { $0.session.payloadLimit(type: type) }
        take(Frame(type: type, payload: Array(payload.prefix(limit + 1))))
    }

    /// Takes a frame, whether it came by itself or packed.
    func take(_ frame: Frame) {
        let now = MonotonicClock.milliseconds
        let (output, hasRoom) = state.withLock { state in
            let before = state.session.requestsUnderWay.count
            let output = state.session.receive(frame, now: now)
            enqueue(output.frames)
            return (output, state.session.requestsUnderWay.count < before)
        }
        handle(output, bytes: frame.payload.count)
        if hasRoom { roomCame() }
    }

    /// Tells what came about on other threads.
    func tellEvents() {
        let events = state.withLock { state in
            defer { if !state.events.isEmpty { state.events = [] } }
            return state.events
        }
        for event in events { observer(id, event) }
    }

    /// - Parameter bytes: of the payload that led to it, if one did.
    func handle(_ output: SessionOutput, bytes: Int = 0) {
        for event in output.events {
            switch event {
            case .opened(let hello, let version): observer(id, .opened(hello, version: version))
            case .paired: observer(id, .paired)
            case .message(let message): route(message, bytes: bytes)
            case .refused(let error): logger.debug("a message is passed over", metadata: ["error": "\(error)"])
            case .closed(let close): end(close.text, close.code)
            case .failed(let error):
                logger.warning("the peer broke the protocol", metadata: ["error": "\(error)"])
                end("\(error)", output.closeCode)
            }
        }
    }

    /// A content or a message that the session could not judge is wrong: the peer's fault.
    func refuse(_ text: String) {
        logger.warning("the peer broke the protocol", metadata: ["error": "\(text)"])
        close(.protocolError, text)
    }

    private func end(_ reason: String, _ code: CloseCode?) {
        state.withLock { state in
            if state.closing == nil { state.closing = (reason, code) }
        }
        connection.close()
    }

    private func route(_ message: Message, bytes: Int) {
        switch message {
        case .contentRequest(let request): serve(request)
        case .cancelRequest(let request): contents.cancel(request, for: self)
        case .chunkListRequest, .bucketRequest, .recordsWanted, .everHeldQuery, .indexRequest: serve(message)
        case .compressed(let frames): receive(frames)
        case .contentData(let data): answer(data.request, .content(data))
        case .chunkListData(let data): answer(data.request, .chunkList(data))
        case .requestFailed(let failed) where failed.request >= RequestTable.firstNumber:
            answer(failed.request, .failed(failed.code))
        case .indexBatch(let batch): receive(batch, bytes: bytes)
        case .folderState(let folderState):
            state.withLock { $0.epochs[folderState.folder] = folderState.epoch }
            observer(id, .message(message))
        default: observer(id, .message(message))
        }
    }

    private func answer(_ number: UInt32, _ answer: FetchAnswer) {
        let take = state.withLock { $0.requests.answer(number, isLast: answer.isLast) }
        take?(answer)
    }

    /// The connection ended: its thread, last of all.
    func ended(_ reason: CloseReason) {
        let (closing, pending, fetchers, server) = state.withLock { state in
            state.isClosed = true
            defer { (state.folders, state.fetchers, state.server) = ([:], [:], nil) }
            for services in state.folders.values { services.detach(id) }
            return (state.closing, state.requests.removeAll(), Array(state.fetchers.values), state.server)
        }
        server?.stop()
        contents.close()
        for take in pending { take(.closed) }
        for calls in fetchers { calls.closed() }
        observer(id, .closed(reason: closing?.reason ?? "\(reason)", code: closing?.code))
    }
}

extension SessionOutput {
    /// The code of the close message among the frames.
    var closeCode: CloseCode? {
        for frame in frames where frame.type == MessageType.close.rawValue {
            if let message = try? WireCodec.decode(frame), case .close(let close) = message { return close.code }
        }
        return nil
    }
}
