public import Logging
public import SyncEngine
public import SyncModel
public import TLSTransport
public import WireProtocol

/// One connection with a device and its protocol session: guards what comes and goes, answers what needs no decision,
/// and tells an observer the rest. Any thread.
///
/// Request numbers below 2^31 are the engine's own; the others are taken by fetchers.
public final class PeerLink: Sendable {
    /// Is told what comes; see `LinkEvent`.
    public typealias Observer = @Sendable (ConnectionID, LinkEvent) -> Void

    struct State {
        var session: PeerSession
        /// Why it ends, from the first that knew.
        var closing: (reason: String, code: CloseCode?)?
        var requests = RequestTable()
        var folders: [FolderID: FolderServices] = [:]
        /// The logs that the peer has, as it said on this link.
        var epochs: [FolderID: IndexEpoch] = [:]
        var fetchers: [ObjectIdentifier: FetcherCalls] = [:]
        var server: LinkServer?
        /// To be told on the connection's thread.
        var events: [LinkEvent] = []
        var isClosed = false
    }

    public let id: ConnectionID
    public let connection: Connection
    let logger: Logger
    let observer: Observer
    let state: Monitor<State>
    let contents = ContentServer()
    let unpacker = FrameUnpacker()

    /// Sends the hello at once. To be made in `established` of a listener or dialer, which then returns `handler`.
    /// - Parameters:
    ///   - isPaired: Whether we take the device for a paired one.
    ///   - leastVersion: The version last used with it.
    ///   - observer: See `LinkEvent`.
    public init(
        id: ConnectionID, connection: Connection, hello: Hello, isPaired: Bool,
        leastVersion: UInt32 = WireVersion.oldest, logger: Logger, observer: @escaping Observer
    ) {
        self.id = id
        self.connection = connection
        var logger = logger
        logger[metadataKey: "peer"] = "\(connection.peer.short)"
        logger[metadataKey: "connection"] = "\(id.number)"
        self.logger = logger
        self.observer = observer
        state = Monitor(
            State(
                session: PeerSession(
                    hello: hello, isPaired: isPaired, leastVersion: leastVersion, now: MonotonicClock.milliseconds)))
        begin()
    }

    /// The device at the other end.
    public var peer: DeviceID { connection.peer }

    /// What the transport calls. Keeps the link alive as long as the connection lives.
    public var handler: ConnectionHandler {
        ConnectionHandler(
            frame: { type, payload in self.receive(type, payload) },
            produceBulk: { buffer in
                self.tellEvents()
                return self.contents.produce(into: buffer, for: self)
            },
            closed: { reason in self.ended(reason) })
    }

    // MARK: State

    /// Bytes of frames sent and received as they travel, for rates: what is compressed counts as that.
    public var bytesSent: UInt64 { connection.bytesSent }
    public var bytesReceived: UInt64 { connection.bytesReceived }
    /// Bytes that wait to be sent, but for content.
    public var pendingBytes: Int { connection.queuedBytes.control + connection.queuedBytes.bulk }
    /// Whether both sides take each other for paired.
    public var isPaired: Bool { state.withLock { $0.session.isPaired } }

    /// Thirty-two bytes that only the two ends of this session know, equal on both; see `PairingTranscript` and
    /// `JoinProof`.
    public func exporter(_ label: ExporterLabel) -> [UInt8] {
        connection.exporter(label: label.rawValue, count: 32)
    }

    /// What a secret of the session is for: its label is `EXPORTER-lanyard-` and this.
    public enum ExporterLabel: String, Sendable {
        case pairing
        case join
    }
}
