import ControlAPI
import Foundation

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

    func run(_ words: String...) throws -> (status: Int32, text: String) {
        let run = try CommandRun(
            words.map { Array($0.utf8) }, directory: root, environment: ["TMPDIR=\(root)", "PATH=/usr/bin:/bin"])
        return (run.status, String(decoding: run.output + run.errors, as: UTF8.self))
    }

    /// An agent, ready.
    func start(_ home: String, _ folders: String...) throws -> TestAgent {
        let words = ["--home", path(home), "up", "--listen", "127.0.0.1:0", "--no-discovery", "--json"]
        let process = try spawn(words + folders.map { path($0) })
        let agent = TestAgent(process: process, client: ControlClient(home: path(home)))
        try wait { (try? agent.client.status()).map { $0.folders.count >= folders.count } ?? false }
        return agent
    }

    func spawn(_ words: [String]) throws -> TestProcess {
        try TestProcess(CommandRun.program(), words, environment: ["TMPDIR=\(root)", "PATH=/usr/bin:/bin"])
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
    let process: TestProcess
    let client: ControlClient

    /// Ends it cleanly; its exit status.
    func end() throws -> Int32 {
        process.signal(SIGTERM)
        return try process.waitForExit()
    }
}

/// A child whose output goes nowhere; ended with this object. (Foundation's waits for its grandchildren, too.)
final class TestProcess {
    private let identifier: pid_t
    private var status: Int32?

    init(_ program: String, _ words: [String], environment: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for number in [0, 1, 2] as [Int32] {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
        // The threads that run tests block signals; a child that inherited this would never hear SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = ([program] + words).map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, program, &actions, &attributes, arguments, variables) == 0 else {
            throw ControlError(.failed, "\(program) can't be started")
        }
        identifier = child
    }

    deinit { if status == nil { kill(identifier, SIGKILL) } }

    func signal(_ signal: Int32) { kill(identifier, signal) }

    /// As a shell has it: 128 and more for a signal. A minute at most.
    func waitForExit() throws -> Int32 {
        let deadline = Date(timeIntervalSinceNow: 60)
        var found: Int32 = 0
        while waitpid(identifier, &found, WNOHANG) == 0 {
            guard Date() < deadline else { throw ControlError(.timedOut, "the process \(identifier) does not end") }
            usleep(10_000)
        }
        let code = found & 0x7f == 0 ? found >> 8 & 0xff : 128 + found & 0x7f
        status = code
        return code
    }
}
