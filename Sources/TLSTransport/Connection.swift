public import SyncModel
internal import Cryptography
internal import Synchronization

/// Which frames go first. Control overtakes bulk between two frames, never within one.
public enum Priority: Sendable {
    case control
    case bulk
}

/// What the upper layer does with a connection. All closures run on the connection's thread, one at a time; while one
/// runs, the connection neither reads nor writes.
public struct ConnectionHandler: Sendable {
    /// A frame came. The bytes are valid until the closure returns; to block is back-pressure on the peer.
    public var frame: @Sendable (_ type: UInt8, _ payload: UnsafeRawBufferPointer) -> Void
    /// Fills the buffer (`Limits.frameBytes` long) with the payload of the next bulk frame, or returns nil: then it is
    /// not called again before `bulkReady()`. Called only when no control frame waits and the socket takes bytes.
    public var produceBulk: (@Sendable (UnsafeMutableRawBufferPointer) -> (type: UInt8, length: Int)?)?
    /// The connection ended: called exactly once, last of all, after its socket is closed.
    public var closed: @Sendable (CloseReason) -> Void
    /// Budgets of bytes a second, possibly shared with other connections. Sending: control frames never wait.
    public var sendLimit: RateLimit?
    public var receiveLimit: RateLimit?

    public init(
        frame: @escaping @Sendable (_ type: UInt8, _ payload: UnsafeRawBufferPointer) -> Void,
        produceBulk: (@Sendable (UnsafeMutableRawBufferPointer) -> (type: UInt8, length: Int)?)? = nil,
        closed: @escaping @Sendable (CloseReason) -> Void,
        sendLimit: RateLimit? = nil, receiveLimit: RateLimit? = nil
    ) {
        self.frame = frame
        self.produceBulk = produceBulk
        self.closed = closed
        self.sendLimit = sendLimit
        self.receiveLimit = receiveLimit
    }
}

/// A TLS connection with a known device. Every method may be called from any thread unless said otherwise.
///
/// It lives until it is closed, whether or not anyone holds this value.
public final class Connection: Sendable {
    /// Which side began.
    public enum Direction: Sendable {
        case incoming
        case outgoing
    }

    /// The device at the other end, proved by the handshake.
    public let peer: DeviceID
    public let direction: Direction
    public let remoteAddress: SocketAddress
    /// The cipher suite's standard name.
    public let cipherSuite: String
    private let exporterSecret: Bytes32
    let control: ConnectionControl
    private let slot: Admission.Slot

    init(
        peer: DeviceID, direction: Direction, remoteAddress: SocketAddress, cipherSuite: String,
        exporterSecret: Bytes32, control: ConnectionControl, slot: Admission.Slot
    ) {
        self.peer = peer
        self.direction = direction
        self.remoteAddress = remoteAddress
        self.cipherSuite = cipherSuite
        self.exporterSecret = exporterSecret
        self.control = control
        self.slot = slot
    }

    // MARK: Sending

    /// Queues a frame. Throws `queueFull` if there is no room, `closed`, or `frameTooLong`.
    public func send(type: UInt8, payload: [UInt8], priority: Priority) throws(TransportError) {
        try control.enqueue(.init(type: type, payload: payload), priority)
    }

    /// Queues a frame as soon as there is room. Throws also `queueTimedOut`, and `wouldBlockItself` when it is called
    /// from one of the handler's closures.
    public func sendWaiting(
        type: UInt8, payload: [UInt8], priority: Priority, timeoutMilliseconds: Int
    ) throws(TransportError) {
        let deadline = MonotonicClock.deadline(in: timeoutMilliseconds)
        try control.enqueueWaiting(.init(type: type, payload: payload), priority, deadline: deadline)
    }

    /// The producer has something: it is called until it returns nil.
    public func bulkReady() { control.bulkReady() }

    // MARK: State

    /// Bytes of frames, headers included, before encryption.
    public var bytesSent: UInt64 { control.bytesSent.load(ordering: .relaxed) }
    public var bytesReceived: UInt64 { control.bytesReceived.load(ordering: .relaxed) }
    /// What the link takes, or the limit for sending if that is less: measured while more waits to be sent than it
    /// takes, grown while it keeps up.
    public var linkBytesPerSecond: UInt64 { control.linkBytesPerSecond.load(ordering: .relaxed) }
    /// When bytes last came, in milliseconds of `MonotonicClock`; at first, when the connection was begun.
    public var lastReceivedMilliseconds: UInt64 { control.lastReceived.load(ordering: .relaxed) }
    /// Bytes that wait in the queues.
    public var queuedBytes: (control: Int, bulk: Int) { control.queuedBytes }
    public var isOpen: Bool { control.isOpen }

    /// `count` bytes (at most 8,160) that only the two ends of this TLS session can compute, and different for every
    /// label: HKDF-Expand of the session's exporter `EXPORTER-lanyard-1`, with `EXPORTER-lanyard-` and the label as
    /// information. Equal on both ends.
    public func exporter(label: String, count: Int) -> [UInt8] {
        HKDFSHA256.expand(exporterSecret, information: Array("EXPORTER-lanyard-\(label)".utf8), count: count)
    }

    /// The peer has been paired over this connection: it no longer counts as a stranger, and its frames may be long.
    public func markPaired() {
        slot.markPaired()
        control.setPaired()
    }

    // MARK: Closing

    /// Flushes queued control frames, drops bulk, says goodbye and closes, within `Limits.closeMilliseconds`. Returns
    /// at once; no further frame is handed over or taken.
    public func close() { control.end(.gracefully) }

    /// Closes at once. `fault` is given as the reason when the peer was at fault.
    public func closeNow(fault: TransportError? = nil) {
        control.end(.now(fault.map { .failed($0) } ?? .closedHere))
    }

    /// Waits until the `closed` closure has returned; nil if that took longer. Not for the handler's closures.
    public func awaitClosed(timeoutMilliseconds: Int) -> CloseReason? {
        control.awaitEnd(deadline: MonotonicClock.deadline(in: timeoutMilliseconds))
    }
}
