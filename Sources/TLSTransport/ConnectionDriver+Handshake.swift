internal import SyncModel

extension ConnectionDriver {
    /// What a handshake proved.
    struct Introduction {
        let device: DeviceID
        let exporterSecret: Bytes32
    }

    /// Shakes hands until `deadline` (milliseconds of `MonotonicClock`).
    func shakeHands(deadline: UInt64) throws(TransportError) -> Introduction {
        while true {
            // Nothing is queued yet that a graceful end could flush.
            if let ending = control.takeOrders().ending {
                guard case .now(.failed(let error)) = ending else {
                    throw .init(.cancelled, "The handshake was given up.")
                }
                throw error
            }
            switch session.shakeHands() {
            case .done: return try introduction()
            case .wantsRead: readBlocked = true
            case .wantsWrite: writeBlocked = true
            case .ended: throw .init(.handshakeFailed, "The peer closed the connection during the handshake.")
            case .failed(let error) where error.code == .truncated || error.code == .connectionLost:
                throw .init(
                    .handshakeFailed, "The peer ended the connection during the handshake.",
                    number: error.cause.number, openSSL: error.cause.openSSL)
            case .failed(let error): throw error
            }
            guard MonotonicClock.milliseconds < deadline else {
                throw .init(.handshakeTimedOut, "The peer did not finish the handshake in time.")
            }
            guard control.fallAsleep() else { continue }
            poll(timeoutMilliseconds: MonotonicClock.pollTimeout(deadline))
            control.wokeUp()
            (readBlocked, writeBlocked) = (false, false)
        }
    }

    private func introduction() throws(TransportError) -> Introduction {
        (readBlocked, writeBlocked, knownWritable) = (false, false, false)
        guard session.agreedOnProtocol else {
            throw .init(.protocolMismatch, "The peer doesn't speak lanyard/1.")
        }
        return Introduction(
            device: try session.peer(), exporterSecret: try session.exportKeyingMaterial(label: "EXPORTER-lanyard-1"))
    }
}
