/// What a session tells its user.
public enum SessionEvent: Hashable, Sendable {
    /// The other side's hello, and the version that both use. Comes once, first.
    case opened(Hello, version: UInt32)
    /// Both sides take each other for paired: folders may be offered.
    case paired
    /// A message that may be acted on. Pings, pongs, hellos and `paired` are dealt with by the session.
    case message(Message)
    /// A message about a folder that is not open, passed over; its sender was told where it awaits an answer.
    case refused(WireError)
    /// The other side closed. Nothing follows.
    case closed(Close)
    /// The session is over by a fault of the other side: drop the connection once the frames are out. Nothing follows.
    case failed(WireError)
}

/// What a call leads to: frames to send, in order, and events to handle.
public struct SessionOutput: Hashable, Sendable {
    public var frames: [Frame] = []
    public var events: [SessionEvent] = []

    public init(frames: [Frame] = [], events: [SessionEvent] = []) { (self.frames, self.events) = (frames, events) }
}
