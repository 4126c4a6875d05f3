import FoundationEssentials
import Glibc
public import LanHosts

/// One agent: a real process, started and ended by its number, and the calls to it.
public final class Agent {
    public let name: String
    public let home: String
    public let folder: String
    let world: AgentWorld
    private var process: ChildProcess?
    /// Loopback, and from the first start on the same port, so that others find it again.
    public private(set) var address = "127.0.0.1:0"
    private var log: String { "\(home).log" }

    init(_ name: String, in world: AgentWorld) throws(LanError) {
        (self.name, self.world) = (name, world)
        home = "\(world.root)/\(name)-home"
        folder = "\(world.root)/\(name)"
        guard mkdir(folder, 0o755) == 0 else { throw LanError("\(folder): \(String(cString: strerror(errno)))") }
    }

    public var isRunning: Bool { process != nil }
    public var identifier: Int32? { process?.identifier }

    /// Starts it and waits until it is ready.
    public func start() throws {
        guard try startUnlessKilled() else { throw LanError("\(name) was killed before it was ready\n\(account)") }
    }

    /// The same for one that may kill itself. False if it did before it was ready.
    public func startUnlessKilled() throws -> Bool {
        precondition(process == nil, "\(name) runs already")
        let started = try ChildProcess(
            ["sh", "-c", "exec \"$@\" 2>>\(log)", "sh", world.program] + upWords, environment: variables)
        process = started
        world.watch.add(started.identifier)
        do {
            let line = try started.line(within: 60, "it was ready") { $0.contains("\"ready\":true") }
            let ready = try JSONDecoder().decode(ReadyLine.self, from: Data(line.utf8))
            address = ready.device.listen.first ?? address
            return true
        } catch {
            // Its output ends a moment before it does.
            if (try? started.waitForExit(within: 1)) != nil, wasKilled { return false }
            throw LanError("\(name) did not start: \(error)\n\(account)")
        }
    }

    /// Whether it was killed by SIGKILL, and not by a call of this object. It counts as not running from then on.
    public var wasKilled: Bool {
        guard let ended = process, ended.exitStatusIfEnded == 128 + SIGKILL else { return false }
        world.watch.drop(ended.identifier)
        process = nil
        return true
    }

    private var upWords: [String] {
        ["--home", home, "up", "--listen", address, "--no-discovery", "--json"]
            + (geteuid() == 0 ? ["--allow-root"] : [])
    }

    /// Set for the process, from its next start on.
    public var variables: [String: String] = getenv("LANYARD_LOG").map { ["LANYARD_LOG": String(cString: $0)] } ?? [:]

    /// Runs `up` a second time, beside the running agent, until it ends by itself.
    public func startAgain() throws -> CallResult {
        let second = try ChildProcess([world.program] + upWords, environment: variables)
        let status = try second.waitForExit(within: 60)
        return CallResult(words: ["up"], status: status, output: second.transcript.joined(separator: "\n"))
    }

    /// SIGKILL. Does nothing to one that doesn't run.
    public func kill() {
        guard let running = process else { return }
        running.kill()
        world.watch.drop(running.identifier)
        process = nil
    }

    /// Stops it cleanly and waits for its end.
    public func stop() throws {
        guard let running = process else { return }
        try call("stop").succeeded()
        do {
            let status = try running.waitForExit(within: 60)
            if status != 0 { throw LanError("it ended with \(status)") }
        } catch { throw LanError("\(name) did not stop: \(error)\n\(account)") }
        world.watch.drop(running.identifier)
        process = nil
    }

    /// Makes this agent a member of the only folder of `inviter`, at its own folder's place.
    public func join(_ inviter: Agent, role: String = "read-write") throws {
        try call("join", try inviter.invite(role: role), folder, "--json").succeeded()
    }

    /// The link of a new invite to its only folder.
    public func invite(role: String = "read-write") throws -> String {
        let answer = try call("invite", "--role", role, "--json").succeeded()
        return try JSONDecoder().decode(Invite.self, from: Data(answer.output.utf8)).link
    }

    /// Runs a command of the program on this agent's home.
    @discardableResult
    public func call(_ words: String..., within seconds: Double = 90) throws -> CallResult {
        let child = try ChildProcess([world.program, "--home", home] + words)
        let status = try child.waitForExit(within: seconds)
        return CallResult(words: words, status: status, output: child.transcript.joined(separator: "\n"))
    }

    public func status() throws -> AgentStatus {
        let answer = try call("status", "--json").succeeded()
        return try JSONDecoder().decode(AgentStatus.self, from: Data(answer.output.utf8))
    }

    /// The only folder as its status has it.
    public func folderStatus() throws -> AgentStatus.Folder {
        guard let folder = try status().folders.first else { throw LanError("\(name) has no folder") }
        return folder
    }

    public func conflicts() throws -> [ConflictLine] {
        let answer = try call("conflicts", "list", "--json").succeeded()
        return try JSONDecoder().decode([ConflictLine].self, from: Data(answer.output.utf8))
    }

    /// What is known of it, for the message of a failure.
    public var account: String {
        let said = isRunning ? (try? call("status", "--json", within: 10).output) ?? "no answer" : "not running"
        let lines = FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(6_000), as: UTF8.self) }
        return "\(name): \(said)\nlast log lines:\n\(lines ?? "none")"
    }
}

private struct ReadyLine: Decodable {
    struct Device: Decodable { var listen: [String] }
    var device: Device
}

private struct Invite: Decodable { var link: String }

/// What a command answered.
public struct CallResult {
    public var words: [String]
    public var status: Int32
    /// Output and errors.
    public var output: String

    /// - Throws: unless the exit status was 0.
    @discardableResult
    public func succeeded() throws(LanError) -> CallResult {
        guard status == 0 else { throw LanError("\(words) ended with \(status): \(output)") }
        return self
    }
}
