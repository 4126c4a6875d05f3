import ControlAPI
import Glibc
import LanHosts

/// One run of the built program.
struct CommandRun: Sendable {
    var status: Int32
    var output: [UInt8]
    var errors: [UInt8]

    /// - Parameters:
    ///   - words: without the program's name, as bytes.
    ///   - directory: the directory that it runs in, `HOME` too.
    ///   - shell: a script that runs the program, which is `"$@"` in it; nil: nothing stands between.
    init(
        _ words: [[UInt8]], directory: String, environment: [String], input: String = "", shell: String? = nil
    ) throws {
        let program = try Self.program()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let files = ["in", "out", "err"].map { "\(directory)/.\($0)" }
        try Self.write(input, to: files[0])
        posix_spawn_file_actions_addopen(&actions, 0, files[0], O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files[1], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files[2], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Glibc's module has no action for the directory; env(1) changes to it. A program that doesn't end is ended.
        let through = shell.map { ["/bin/sh", "-c", $0, "sh"] } ?? []
        let enter = (["env", "-C", directory, "/usr/bin/timeout", "-k", "5", "120"] + through + [program]).map {
            Array($0.utf8)
        }
        let arguments = (enter + words).map { Self.cString($0) } + [nil]
        let given = environment + Programs.sanitizerVariables + ["HOME=\(directory)"]
        let variables = given.map { Self.cString(Array($0.utf8)) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/usr/bin/env", &actions, nil, arguments, variables) == 0 else {
            throw ControlError(.failed, "\(program) can't be started")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        self.status = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        output = try Self.read(files[1])
        errors = try Self.read(files[2])
        files.forEach { unlink($0) }
    }

    /// The program that was built beside these tests.
    static func program() throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else { throw ControlError(.failed, "no /proc") }
        defer { free(own) }
        let directory = String(cString: own).split(separator: "/").dropLast().joined(separator: "/")
        return "/\(directory)/lanyard"
    }

    private static func cString(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        strdup(bytes.map { CChar(bitPattern: $0) } + [0])
    }

    private static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw ControlError(.failed, path) }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            guard count >= 0 else { throw ControlError(.failed, path) }
            if count == 0 { return bytes }
            bytes += part[..<count]
        }
    }
}
