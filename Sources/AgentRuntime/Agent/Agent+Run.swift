public import ControlAPI
internal import CLinux
internal import Glibc
internal import LocalServer
internal import Logging
internal import SyncEngine
internal import SyncModel

extension Agent {
    /// Runs an agent in this process until SIGTERM, SIGINT or `lanyard stop`.
    /// - Parameter ready: called once every command works.
    public static func run(
        _ options: AgentOptions, ready: @escaping @Sendable (ReadyLine) -> Void
    ) async throws(ControlError) {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = Self.logLevel
            return handler
        }
        Self.tuneMemory()
        signal(SIGPIPE, SIG_IGN)
        let stopping: StopSignal
        do throws(AgentError) { stopping = try StopSignal() } catch { throw ControlError(.failed, error.message) }
        let agent = try Agent(options, logger: Logger(label: "lanyard"))
        let service = AgentService(agent) { stopping.stop() }
        let server = try ControlServer(home: agent.home.path, control: service) {
            do throws(ControlError) {
                try agent.start()
                for path in options.paths { _ = try await service.addFolder(FolderAddition(path: path)) }
            } catch {
                stopping.fail(error)
                return
            }
            SystemdNotifier.ready()
            ready(ReadyLine(device: service.ownDevice, home: agent.home.path, process: getpid()))
        }
        let ticker = Task { await agent.tick() }
        let serving = Task { () -> ControlError? in
            do throws(ControlError) {
                try await server.run()
                return nil
            } catch {
                stopping.fail(error)
                return error
            }
        }
        let failure = await stopping.wait()
        SystemdNotifier.stopping()
        ticker.cancel()
        await server.stop()
        _ = await serving.value
        await withCheckedContinuation { continuation in
            // Stopping waits for threads: not on a thread of Swift's pool.
            guard let thread = try? WorkerThread(name: "stop") else {
                agent.stop()
                return continuation.resume()
            }
            thread.post {
                agent.stop()
                thread.stop()
                continuation.resume()
            }
        }
        if let failure { throw failure }
    }

    /// What is to be done about once a second.
    private func tick() async {
        while !Task.isCancelled {
            links.tick()
            folders.tick()
            let traffic = links.traffic
            rates.sample(sent: traffic.sent, received: traffic.received)
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private static var logLevel: Logger.Level {
        guard let value = getenv("LANYARD_LOG") else { return .warning }
        return Logger.Level(rawValue: String(cString: value)) ?? .warning
    }

    /// glibc would map and unmap each large buffer, and keep an arena a thread.
    private static func tuneMemory() {
        linux_tune_allocator(64 << 20, 32 << 20, 4)
    }
}
