internal import SyncModel

/// A connection's life on its own thread: handshake, policy, service, end.
struct ConnectionThread: Sendable {
    let transport: Transport
    let socket: Socket
    let remoteAddress: SocketAddress
    let direction: Connection.Direction
    /// The only device that will do, for connections that we begin.
    let expected: DeviceID?
    let control: ConnectionControl
    let slot: Admission.Slot
    let handshakeDeadline: UInt64
    /// Called once a connection stands, before any frame.
    let established: @Sendable (Connection) -> ConnectionHandler
    /// Called instead of, or after, `established`: whether the connection came about.
    let outcome: @Sendable (Result<Connection, TransportError>) -> Void

    /// A control and a place for a new connection; closes the socket if there is none.
    static func admit(
        _ socket: Socket, to transport: Transport,
        place: (ConnectionControl) throws(TransportError) -> Admission.Slot
    ) throws(TransportError) -> (ConnectionControl, Admission.Slot) {
        let control: ConnectionControl
        do { control = try ConnectionControl() } catch {
            socket.close()
            throw error
        }
        do { return (control, try place(control)) } catch {
            socket.close()
            control.finish(.failed(error))
            throw error
        }
    }

    /// Starts the thread. Socket, slot and control are this value's from here on, even if it throws.
    func start() throws(TransportError) {
        do { try TransportThread(name: "connection") { run() }.detach() } catch {
            end(.failed(error), closed: nil)
            throw error
        }
    }

    private func run() {
        control.beginThread()
        let driver: ConnectionDriver
        let connection: Connection
        do {
            driver = try ConnectionDriver(
                context: direction == .incoming ? transport.accepting : transport.dialling, socket: socket,
                accepting: direction == .incoming, control: control,
                unpairedMilliseconds: transport.admission.limits.unpairedMilliseconds)
            connection = try introduce(driver)
        } catch {
            end(.failed(error), closed: nil)
            outcome(.failure(error))
            return
        }
        let handler = established(connection)
        driver.handler = handler
        outcome(.success(connection))
        let reason = driver.run()
        if reason.leavesSessionIntact { driver.sayGoodbyeIfPossible() }
        end(reason, closed: handler.closed)
    }

    /// Shakes hands and asks the policy; nothing of the peer was passed on yet.
    private func introduce(_ driver: ConnectionDriver) throws(TransportError) -> Connection {
        let introduction = try driver.shakeHands(deadline: handshakeDeadline)
        do {
            return try admit(introduction, cipherSuite: driver.session.cipherSuite)
        } catch {
            driver.sayGoodbyeIfPossible()
            throw error
        }
    }

    private func admit(
        _ introduction: ConnectionDriver.Introduction, cipherSuite: String
    ) throws(TransportError) -> Connection {
        let device = introduction.device
        if let expected, expected != device {
            throw .init(
                .unexpectedDevice, "At \(remoteAddress) is device \(device.short), not \(expected.short).")
        }
        let authorization = transport.authorize(device)
        guard authorization != .refuse else {
            throw .init(.deviceRefused, "Device \(device.short) at \(remoteAddress) is not wanted.")
        }
        try slot.establish(device, paired: authorization == .paired)
        if authorization == .paired { control.setPaired() }
        return Connection(
            peer: device, direction: direction, remoteAddress: remoteAddress, cipherSuite: cipherSuite,
            exporterSecret: introduction.exporterSecret, control: control, slot: slot)
    }

    private func end(_ reason: CloseReason, closed: (@Sendable (CloseReason) -> Void)?) {
        control.finish(reason)
        socket.close()
        closed?(reason)
        control.markEnded()
        slot.release()
    }
}

extension CloseReason {
    /// Whether a close_notify may still be written.
    fileprivate var leavesSessionIntact: Bool {
        switch self {
        case .closedHere, .closedByPeer: true
        case .failed(let error): [.unpairedTimedOut, .peerMisbehaved, .frameTooLong].contains(error.code)
        }
    }
}
