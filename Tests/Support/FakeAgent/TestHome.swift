import ControlAPI
import Foundation
public import LocalServer

/// A fresh directory, gone with this object.
public final class TestDirectory: Sendable {
    public let path: String

    public init() throws {
        let template: UnsafeMutablePointer<CChar>? = strdup("/tmp/lanyard-control.XXXXXX")
        defer { free(template) }
        guard let template, let made = mkdtemp(template), let real = realpath(made, nil) else {
            throw ControlError(.failed, "no temporary directory")
        }
        path = String(cString: real)
        free(real)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A home in it: private, empty, with a path of any length.
    public func home(longerThan length: Int = 0) throws -> String {
        var home = path + "/home"
        while home.utf8.count <= length { home += "/" + String(repeating: "h", count: 50) }
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return home
    }
}

/// Runs `body` on a thread of its own: the client blocks, and may not block the tasks that the server runs on.
public func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// Serves `agent` in `home` while `body` runs.
@discardableResult
public func withServer<Value: Sendable>(
    home: String, agent: FakeAgent, _ body: @Sendable (ControlServer) async throws -> Value
) async throws -> Value {
    let (ready, signal) = AsyncStream<Void>.makeStream()
    let server = try ControlServer(home: home, control: agent) { signal.finish() }
    async let end: Void = {
        defer { signal.finish() }
        try await server.run()
    }()
    for await _ in ready {}
    do {
        let value = try await body(server)
        await server.stop()
        try await end
        return value
    } catch {
        await server.stop()
        try? await end
        throw error
    }
}
