internal import Glibc
internal import SyncModel
internal import Synchronization

/// A connection's inner side: the only user of its session and socket, on the connection's own thread.
///
/// The halves are in `ConnectionDriver+Reading`, `+Writing`, `+Handshake` and `+Closing`; this file holds the loop.
final class ConnectionDriver {
    let session: TLSSession
    let socket: Socket
    let control: ConnectionControl
    let unpairedMilliseconds: Int
    var handler: ConnectionHandler?

    let incoming = TransferBuffer()
    let outgoing = TransferBuffer()
    /// What the session last said it waits for before it can go on.
    var readBlocked = false
    var writeBlocked = false
    /// Reading goes on once the socket takes bytes: an answer within the session comes first.
    var readAwaitsWrite = false
    /// poll(2) said so and nothing was written since.
    var knownWritable = false
    /// Bulk waits for the socket to take bytes.
    var bulkHeld = false
    /// Nothing is left to send until an order comes.
    var sendIdle = false
    /// The producer has not yet said that it is empty.
    var producerReady = false
    /// The waiting bytes of `outgoing` hold a bulk frame: the rate limit applies.
    var outgoingIsBulk = false
    /// What was offered to the session and must be offered again.
    var offeredBytes = 0
    var paired = false
    var receivePausedUntil: UInt64?
    var sendPausedUntil: UInt64?
    var linkMeter = LinkMeter()

    /// What is read or written before the other direction is looked at.
    static let turnBytes = 256 << 10
    /// After so long without work, large buffers are given back.
    private static let restMilliseconds = 5_000

    init(
        context: TLSContext, socket: Socket, accepting: Bool, control: ConnectionControl, unpairedMilliseconds: Int
    ) throws(TransportError) {
        session = try TLSSession(context, socket: socket, accepting: accepting)
        self.socket = socket
        self.control = control
        self.unpairedMilliseconds = unpairedMilliseconds
    }

    /// Serves the connection until it ends. The socket is still open afterwards.
    func run() -> CloseReason {
        do {
            try serve()
            try flush()
            return .closedHere
        } catch {
            return error
        }
    }

    /// Returns when a graceful end is ordered, throws any other end.
    private func serve() throws(CloseReason) {
        let unpairedDeadline = MonotonicClock.deadline(in: unpairedMilliseconds)
        while true {
            let orders = control.takeOrders()
            switch orders.ending {
            case .now(let reason): throw reason
            case .gracefully: return
            case nil: break
            }
            paired = orders.paired
            if orders.bulkReady { producerReady = true }
            if orders.signalled { sendIdle = false }
            if !paired, MonotonicClock.milliseconds >= unpairedDeadline {
                throw .failed(.init(.unpairedTimedOut, "The peer did not pair in time."))
            }
            liftPauses()
            try readTurn()
            try writeTurn()
            rest(until: paired ? nil : unpairedDeadline)
        }
    }

    private var canRead: Bool { !readBlocked && receivePausedUntil == nil }
    private var canWrite: Bool { !writeBlocked && !bulkHeld && !sendIdle && sendPausedUntil == nil }

    /// Learns what became possible; sleeps if nothing is left to do.
    private func rest(until deadline: UInt64?) {
        if canRead || canWrite {
            if readBlocked || writeBlocked || bulkHeld { poll(timeoutMilliseconds: 0) }
            return
        }
        guard control.fallAsleep() else { return }
        let idle = incoming.isLarge || outgoing.isLarge ? MonotonicClock.deadline(in: Self.restMilliseconds) : nil
        let timeout = MonotonicClock.pollTimeout(deadline, receivePausedUntil, sendPausedUntil, idle)
        let saw = poll(timeoutMilliseconds: timeout)
        control.wokeUp()
        if let idle, !saw, MonotonicClock.milliseconds >= idle {
            incoming.rest()
            outgoing.rest()
        }
    }

    private func liftPauses() {
        guard receivePausedUntil != nil || sendPausedUntil != nil else { return }
        let now = MonotonicClock.milliseconds
        if let time = receivePausedUntil, time <= now { receivePausedUntil = nil }
        if let time = sendPausedUntil, time <= now { sendPausedUntil = nil }
    }

    /// Asks the socket about the directions that wait for it; true if either may go on.
    @discardableResult
    func poll(timeoutMilliseconds: Int32) -> Bool {
        let ready = Readiness.wait(
            socket.descriptor, read: readBlocked && receivePausedUntil == nil, write: writeBlocked || bulkHeld,
            event: control.wake.descriptor, timeoutMilliseconds: timeoutMilliseconds)
        if ready.readable { readBlocked = false }
        if ready.writable {
            if readAwaitsWrite { (readBlocked, readAwaitsWrite) = (false, false) }
            (writeBlocked, bulkHeld) = (false, false)
            knownWritable = true
        }
        return ready.readable || ready.writable
    }
}
