import ControlAPI
import Glibc

/// An agent that the demonstration started: `lanyard up` as a child process.
final class ChildAgent {
    let process: pid_t
    let client: ControlClient
    private let output: Int32

    /// Starts this same program; the end of the demonstration is its end.
    init(home: String, folder: String, _ interruption: Interruption) throws(ControlError) {
        let program = try UserUnit.thisProgram()
        var words = [program, "--home", home, "up", folder, "--listen", "127.0.0.1:0", "--no-discovery", "--json"]
        if geteuid() == 0 { words.append("--allow-root") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ControlError(.failed, "no pipe for the agent's output") }
        defer { close(ends[1]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        do throws(ControlError) {
            process = try interruption.begin { () throws(ControlError) in
                var child: pid_t = 0
                guard posix_spawn(&child, program, &actions, nil, copies, environ) == 0 else {
                    throw ControlError(.failed, "\(program) can't be started")
                }
                return (child, { [child] in Self.stop(child) })
            }
        } catch {
            close(ends[0])
            throw error
        }
        (client, output) = (ControlClient(home: home), ends[0])
    }

    deinit { close(output) }

    /// Waits for the ready line.
    func awaitReady() throws(ControlError) {
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw ControlError(.failed, "an agent of the demonstration didn't start") }
            if byte == UInt8(ascii: "\n") { return }
        }
    }

    /// SIGTERM to a child, and its end.
    private static func stop(_ process: pid_t) {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
