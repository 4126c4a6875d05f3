/// Why a connection ended.
public enum CloseReason: Error, Equatable, Sendable, CustomStringConvertible {
    /// `close()` or `closeNow()` was called here.
    case closedHere
    /// The peer closed the session between two frames.
    case closedByPeer
    /// Anything else; the codes are those of `TransportError.Code`, "Connection".
    case failed(TransportError)

    public var description: String {
        switch self {
        case .closedHere: "closed here"
        case .closedByPeer: "closed by the peer"
        case .failed(let error): error.description
        }
    }
}
