import Glibc

/// A child process with its output as lines and its input as a socket, used by one thread.
///
/// Neither end on our side is inherited by other children, so a child that reads its input sees its end when this
/// process dies, however it dies.
public final class ChildProcess {
    public let arguments: [String]
    public let identifier: Int32
    private let input: Int32
    private let output: Int32
    private var buffer: [UInt8] = []
    private var ended = false
    private var exitStatus: Int32?
    /// Every line that was read, for messages of failures.
    public private(set) var transcript: [String] = []

    /// Starts the program `arguments[0]`, searched for in `Programs.directories`, with its errors in its output.
    public init(_ arguments: [String], environment: [String: String] = [:]) throws(LanError) {
        self.arguments = arguments
        let program = try Programs.path(of: arguments[0])
        let (ours, theirs) = try Self.sockets()
        let (reading, writing) = try Self.sockets()
        defer {
            close(theirs)
            close(writing)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(theirs, 0), (writing, 1), (writing, 2)] as [(Int32, Int32)] {
            posix_spawn_file_actions_adddup2(&actions, descriptor, target)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that run tests block signals; a child that inherited this would never hear SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables =
            ["PATH=\(Programs.directories.joined(separator: ":"))"] + Programs.sanitizerVariables
            + environment.map { "\($0)=\($1)" }
        var child: Int32 = 0
        let failure = withCStrings(arguments) { arguments in
            withCStrings(variables) { posix_spawn(&child, program, &actions, &attributes, arguments, $0) }
        }
        (input, output, identifier) = (ours, reading, child)
        guard failure == 0 else {
            throw LanError("\(program) could not be started: \(String(cString: strerror(failure)))")
        }
    }

    deinit {
        if exitStatus == nil, identifier > 0 { kill() }
        close(input)
        close(output)
    }

    /// The next line without its end, or nil at the end of the output. Throws when `seconds` have passed.
    public func nextLine(within seconds: Double) throws(LanError) -> String? {
        let deadline = Self.now() + seconds
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                transcript.append(line)
                return line
            }
            if ended { return nil }
            guard try waitForOutput(until: deadline) else {
                throw LanError("nothing more within \(seconds) s from \(arguments), which said:\n\(said)")
            }
        }
    }

    /// The first line from here on that fulfils `condition`. Throws when `seconds` have passed or the output ends.
    @discardableResult
    public func line(
        within seconds: Double = 45, _ what: String, where condition: (String) -> Bool
    ) throws(LanError) -> String {
        let deadline = Self.now() + seconds
        while let line = try nextLine(within: max(0, deadline - Self.now())) {
            if condition(line) { return line }
        }
        throw LanError("\(arguments) ended before \(what); it said:\n\(said)")
    }

    /// Writes a line to the input. A child that has ended doesn't notice.
    public func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until the output ends, then waits for the exit.
    /// - Returns: the exit status as a shell has it: 128 and more for a signal.
    public func waitForExit(within seconds: Double = 45) throws(LanError) -> Int32 {
        let deadline = Self.now() + seconds
        while try nextLine(within: max(0, deadline - Self.now())) != nil {}
        return reap()
    }

    /// Sends a signal, unless its end was seen already.
    public func signal(_ signal: Int32) {
        if exitStatus == nil { Glibc.kill(identifier, signal) }
    }

    /// Ends it with SIGKILL and waits until it is gone.
    public func kill() {
        guard exitStatus == nil else { return }
        Glibc.kill(identifier, SIGKILL)
        _ = reap()
    }

    /// The exit status as a shell has it, or nil while it runs.
    public var exitStatusIfEnded: Int32? {
        if let exitStatus { return exitStatus }
        var information = siginfo_t()
        let answer = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT)
        // Where it still runs, nothing is filled in.
        return answer == 0 && information.si_signo == SIGCHLD ? reap() : nil
    }

    private var said: String { transcript.suffix(40).joined(separator: "\n") }

    func reap() -> Int32 {
        if let exitStatus { return exitStatus }
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        exitStatus = code
        return code
    }

    /// False when the deadline has passed.
    private func waitForOutput(until deadline: Double) throws(LanError) -> Bool {
        var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, Int32(max(0, (deadline - Self.now()) * 1_000).rounded(.up)))
        if ready == 0 { return false }
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let count = recv(output, &chunk, chunk.count, 0)
        if count > 0 { buffer += chunk[..<count] }
        if count == 0 || (count < 0 && errno != EINTR) { ended = true }
        return true
    }

    private static func sockets() throws(LanError) -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw LanError("no socket pair: \(String(cString: strerror(errno)))")
        }
        return (pair[0], pair[1])
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Why a pretended network can't be had, or what on it failed.
public struct LanError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A null-terminated array of C strings for the length of `body`.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
