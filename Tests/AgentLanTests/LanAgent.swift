import ControlAPI
import Foundation
import LanHosts

/// A whole agent on a host, and the program's commands to it. Everything of it is in one directory.
final class LanAgent {
    let host: LanHost
    /// The synced folder, the agent's home and its log.
    let folder: String
    let home: String
    private let log: String
    private let program: String
    private var process: HostProcess?

    var name: String { host.name }

    init(on host: LanHost, in directory: TestDirectory) throws {
        self.host = host
        let root = "\(directory.path)/\(host.name)"
        (folder, home, log) = ("\(root)/Documents", "\(root)/state", "\(root)/log")
        program = try ProcessInfo.processInfo.environment["LANYARD_BINARY"] ?? Programs.built("lanyard")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    // MARK: Its process

    /// As a person starts it: no address, nothing but the folder.
    func start() throws {
        let process = try host.start(
            ["sh", "-c", "log=$1; shift; exec \"$@\" 2>> \"$log\"", "sh", log, program, "--home", home, "up", folder],
            environment: ["LANYARD_LOG": "debug"])
        self.process = process
        do { try process.process.line("\(name) was ready") { $0.hasPrefix("Lanyard is running") } } catch {
            throw LanError("\(error); its log ends with:\n\(logTail)")
        }
    }

    /// Ends it cleanly.
    func stop() throws -> Int32? { try end(with: SIGTERM) }

    /// Ends it without a goodbye to anyone.
    func crash() throws { _ = try end(with: SIGKILL) }

    private func end(with signal: Int32) throws -> Int32? {
        defer { process = nil }
        return try process?.end(with: signal)
    }

    // MARK: Commands

    /// Runs a command on its host and reads what it prints as JSON.
    func ask<Answer: Decodable>(_ type: Answer.Type, _ words: String...) throws -> Answer {
        let output = try host.run([program, "--home", home] + words + ["--json"])
        return try JSONDecoder().decode(type, from: Data(output.utf8))
    }

    /// Runs a command on its host; its exit status and what it printed.
    func run(_ words: String...) throws -> (status: Int32, output: String) { try run(words) }

    func run(_ words: [String]) throws -> (status: Int32, output: String) {
        let running = try begin(words)
        let status = try running.process.waitForExit(within: 90)
        return (status, running.process.transcript.dropFirst().joined(separator: "\n"))
    }

    func begin(_ words: [String]) throws -> HostProcess { try host.start([program, "--home", home] + words) }

    /// Waits until all folders equal those of the named agents, which are connected.
    func waitForEquality(with others: LanAgent...) throws {
        let answer = try run(["wait", "--timeout", "80"] + others.flatMap { ["--for", $0.name] })
        guard answer.status != 0 else { return }
        let status = try run("status").output
        throw LanError("\(name): \(answer.output)\n\(status)\n\(logTail)")
    }

    /// Asks again and again until it is so. Throws with the log's end when that takes too long.
    func wait(_ what: String, until condition: (LanAgent) throws -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while try !condition(self) {
            guard Date() < deadline else {
                let status = try run("status").output
                throw LanError("\(name): not within 60 s: \(what)\n\(status)\n\(logTail)")
            }
            usleep(100_000)
        }
    }

    var logTail: String {
        let text = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").suffix(40).joined(separator: "\n")
    }

    // MARK: Files

    func save(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(path)"), options: .atomic)
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: "\(folder)/\(path)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names in the folder with their contents, without Lanyard's own directory.
    var files: [String: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Dictionary(names.filter { $0 != ".lanyard" }.map { ($0, read($0) ?? "") }) { first, _ in first }
    }

    var indexes: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home + "/index")) ?? []
        return names.filter { $0.hasSuffix(".db") }
    }
}

/// A directory of one test, gone with it.
final class TestDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/lanyard-lan-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw LanError("no temporary directory") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
