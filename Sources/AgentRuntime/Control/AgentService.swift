internal import ControlAPI
internal import Glibc
internal import Logging
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import WireProtocol

/// Answers what people and scripts ask of a running agent.
final class AgentService: AgentControl {
    let agent: Agent
    let sessions = PairingLog()
    private let whenStopped: @Sendable () -> Void

    init(_ agent: Agent, whenStopped: @escaping @Sendable () -> Void) {
        self.agent = agent
        self.whenStopped = whenStopped
    }

    func version() async throws(ControlError) -> VersionReport {
        VersionReport(version: AgentVersion.number, wireProtocol: Int(WireVersion.newest))
    }

    func stop() async throws(ControlError) { whenStopped() }

    var ownDevice: OwnDevice {
        OwnDevice(id: agent.device.description, name: agent.deviceName, listen: agent.links.listening)
    }

    // MARK: Asking the machine

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing DeviceMachine) -> Value
    ) async throws(ControlError) -> Value {
        guard let value = await agent.engine.read(body) else { throw Self.stopping }
        return value
    }

    /// Gives a command to the machine of devices and members.
    func command(_ request: PeersCommand) async throws(ControlError) -> PeersReply {
        let reply = await agent.engine.command(
            { .peers(.command($0, request)) }, abandoned: { .peers(.commandAbandoned($0)) })
        switch reply {
        case .peers(.success(let reply)): return reply
        case .peers(.failure(let error)): throw ControlError(error)
        case .waited, .stopped: throw Self.stopping
        }
    }

    static let stopping = ControlError(.failed, "the agent is stopping")
    static let unexpected = ControlError(.failed, "the agent answered something else than was asked")

    // MARK: Finding what is meant

    /// The folder that is meant: by name, ID or path.
    func folder(_ selector: FolderSelector) async throws(ControlError) -> KnownFolder {
        let known = try await read { $0.peers.folders }
        if let found = known.first(where: { $0.name == selector.text || $0.folder.description == selector.text }) {
            return found
        }
        if let path = selector.path, let found = known.first(where: { $0.path == path.bytes }) { return found }
        throw ControlError(
            .notFound, "no folder is named \(selector.text), or is at that path; see 'lanyard folder list'")
    }

    /// The known device that is meant: by name, ID, or the beginning of one.
    func device(_ text: String) async throws(ControlError) -> KnownDevice {
        let devices = try await read { $0.peers.devices.filter { !$0.isRemoved } }
        let plain = text.filter { $0 != "-" }.lowercased()
        let exact = devices.filter { $0.name == text || $0.device.description == plain }
        let found =
            exact.isEmpty && plain.count >= 4 ? devices.filter { $0.device.description.hasPrefix(plain) } : exact
        if found.count > 1 {
            throw ControlError(.ambiguous, "\(text) fits \(found.count) devices; name one by its ID")
        }
        guard let device = found.first else {
            throw ControlError(.notFound, "no paired device is named \(text); see 'lanyard devices'")
        }
        return device
    }

    /// The folder that a path lies in, and the path in it.
    func place(_ query: PathQuery) async throws(ControlError) -> (folder: KnownFolder, path: RelativePath) {
        if let selector = query.folder {
            return (try await folder(selector), try Self.relative(query.path.bytes[...]))
        }
        let bytes = query.path.bytes
        let folders = try await read { $0.peers.folders }
        let above = folders.filter { bytes.starts(with: $0.path + [UInt8(ascii: "/")]) }
        guard let found = above.max(by: { $0.path.count < $1.path.count }) else {
            throw ControlError(.notFound, "\(query.path) lies in no folder of this agent")
        }
        return (found, try Self.relative(bytes[(found.path.count + 1)...]))
    }

    private static func relative(_ bytes: ArraySlice<UInt8>) throws(ControlError) -> RelativePath {
        do throws(RelativePath.Refusal) { return try RelativePath(bytes) } catch {
            throw ControlError(.malformed, "\(LocalPath(bytes: bytes)) is no path of a folder: \(error)")
        }
    }

    /// The open folder's runner.
    func runner(_ folder: KnownFolder) throws(ControlError) -> FolderRunner {
        guard let runner = agent.folders.runner(folder.folder) else {
            throw ControlError(.failed, "the folder \(folder.name) is not open; see 'lanyard status'")
        }
        return runner
    }
}

extension ControlError {
    init(_ error: PeersError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .ambiguous: .ambiguous
            case .malformed: .malformed
            case .limit: .rateLimited
            case .expired: .timedOut
            case .exists, .notAllowed, .declined, .mismatch, .invalidInvite: .refused
            case .unreachable, .storage, .cancelled: .failed
            }
        let choices = error.choices.isEmpty ? "" : " (\(error.choices.joined(separator: ", ")))"
        self.init(code, error.message + choices)
    }
}
