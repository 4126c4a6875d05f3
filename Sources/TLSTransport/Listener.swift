internal import Glibc
internal import SyncModel

/// Accepts connections at one or more addresses, on one thread that does nothing slow: every handshake runs on its
/// connection's thread.
public final class Listener: Sendable {
    /// Where it listens: with the real ports, wildcards as they were asked for.
    public let addresses: [SocketAddress]
    private let thread: TransportThread
    private let wake: WakeEvent
    private let stopping: Monitor<Bool>

    /// Listens at all of `addresses` or throws `listenFailed`. `[::]` takes IPv4 as well; port 0 lets the system
    /// choose.
    ///
    /// `established` is called on a new connection's thread and says what is to be done with it. `refused` is told on
    /// some thread why a caller was not let in: for logs.
    public init(
        transport: Transport, addresses: [SocketAddress],
        established: @escaping @Sendable (Connection) -> ConnectionHandler,
        refused: @escaping @Sendable (SocketAddress, TransportError) -> Void
    ) throws(TransportError) {
        var sockets: [Socket] = []
        var real: [SocketAddress] = []
        do {
            for address in addresses {
                let socket = try Socket.listening(at: address)
                sockets.append(socket)
                real.append(socket.localAddress ?? address)
            }
            wake = try WakeEvent()
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        self.addresses = real
        let stopping = Monitor(false)
        self.stopping = stopping
        let loop = AcceptLoop(
            transport: transport, sockets: sockets, wake: wake, stopping: stopping, established: established,
            refused: refused)
        do { thread = try TransportThread(name: "listener") { loop.run() } } catch {
            for socket in sockets { socket.close() }
            wake.close()
            throw error
        }
    }

    /// Stops accepting, closes the listening sockets and returns when both are done; connections live on. Further calls
    /// do nothing. Not from `refused`.
    public func close() {
        let first = stopping.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard first else { return }
        wake.signal()
        thread.join()
        wake.close()
    }

    deinit { close() }
}

/// The listener's thread.
private struct AcceptLoop: Sendable {
    let transport: Transport
    let sockets: [Socket]
    let wake: WakeEvent
    let stopping: Monitor<Bool>
    let established: @Sendable (Connection) -> ConnectionHandler
    let refused: @Sendable (SocketAddress, TransportError) -> Void

    /// How long to leave the queue alone when the process has no descriptors or memory left.
    private static let pauseMilliseconds: Int32 = 100

    func run() {
        var polled = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        polled.append(pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0))
        while !stopping.withLock({ $0 }) {
            _ = poll(&polled, nfds_t(polled.count), -1)
            var exhausted = false
            for (index, socket) in sockets.enumerated() where polled[index].revents != 0 {
                exhausted = !acceptAll(socket) || exhausted
            }
            if exhausted {
                var only = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
                _ = poll(&only, 1, Self.pauseMilliseconds)
            }
        }
        for socket in sockets { socket.close() }
    }

    /// Takes what waits, a bounded number; false if the system had nothing left to take it with.
    private func acceptAll(_ socket: Socket) -> Bool {
        for _ in 0..<64 {
            guard let (accepted, address) = socket.accept() else {
                switch errno {
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return false
                default: return true
                }
            }
            do { try begin(accepted, address) } catch {
                refused(address, error)
                if error.code == .outOfResources { return false }
            }
        }
        return true
    }

    /// Hands the socket to a thread of its own, or closes it and throws.
    private func begin(_ socket: Socket, _ address: SocketAddress) throws(TransportError) {
        let now = MonotonicClock.milliseconds
        let limits = transport.admission.limits
        let (control, slot) = try ConnectionThread.admit(socket, to: transport) { control throws(TransportError) in
            try transport.admission.admitIncoming(control, from: address, nowMilliseconds: now)
        }
        try ConnectionThread(
            transport: transport, socket: socket, remoteAddress: address, direction: .incoming, expected: nil,
            control: control, slot: slot, handshakeDeadline: now + UInt64(limits.handshakeMilliseconds),
            established: established,
            outcome: { [refused] outcome in
                if case .failure(let error) = outcome { refused(address, error) }
            }
        ).start()
    }
}
