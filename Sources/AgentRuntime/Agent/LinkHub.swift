internal import Glibc
internal import Logging
internal import SyncEngine
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

/// All connections: accepts them, dials, and turns what links say into events.
final class LinkHub: Sendable {
    private struct Entry {
        let link: PeerLink
        let begun: UInt64
        let attempt: DialAttempt?
        let saidPaired: Bool
        var isOpen = false
    }

    private struct State {
        var last: UInt64 = 0
        var links: [ConnectionID: Entry] = [:]
        var listener: Listener?
        var listening: [String] = []
        /// Devices taken for paired, and those that are refused.
        var paired: Set<DeviceID> = []
        var removed: Set<DeviceID> = []
        /// Of connections that have ended, for rates.
        var sentBefore: UInt64 = 0
        var receivedBefore: UInt64 = 0
    }

    private let transport: Transport
    private let engine: Engine
    private let deviceName: String
    private let generation: UInt64
    private let limits: RateLimiting
    private let logger: Logger
    private let state: Monitor<State>
    /// Told of each link with a device that is paired, before its events.
    private static let dialMilliseconds = 10_000

    init(
        identity: Identity, engine: Engine, deviceName: String, limits: RateLimiting, logger: Logger
    ) throws(TransportError) {
        let state = Monitor(State())
        self.state = state
        (self.engine, self.deviceName, self.limits, self.logger) = (engine, deviceName, limits, logger)
        generation = UInt64(max(0, time(nil)))
        transport = try Transport(identity: identity) { device in
            state.withLock { state in
                if state.removed.contains(device) { return .refuse }
                return state.paired.contains(device) ? .paired : .unpaired
            }
        }
    }

    /// - Throws: `.listenFailed` …
    func listen(_ addresses: [SocketAddress]) throws(TransportError) -> [SocketAddress] {
        let listener = try Listener(
            transport: transport, addresses: addresses,
            established: { [self] connection in handler(connection, attempt: nil) },
            refused: { [logger] address, error in
                logger.debug("a caller was refused", metadata: ["address": "\(address)", "error": "\(error)"])
            })
        state.withLock { state in
            state.listener = listener
            state.listening = AddressResolver.expand(listener.addresses)
        }
        return listener.addresses
    }

    var listening: [String] { state.withLock { $0.listening } }

    func stop() {
        let listener = state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        listener?.close()
        for link in links { link.close(.goingAway, "The agent stops.") }
        _ = transport.closeAll(timeoutMilliseconds: 3_000)
    }

    // MARK: What the machine decides

    func know(paired: Set<DeviceID>, removed: Set<DeviceID>) {
        state.withLock { state in (state.paired, state.removed) = (paired, removed) }
    }

    func link(_ connection: ConnectionID) -> PeerLink? { state.withLock { $0.links[connection]?.link } }

    var links: [PeerLink] { state.withLock { $0.links.values.map(\.link) } }

    /// About once a second.
    func tick() {
        let now = MonotonicClock.milliseconds
        for link in links { link.tick(now: now) }
    }

    /// Bytes sent and received since the start.
    var traffic: (sent: UInt64, received: UInt64) {
        state.withLock { state in
            state.links.values.reduce((state.sentBefore, state.receivedBefore)) { sum, entry in
                (sum.0 + entry.link.bytesSent, sum.1 + entry.link.bytesReceived)
            }
        }
    }

    func dial(_ attempt: DialAttempt, _ target: DialTarget, _ addresses: [String]) {
        do throws(AgentError) {
            // A thread for the attempt: names are looked up and sockets awaited on it.
            let thread = try WorkerThread(name: "dial")
            thread.post { [self] in
                dialNow(attempt, target, addresses)
                thread.stop()
            }
        } catch {
            engine.post(.peers(.dialFailed(attempt, message: error.message)))
        }
    }

    private func dialNow(_ attempt: DialAttempt, _ target: DialTarget, _ addresses: [String]) {
        let candidates = addresses.flatMap(AddressResolver.resolve)
        logger.debug("a dial", metadata: ["target": "\(target)", "addresses": "\(addresses)"])
        var expected: DeviceID?
        if case .device(let device) = target { expected = device }
        do throws(TransportError) {
            _ = try Dialer(transport: transport).dial(
                candidates, expecting: expected, timeoutMilliseconds: Self.dialMilliseconds
            ) { [self] connection in handler(connection, attempt: attempt) }
        } catch {
            logger.debug("a dial failed", metadata: ["addresses": "\(addresses)", "error": "\(error)"])
            engine.post(.peers(.dialFailed(attempt, message: error.description)))
        }
    }

    // MARK: Connections

    private func handler(_ connection: Connection, attempt: DialAttempt?) -> ConnectionHandler {
        let (id, isPaired, listening) = state.withLock { state in
            state.last += 1
            return (ConnectionID(state.last), state.paired.contains(connection.peer), state.listening)
        }
        let hello = Hello(
            agentVersion: AgentVersion.text, deviceName: deviceName, capabilities: [.inlineContent, .zstd],
            listen: listening, generation: generation)
        let link = PeerLink(
            id: id, connection: connection, hello: hello, isPaired: isPaired, logger: logger
        ) { [self] id, event in take(event, of: id) }
        state.withLock { state in
            state.links[id] = Entry(
                link: link, begun: MonotonicClock.nanoseconds, attempt: attempt, saidPaired: isPaired)
        }
        var handler = link.handler
        (handler.sendLimit, handler.receiveLimit) = (limits.send, limits.receive)
        return handler
    }

    private func take(_ event: LinkEvent, of id: ConnectionID) {
        guard let entry = state.withLock({ $0.links[id] }) else { return }
        let link = entry.link
        switch event {
        case .opened(let hello, _):
            state.withLock { $0.links[id]?.isOpen = true }
            engine.postWaiting(.peers(.linkOpened(description(of: entry, id, hello))))
        case .paired: engine.postWaiting(.peers(.linkPaired(id)))
        case .message(let message): engine.postWaiting(.message(id, link.peer, message))
        case .indexBatch(let batch, let inline, let bytes):
            let held = inline.map { HeldContent(content: $0.content, handle: $0.handle.number) }
            engine.postWaiting(.indexBatch(id, link.peer, batch, inline: held, bytes: bytes))
        case .closed(let reason, let code):
            let ended = state.withLock { state -> Entry? in
                state.sentBefore += link.bytesSent
                state.receivedBefore += link.bytesReceived
                return state.links.removeValue(forKey: id)
            }
            logger.debug("a connection ended", metadata: ["peer": "\(link.peer.short)", "reason": "\(reason)"])
            if ended?.isOpen == true {
                let lived = MonotonicClock.nanoseconds - entry.begun
                engine.post(.peers(.linkClosed(id, code: code, livedNanoseconds: lived)))
            } else if let attempt = entry.attempt {
                engine.post(.peers(.dialFailed(attempt, message: reason)))
            }
        }
    }

    private func description(of entry: Entry, _ id: ConnectionID, _ hello: Hello) -> Link {
        let link = entry.link
        return Link(
            connection: id, device: link.peer,
            direction: link.connection.direction == .incoming ? .incoming : .outgoing,
            remoteAddress: link.connection.remoteAddress.description, hello: hello, saidPaired: entry.saidPaired,
            attempt: entry.attempt, pairingExporter: Bytes32(link.exporter(.pairing)) ?? .zero,
            joinExporter: Bytes32(link.exporter(.join)) ?? .zero)
    }
}
