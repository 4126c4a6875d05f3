internal import CSocket
internal import Glibc
internal import SyncModel

extension ConnectionDriver {
    /// Sends what is begun and what is queued as control, then close_notify, and reads until the peer closes too: bytes
    /// that were left unread would make the kernel reset the connection and destroy what we have just sent.
    func flush() throws(CloseReason) {
        let deadline = MonotonicClock.deadline(in: Limits.closeMilliseconds)
        var saidGoodbye = false
        (sendPausedUntil, receivePausedUntil, bulkHeld) = (nil, nil, false)
        handler?.sendLimit = nil
        while MonotonicClock.milliseconds < deadline {
            if case .now(let reason) = control.takeOrders().ending { throw reason }
            guard try discard() else { return }
            if !saidGoodbye, !writeBlocked { saidGoodbye = try flushTurn() }
            guard control.fallAsleep() else { continue }
            if readBlocked || writeBlocked { poll(timeoutMilliseconds: MonotonicClock.pollTimeout(deadline)) }
            control.wokeUp()
        }
    }

    /// True once everything and the goodbye are sent.
    private func flushTurn() throws(CloseReason) -> Bool {
        while outgoing.count > 0 || gatherControl() {
            guard try writeOnce() > 0 else { return false }
        }
        switch session.sayGoodbye() {
        case .done:
            Glibc.shutdown(socket.descriptor, Int32(SHUT_WR))
            return true
        case .failed, .ended: throw .closedHere
        case .wantsRead, .wantsWrite:
            writeBlocked = true
            return false
        }
    }

    /// Reads and drops a turn's bytes; false if the peer has closed or is gone.
    private func discard() throws(CloseReason) -> Bool {
        incoming.consume(incoming.count)
        var left = Self.turnBytes
        while left > 0, !readBlocked {
            switch session.read(into: incoming.space(least: RateLimit.pieceBytes)) {
            case .done(let count): left -= count
            case .wantsRead, .wantsWrite: readBlocked = true
            case .ended, .failed: return false
            }
        }
        return true
    }

    /// A last close_notify if the socket takes it at once: the peer then knows that nothing was cut off.
    func sayGoodbyeIfPossible() {
        guard outgoing.count == 0 else { return }
        _ = session.sayGoodbye()
    }
}
