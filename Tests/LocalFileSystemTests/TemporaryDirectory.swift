import CLinux
import Glibc
import SyncModel
import Testing

@testable import LocalFileSystem

/// A directory of one test, gone with it.
final class TemporaryDirectory: Sendable {
    let path: String

    /// In memory where there is such a place: for tests by the hundred, which would mostly wait for flushes.
    static func inMemory() throws -> TemporaryDirectory {
        try TemporaryDirectory(in: access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    }

    init(in place: String = "/tmp") throws {
        var template = Array("\(place)/lanyard-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Errno(number: errno) }
        path = String(cString: made)
    }

    deinit {
        let child = Shell("chmod -R u+rwx '\(path)' 2>/dev/null; rm -rf '\(path)'")
        _ = child.wait()
    }

    /// Writes a file, making its parents.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        try write(name, bytes: Array(text.utf8), mode: mode)
    }

    @discardableResult
    func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o644) throws -> String {
        if let slash = name.lastIndex(of: "/") { try makeDirectory(String(name[..<slash])) }
        let full = path + "/" + name
        let file = Glibc.open(full, O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC, mode)
        guard file >= 0 else { throw Errno(number: errno) }
        defer { close(file) }
        var offset = 0
        while offset < bytes.count {
            let wrote = bytes[offset...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard wrote > 0 else { throw Errno(number: errno) }
            offset += wrote
        }
        return full
    }

    func makeDirectory(_ name: String) throws {
        var made = path
        for part in name.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o755) != 0, errno != EEXIST { throw Errno(number: errno) }
        }
    }

    func link(_ name: String, to target: String) throws {
        guard symlink(target, path + "/" + name) == 0 else { throw Errno(number: errno) }
    }

    /// The text of a file, nil if there is none.
    func read(_ name: String) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }

    func bytes(_ name: String) -> [UInt8]? {
        let file = Glibc.open(path + "/" + name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = Glibc.read(file, &buffer, buffer.count)
            if got <= 0 { return got < 0 ? nil : all }
            all += buffer[..<got]
        }
    }

    func exists(_ name: String) -> Bool {
        var found = Glibc.stat()
        return lstat(path + "/" + name, &found) == 0
    }

    func setAttribute(_ name: String, _ attribute: String, _ value: String) throws {
        let file = Descriptor(owning: try Errno.check(linux_open(path + "/" + name, linux_O_RDONLY, 0)))
        try Errno.check(linux_fsetxattr(file.number, attribute, value, value.utf8.count, 0))
    }

    func rename(_ name: String, _ other: String) throws {
        guard Glibc.rename(path + "/" + name, path + "/" + other) == 0 else { throw Errno(number: errno) }
    }
}

/// A command run by /bin/sh.
struct Shell {
    private let identifier: pid_t

    init(_ command: String) {
        var child: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(command), nil]
        let failed = posix_spawn(&child, "/bin/sh", nil, nil, arguments, environ)
        for argument in arguments { free(argument) }
        identifier = failed == 0 ? child : -1
    }

    /// Its exit status.
    func wait() -> Int32 {
        guard identifier > 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 { if errno != EINTR { return -1 } }
        return status >> 8
    }
}

func path(_ text: String) throws -> RelativePath { try RelativePath(text) }
