/// Holds a home while no agent runs on it: for commands that work on its files.
///
/// It is given up when this object goes, or with the process.
public final class HomeLock: Sendable {
    private let socket: HomeSocket

    /// Throws `agentRunning` while an agent runs on this home, and `noAgent` if there is no such home.
    public init(home: String) throws(ControlError) {
        _ = try HomeSocket(reaching: home)
        socket = try HomeSocket(owning: home)
    }

    deinit { socket.release() }
}
