internal import Synchronization
internal import SyncModel

extension ConnectionDriver {
    /// Control frames are gathered up to this many bytes before they are written.
    private static let gatherBytes = 64 << 10

    /// Writes until nothing is left, the socket takes no more, or the turn is over.
    func writeTurn() throws(CloseReason) {
        var left = Self.turnBytes
        while left > 0, !writeBlocked, sendPausedUntil == nil {
            if outgoing.count == 0, !refill() { return }
            let count = try writeOnce()
            guard count > 0 else { return }
            left -= count
        }
    }

    /// Bytes that the session took; 0 if none.
    func writeOnce() throws(CloseReason) -> Int {
        var length = min(outgoing.count, TLSSession.writeBytes)
        if outgoingIsBulk, let limit = handler?.sendLimit, limit.isLimited {
            if let time = limit.pausedUntil(nowNanoseconds: MonotonicClock.nanoseconds) {
                sendPausedUntil = time
                return 0
            }
            length = min(length, RateLimit.pieceBytes)
        }
        length = max(length, min(offeredBytes, outgoing.count))
        knownWritable = false
        switch session.write(UnsafeRawBufferPointer(rebasing: outgoing.bytes.prefix(length))) {
        case .done(let count):
            offeredBytes = 0
            outgoing.consume(count)
            handler?.sendLimit?.consume(count)
            control.bytesSent.wrappingAdd(UInt64(count), ordering: .relaxed)
            return count
        case .wantsWrite, .wantsRead:
            offeredBytes = length
            writeBlocked = true
        case .ended: throw .closedByPeer
        case .failed(let error): throw .failed(error)
        }
        return 0
    }

    /// Puts the next frames into `outgoing`: waiting control frames, else bulk if the socket takes bytes.
    private func refill() -> Bool {
        outgoingIsBulk = false
        if gatherControl() { return true }
        guard producerReady && handler?.produceBulk != nil || control.hasBulk else {
            sendIdle = true
            return false
        }
        guard knownWritable else {
            bulkHeld = true
            return false
        }
        outgoingIsBulk = true
        measureLink()
        while outgoing.count < Self.gatherBytes, let frame = control.nextFrame(.bulk) { append(frame) }
        while outgoing.count < Self.gatherBytes, producerReady { produce() }
        return outgoing.count > 0
    }

    /// Looks at what became of the bytes before, so that whoever makes the next bulk frame knows the link.
    private func measureLink() {
        guard let look = socket.progress(nanoseconds: MonotonicClock.nanoseconds) else { return }
        linkMeter.take(look)
        let limit = handler?.sendLimit?.bytesPerSecond ?? 0
        let rate = limit > 0 ? min(UInt64(limit), linkMeter.bytesPerSecond) : linkMeter.bytesPerSecond
        control.linkBytesPerSecond.store(rate, ordering: .relaxed)
    }

    /// Moves waiting control frames into `outgoing`; false if there was none.
    func gatherControl() -> Bool {
        while outgoing.count < Self.gatherBytes, let frame = control.nextFrame(.control) { append(frame) }
        return outgoing.count > 0
    }

    private func append(_ frame: FrameQueue.Frame) {
        let space = outgoing.space(
            least: FrameHeader.byteCount + frame.payload.count, aligningAfter: FrameHeader.byteCount)
        guard let start = space.baseAddress else { return }
        FrameHeader(type: frame.type, payloadBytes: frame.payload.count).write(to: start)
        outgoing.filled(FrameHeader.byteCount)
        outgoing.append(frame.payload)
    }

    /// Lets the producer write one frame in place.
    private func produce() {
        guard let produceBulk = handler?.produceBulk else {
            producerReady = false
            return
        }
        let limit = paired ? Limits.frameBytes : Limits.unpairedFrameBytes
        let space = outgoing.space(least: FrameHeader.byteCount + limit, aligningAfter: FrameHeader.byteCount)
        let payload = UnsafeMutableRawBufferPointer(
            rebasing: space[FrameHeader.byteCount..<FrameHeader.byteCount + limit])
        guard let start = space.baseAddress, let (type, length) = produceBulk(payload) else {
            producerReady = false
            return
        }
        precondition(length >= 0 && length <= limit, "the producer claims more bytes than its buffer has")
        FrameHeader(type: type, payloadBytes: length).write(to: start)
        outgoing.filled(FrameHeader.byteCount + length)
    }
}
