import ControlAPI
import Foundation
import LanHosts

/// A directory of one test, gone with it, and real agents that keep their homes in it.
final class TestPlace {
    let root: String

    init() throws {
        var template = Array("/tmp/lanyard-command-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ControlError(.failed, "no temporary directory") }
        root = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// What stands in the directory that programs take for temporary files.
    var leftovers: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: root).filter { !$0.hasPrefix(".") } }
    }

    /// Processes whose words name this directory.
    var processes: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
                guard let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { return false }
                return String(decoding: words, as: UTF8.self).contains(root)
            }
        }
    }

    /// As `cp -a`.
    func copy(_ from: String, _ to: String) throws {
        try FileManager.default.copyItem(atPath: path(from), toPath: path(to))
        guard chmod(path(to), 0o700) == 0 else { throw ControlError(.failed, to) }
    }

    func run(_ words: String...) throws -> (status: Int32, text: String) { try run(words.map { Array($0.utf8) }) }

    /// With words of any bytes.
    func run(_ words: [[UInt8]]) throws -> (status: Int32, text: String) {
        let run = try CommandRun(words, directory: root, environment: ["TMPDIR=\(root)", "PATH=/usr/bin:/bin"])
        return (run.status, String(decoding: run.output + run.errors, as: UTF8.self))
    }

    /// An agent, ready.
    func start(_ home: String, _ folders: String...) throws -> TestAgent {
        let words =
            ["--home", path(home), "up", "--listen", "127.0.0.1:0", "--no-discovery", "--json"]
            + (geteuid() == 0 ? ["--allow-root"] : [])
        let process = try spawn(words + folders.map { path($0) })
        let agent = TestAgent(process: process, client: ControlClient(home: path(home)))
        try wait { (try? agent.client.status()).map { $0.folders.count >= folders.count } ?? false }
        return agent
    }

    func spawn(_ words: [String]) throws -> ChildProcess {
        try ChildProcess([CommandRun.program()] + words, environment: ["TMPDIR": root])
    }

    /// Asks again and again until it is so, a minute at most.
    func wait(until condition: () throws -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while try !condition() {
            guard Date() < deadline else { throw ControlError(.timedOut, "not within a minute") }
            usleep(20_000)
        }
    }
}

/// A real agent of one test.
struct TestAgent {
    let process: ChildProcess
    let client: ControlClient

    /// Ends it cleanly; its exit status.
    func end() throws -> Int32 {
        process.signal(SIGTERM)
        return try process.waitForExit(within: 60)
    }
}
