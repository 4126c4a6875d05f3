import AgentProcesses
import Glibc
import Logging
import SyncModel
import TLSTransport
import Testing

@testable import AgentRuntime

/// How long an event may be awaited before the test fails; no test measures time.
let patienceMilliseconds: UInt64 = 60_000

func patience() -> UInt64 { MonotonicClock.milliseconds + patienceMilliseconds }

let folderA = FolderID(high: 7, low: 11)

/// A directory of one test, gone with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/lanyard-link-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) }
        path = try #require(made)
    }

    /// Writes a file, making the directories that hold it.
    func write(_ name: String, _ bytes: [UInt8]) throws { try write(Array(name.utf8), bytes) }

    /// A name of any bytes.
    func write(_ name: [UInt8], _ bytes: [UInt8]) throws {
        var made = Array(path.utf8)
        for part in name.split(separator: UInt8(ascii: "/")).dropLast() {
            made += [UInt8(ascii: "/")] + part
            mkdir(made.cString, 0o755)
        }
        let file = open((Array((path + "/").utf8) + name).cString, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        try Files.append(file, bytes, path)
    }

    deinit {
        var child: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("rm"), strdup("-rf"), strdup(path), nil]
        if posix_spawn(&child, "/bin/rm", nil, nil, arguments, environ) == 0 { waitpid(child, nil, 0) }
        for argument in arguments { free(argument) }
    }
}

extension [UInt8] {
    /// For the system's calls.
    var cString: [CChar] { map { CChar(bitPattern: $0) } + [0] }
}

/// Says nothing but what must not happen at all.
var quiet: Logger {
    var logger = Logger(label: "lanyard.test")
    logger.logLevel = .critical
    return logger
}

/// Waits until `condition` holds: for what is told to nobody.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = patience()
    while try !condition() {
        if MonotonicClock.milliseconds > deadline { return false }
        usleep(1_000)
    }
    return true
}
