public import SyncModel

/// Guards one connection: a value machine that lets through, in both directions, only what the protocol allows now.
///
/// Frames in, events and frames out. It does no I/O and has no clock: `now` is a monotonic time in milliseconds. It
/// knows nothing of records; what a message means is its user's matter.
///
/// Phases: before the hello of the other side; unpaired (pairing and joining only); paired, when both sides take each
/// other for paired; over. A folder is open once both sides have offered it, and only then spoken of. There is no
/// withdrawal: a side that no longer shares a folder closes the connection and offers the rest on the next one.
public struct PeerSession: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        case awaitingHello
        case open
        case over
    }

    let local: Hello
    let leastVersion: UInt32
    let begun: UInt64
    var phase = Phase.awaitingHello
    var helloSent = false
    var isLocalPaired: Bool
    var isPeerPaired = false
    /// What both sides have said that they can do.
    public internal(set) var agreed: Capabilities = []
    var heartbeat: Heartbeat
    /// Folders that this side has offered, and the other.
    var localFolders: Set<FolderID> = []
    var peerFolders: Set<FolderID> = []
    var localRequests = RequestLedger()
    var peerRequests = RequestLedger()
    var localStreams = IndexStreams()
    var peerStreams = IndexStreams()
    var localBarriers = BarrierLedger()
    var peerBarriers = BarrierLedger()
    var localJoins = 0
    var peerJoins = 0

    /// - Parameters:
    ///   - hello: This side's; `isPaired` is set by the session.
    ///   - isPaired: Whether this side takes the other for a paired device.
    ///   - leastVersion: The version last used with the other side: a lower one is refused as a downgrade.
    public init(hello: Hello, isPaired: Bool, leastVersion: UInt32 = WireVersion.oldest, now: UInt64) {
        var hello = hello
        hello.isPaired = isPaired
        local = hello
        self.leastVersion = leastVersion
        isLocalPaired = isPaired
        begun = now
        heartbeat = Heartbeat(now: now)
    }

    /// Whether both sides take each other for paired.
    public var isPaired: Bool { phase == .open && isLocalPaired && isPeerPaired }

    public var isOver: Bool { phase == .over }

    /// Folders that both sides have offered.
    public var openFolders: Set<FolderID> { localFolders.intersection(peerFolders) }

    /// Payload bytes of index batches that may be sent now; a batch may be sent while it is above 0.
    public func indexCredit(_ folder: FolderID) -> Int { max(0, peerStreams.streams[folder]?.credit ?? 0) }

    /// Requests of this side that are not answered yet, cancelled ones too, and bytes of content that they still await.
    public var requestsUnderWay: (count: Int, bytes: UInt64) { (localRequests.entries.count, localRequests.bytes) }

    /// The largest payload to accept of a frame of this type now: to be asked before the payload is read.
    public func payloadLimit(type: UInt8) -> Int {
        if isLocalPaired || (type == MessageType.joinReply.rawValue && localJoins > 0) { return Limits.frameBytes }
        return Limits.unpairedFrameBytes
    }

    /// This side's hello: the first frame. To be sent at once, without waiting for the other's.
    public mutating func start() throws(WireError) -> Frame {
        guard !helloSent, phase != .over else { throw WireError(.outOfState, "The hello was sent already.") }
        helloSent = true
        return try WireCodec.encode(.hello(local))
    }

    /// This side has durably taken the other for paired, by pairing or joining.
    public mutating func markPaired() throws(WireError) -> SessionOutput {
        guard phase == .open else { throw WireError(.outOfState, "The session is not open.") }
        guard !isLocalPaired else { return SessionOutput() }
        isLocalPaired = true
        return SessionOutput(
            frames: [try WireCodec.encode(.paired)], events: isPeerPaired ? [.paired] : [])
    }

    /// Bytes came that are not a whole frame yet.
    public mutating func heard(now: UInt64) { heartbeat.heard(now: now) }

    /// To be called about once a second.
    public mutating func tick(now: UInt64) -> SessionOutput {
        guard phase != .over else { return SessionOutput() }
        if !isLocalPaired, now >= begun, now - begun >= UInt64(Limits.unpairedSeconds) * 1_000 {
            return fail(WireError(.tooMany, "A device that is not paired stayed too long."), .overloaded)
        }
        switch heartbeat.tick(now: now) {
        case .quiet: return SessionOutput()
        case .dead:
            return fail(WireError(.truncated, "Nothing was heard for \(Limits.silenceMilliseconds) ms."), .timeout)
        case .ping(let number):
            guard phase == .open, let frame = try? WireCodec.encode(.ping(number)) else { return SessionOutput() }
            return SessionOutput(frames: [frame])
        }
    }

    /// Ends the session with a last frame.
    mutating func fail(_ error: WireError, _ code: CloseCode) -> SessionOutput {
        phase = .over
        let text = WireText.cleaned(error.message, limit: Limits.textBytes)
        let frame = try? WireCodec.encode(.close(Close(code: code, text: text)))
        return SessionOutput(frames: frame.map { [$0] } ?? [], events: [.failed(error)])
    }
}
