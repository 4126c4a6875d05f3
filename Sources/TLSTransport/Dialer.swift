internal import Glibc
public import SyncModel

/// One attempt to connect to one device at any of several addresses. `dial` may be called once.
///
/// Addresses are tried in order, a further one every 250 ms while the earlier ones are silent; the first that proves to
/// be the device wins. An address where another device answers is passed over.
public final class Dialer: Sendable {
    private struct State {
        var cancelled = false
        var wake: WakeEvent?
        /// The handshake under way.
        var control: ConnectionControl?
    }

    static let staggerMilliseconds = 250
    private let transport: Transport
    private let monitor = Monitor(State())

    public init(transport: Transport) { self.transport = transport }

    /// Gives up: a `dial` under way throws `cancelled`. From any thread, at any time.
    public func cancel() {
        monitor.withLock { state in
            state.cancelled = true
            state.wake?.signal()
            state.control?.end(.now(.failed(Self.cancellation)))
        }
    }

    private static let cancellation = TransportError(.cancelled, "Connecting was given up.")

    /// Connects, or throws: `cancelled`, `connectTimedOut`, `limitReached`, or what went wrong with the most promising
    /// address (`unexpectedDevice`, `deviceRefused`, a failed handshake, `connectFailed`).
    ///
    /// Blocks up to `timeoutMilliseconds`. `expecting` pins the device; nil takes any that the policy lets in.
    /// `established` runs on the connection's thread before this returns. That the peer has also let *us* in is known
    /// only by its first frame: a refusal there closes the connection.
    public func dial(
        _ candidates: [SocketAddress], expecting expected: DeviceID?, timeoutMilliseconds: Int,
        established: @escaping @Sendable (Connection) -> ConnectionHandler
    ) throws(TransportError) -> Connection {
        let wake = try WakeEvent()
        monitor.withLock { state in
            state.wake = wake
            if state.cancelled { wake.signal() }
        }
        defer {
            monitor.withLock { $0.wake = nil }
            wake.close()
        }
        var attempts = DialAttempts(
            candidates: Array(candidates.prefix(Limits.dialCandidates)), wake: wake,
            deadline: MonotonicClock.deadline(in: timeoutMilliseconds))
        defer { attempts.closeAll() }
        while let (socket, address) = try attempts.next() {
            guard !monitor.withLock({ $0.cancelled }) else {
                socket.close()
                break
            }
            do {
                return try shakeHands(socket, address, expected, attempts.deadline, established)
            } catch {
                guard error.code != .cancelled, error.code != .limitReached else { throw error }
                attempts.failed(error)
            }
        }
        throw monitor.withLock({ $0.cancelled }) ? Self.cancellation : attempts.verdict
    }

    private func shakeHands(
        _ socket: Socket, _ address: SocketAddress, _ expected: DeviceID?, _ deadline: UInt64,
        _ established: @escaping @Sendable (Connection) -> ConnectionHandler
    ) throws(TransportError) -> Connection {
        let (control, slot) = try ConnectionThread.admit(socket, to: transport) { control throws(TransportError) in
            try transport.admission.admitOutgoing(control)
        }
        monitor.withLock { state in
            state.control = control
            if state.cancelled { control.end(.now(.failed(Self.cancellation))) }
        }
        let outcome = Monitor<Result<Connection, TransportError>?>(nil)
        let limit = MonotonicClock.deadline(in: transport.admission.limits.handshakeMilliseconds)
        defer { monitor.withLock { $0.control = nil } }
        try ConnectionThread(
            transport: transport, socket: socket, remoteAddress: address, direction: .outgoing, expected: expected,
            control: control, slot: slot, handshakeDeadline: min(deadline, limit), established: established,
            outcome: { result in outcome.announce { $0 = result } }
        ).start()
        let result = outcome.wait(until: nil) { $0 }
        // Whoever cancels while the handshake is known here has also ended the connection.
        let cancelled = monitor.withLock { state in
            state.control = nil
            return state.cancelled
        }
        guard let result, !cancelled else { throw Self.cancellation }
        return try result.get()
    }
}

/// The TCP side of a dialer: connection attempts that overlap.
private struct DialAttempts {
    private var waiting: ArraySlice<SocketAddress>
    private var pending: [(socket: Socket, address: SocketAddress)] = []
    private var nextStart: UInt64 = 0
    private var last: TransportError?
    private let wake: WakeEvent
    let deadline: UInt64

    init(candidates: [SocketAddress], wake: WakeEvent, deadline: UInt64) {
        waiting = candidates[...]
        self.wake = wake
        self.deadline = deadline
    }

    mutating func closeAll() {
        for attempt in pending { attempt.socket.close() }
        pending = []
    }

    /// What a candidate failed with. A device that answered says more than an address that didn't.
    mutating func failed(_ error: TransportError) {
        if let last, last.code != .connectFailed, error.code == .connectFailed { return }
        last = error
    }

    var verdict: TransportError {
        last ?? .init(.connectFailed, "There is no address at which the device could be reached.")
    }

    /// The next socket that is connected; nil when there is no candidate left or the dialer was woken to give up.
    mutating func next() throws(TransportError) -> (Socket, SocketAddress)? {
        while true {
            let now = MonotonicClock.milliseconds
            guard now < deadline else {
                throw last ?? .init(.connectTimedOut, "No address of the device answered in time.")
            }
            if let address = waiting.first, pending.isEmpty || now >= nextStart {
                waiting.removeFirst()
                nextStart = now + UInt64(Dialer.staggerMilliseconds)
                do { pending.append((try Socket.connecting(to: address), address)) } catch { failed(error) }
                continue
            }
            guard !pending.isEmpty else { return nil }
            var polled = pending.map { pollfd(fd: $0.socket.descriptor, events: Int16(POLLOUT), revents: 0) }
            polled.append(pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0))
            let timeout = MonotonicClock.pollTimeout(deadline, waiting.isEmpty ? nil : nextStart)
            guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { continue }
            if polled[polled.count - 1].revents != 0 { return nil }
            guard let index = polled.firstIndex(where: { $0.revents != 0 }) else { continue }
            let (socket, address) = pending.remove(at: index)
            let number = socket.pendingError
            if number == 0 { return (socket, address) }
            socket.close()
            failed(.init(.connectFailed, "\(address) can't be reached.", number: number))
        }
    }
}
