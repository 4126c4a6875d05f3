internal import Synchronization
internal import SyncModel

extension ConnectionDriver {
    /// Reads and hands over frames until nothing is there, the turn is over, or the connection is to end.
    func readTurn() throws(CloseReason) {
        var left = Self.turnBytes
        let limit = handler?.receiveLimit
        while left > 0, !readBlocked, receivePausedUntil == nil {
            if let limit, let time = limit.pausedUntil(nowNanoseconds: MonotonicClock.nanoseconds) {
                receivePausedUntil = time
                return
            }
            let count = try readOnce()
            guard count > 0 else { return }
            limit?.consume(count)
            left -= count
            guard try deliver() else { return }
        }
    }

    /// Bytes of one record that are now in `incoming`; 0 if none came.
    private func readOnce() throws(CloseReason) -> Int {
        let space = incoming.space(least: RateLimit.pieceBytes)
        switch session.read(into: space) {
        case .done(let count):
            incoming.filled(count)
            control.bytesReceived.wrappingAdd(UInt64(count), ordering: .relaxed)
            control.lastReceived.store(MonotonicClock.milliseconds, ordering: .relaxed)
            return count
        case .wantsRead: readBlocked = true
        case .wantsWrite: (readBlocked, readAwaitsWrite, writeBlocked) = (true, true, true)
        case .ended:
            guard incoming.count == 0 else {
                throw .failed(.init(.truncated, "The peer closed the session within a frame."))
            }
            throw .closedByPeer
        case .failed(let error): throw .failed(error)
        }
        return 0
    }

    /// Hands over every whole frame; false if the handler ended the connection.
    private func deliver() throws(CloseReason) -> Bool {
        while let header = try nextHeader() {
            let whole = FrameHeader.byteCount + header.payloadBytes
            guard incoming.count >= whole else {
                // Room for the rest of the frame and for a record that reaches into the next one.
                _ = incoming.space(least: whole - incoming.count + RateLimit.pieceBytes)
                return true
            }
            let payload = UnsafeRawBufferPointer(rebasing: incoming.bytes[FrameHeader.byteCount..<whole])
            handler?.frame(header.type, payload)
            incoming.consume(whole)
            // The handler may have paired the device or ended the connection.
            guard control.isOpen else { return false }
            if !paired { paired = control.isPaired }
        }
        return true
    }

    private func nextHeader() throws(CloseReason) -> FrameHeader? {
        do throws(TransportError) {
            return try FrameHeader(
                beginning: incoming.bytes, limit: paired ? Limits.frameBytes : Limits.unpairedFrameBytes)
        } catch {
            throw .failed(error)
        }
    }
}
