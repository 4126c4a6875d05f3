internal import Logging
internal import SyncModel
internal import TLSTransport
public import WireProtocol

extension PeerLink {
    /// Sends a message. One that the protocol does not allow now is a fault of ours: it is logged and closes the link.
    /// After the link has closed, nothing happens.
    public func send(_ message: Message) {
        if case .joinRequest = message {
            // The reply may be long, and who we ask to join is a device that we chose.
            connection.markPaired()
        }
        do {
            try state.withLock { state throws(LinkFault) in
                guard !state.session.isOver else { return }
                try transmit(&state) { (session) throws(WireError) in [try session.send(message)] }
            }
        } catch {
            fail(error, sending: "\(message.type)")
        }
    }

    /// We have durably taken the device for paired. Also lifts the limits for strangers from the connection.
    public func markPaired() {
        connection.markPaired()
        do {
            try state.withLock { state throws(LinkFault) in
                guard !state.session.isOver else { return }
                var isPairedNow = false
                try transmit(&state) { (session) throws(WireError) in
                    let output = try session.markPaired()
                    isPairedNow = output.events.contains(.paired)
                    return output.frames
                }
                if isPairedNow { state.events.append(.paired) }
            }
        } catch {
            fail(error, sending: "paired")
        }
        // Events are told on the connection's thread, which is woken by this.
        connection.bulkReady()
    }

    /// Says why and closes, once what is queued has been sent.
    public func close(_ code: CloseCode, _ text: String) {
        state.withLock { state in
            if state.closing == nil { state.closing = (text, code) }
            guard !state.session.isOver else { return }
            let cut = String(decoding: Array(text.utf8.prefix(Limits.textBytes / 2)), as: UTF8.self)
            try? transmit(&state) { (session) throws(WireError) in
                [try session.send(.close(Close(code: code, text: cut)))]
            }
        }
        connection.close()
    }

    /// To be called about once a second, with a monotonic time in milliseconds.
    public func tick(now: UInt64) {
        let output = state.withLock { state in
            let output = state.session.tick(now: now)
            enqueue(output.frames)
            return output
        }
        handle(output)
        connection.bulkReady()
    }

    // MARK: Within the runtime

    /// What a message to send meets.
    enum LinkFault: Error {
        case session(WireError)
        case transport(TransportError)
    }

    func begin() {
        do {
            try state.withLock { state throws(LinkFault) in
                try transmit(&state) { (session) throws(WireError) in [try session.start()] }
            }
        } catch {
            fail(error, sending: "hello")
        }
    }

    /// Queues frames while the session is locked, so that they leave in the order in which the session made them.
    func transmit(
        _ state: inout State, _ make: (inout PeerSession) throws(WireError) -> [Frame]
    ) throws(LinkFault) {
        let frames: [Frame]
        do { frames = try make(&state.session) } catch { throw .session(error) }
        for frame in frames {
            do {
                try connection.send(type: frame.type, payload: frame.payload, priority: .control)
            } catch {
                throw .transport(error)
            }
        }
    }

    /// Queues what the session answers by itself.
    func enqueue(_ frames: [Frame]) {
        for frame in frames {
            do {
                try connection.send(type: frame.type, payload: frame.payload, priority: .control)
            } catch {
                if error.code != .closed { connection.closeNow(fault: error) }
                return
            }
        }
    }

    /// Sends an answer behind control frames and before content, waiting for room: the server's thread only, whose
    /// packer compresses it where that is worth while. False if the link has closed.
    /// - Throws: What the session refuses; nothing is sent then.
    func sendWaiting(_ message: Message, packing packer: FramePacker) throws(WireError) -> Bool {
        let plain = try state.withLock { state throws(WireError) -> Frame? in
            state.session.isOver ? nil : try state.session.send(message)
        }
        guard let plain else { return false }
        let frame = packer.pack(plain, for: self)
        while true {
            do {
                try connection.sendWaiting(
                    type: frame.type, payload: frame.payload, priority: .bulk, timeoutMilliseconds: 60_000)
                return true
            } catch {
                guard error.code == .queueTimedOut, connection.isOpen else { return false }
            }
        }
    }

    func fail(_ fault: LinkFault, sending what: String) {
        switch fault {
        case .session(let error):
            logger.error("a message of ours is refused", metadata: ["message": "\(what)", "error": "\(error)"])
            close(.protocolError, "An inner fault: \(error.code.rawValue).")
        case .transport(let error) where error.code == .closed: break
        case .transport(let error):
            logger.warning("the peer does not read", metadata: ["message": "\(what)", "error": "\(error)"])
            close(.overloaded, "Too much waits to be sent: \(error.code.rawValue).")
        }
    }
}
