public import ControlAPI
import Hummingbird
import Logging
import ServiceLifecycle

/// The local API of an agent: HTTP with JSON on the Unix socket `control.sock` in the home.
///
/// The home must exist, be this user's and closed to others (0700). One server a home: a second is refused with
/// `agentRunning`, and a socket that a dead agent left is replaced. Only processes of the same user (and root) are
/// answered.
public final class ControlServer: Sendable {
    private let socket: HomeSocket
    private let group: ServiceGroup

    /// Takes the home; nothing listens before `run`.
    /// - Parameters:
    ///   - stopSeconds: what calls that are under way at a stop get to end.
    ///   - whenReady: called once the socket accepts connections.
    public init(
        home: String, control: any AgentControl, stopSeconds: Int = ControlLimits.stopSeconds,
        whenReady: @escaping @Sendable () async -> Void
    ) throws(ControlError) {
        let socket = try HomeSocket(owning: home)
        var logger = Logger(label: "lanyard.control")
        // What fails is thrown or answered; below this level the server only tells of calls that were cut off.
        logger.logLevel = .critical
        let application = Application(
            router: ControlRoutes(control).router,
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket.path)),
            onServerRunning: { _ in
                socket.restrictMode()
                await whenReady()
            },
            logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(stopSeconds)
        self.socket = socket
        group = ServiceGroup(configuration: configuration)
    }

    /// Serves until `stop` is called or the task is cancelled. Once only.
    public func run() async throws(ControlError) {
        defer { socket.release() }
        do { try await group.run() } catch is CancellationError {
            return
        } catch {
            throw ControlError(.socketFailed, "the control socket failed: \(error)")
        }
    }

    /// Takes no further calls and lets `run` return: calls that are under way are answered if they end within
    /// the time of `stopSeconds`, and cancelled then.
    public func stop() async { await group.triggerGracefulShutdown() }
}
