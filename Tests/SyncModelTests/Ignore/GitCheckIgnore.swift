import Foundation
import SyncModel

/// The real `git check-ignore` on a small tree, to compare with.
struct GitCheckIgnore: ~Copyable {
    struct Answer: Hashable {
        var line: Int
        var pattern: String
    }

    static let directories = [
        "a", "a/b", "a/b/c", "ab", "ab/a", "foo", "foo/bar", "foo/bar/baz", "foo/a", "x", "x/foo",
    ]
    static let files = [
        "b", "c.c", ".b", "[a]", "a*b", "!n", "#h", "ä", "x ", "-", "a/a", "a/c.c", "a/.b", "a/b/a", "a/b/c.c",
        "a/b/c/a", "a/b/c/b",
        "ab/b", "ab/a/a", "ab/a/c.c", "foo/b", "foo/c.c", "foo/bar/a", "foo/bar/baz/c.c", "foo/a/b", "x/a", "x/foo/a",
        "x/foo/c.c",
        "x/ab", "x/]", "x/^", "x/\\", "A", "0",
    ]

    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("ignore-\(UUID().uuidString)")
        for directory in Self.directories {
            try FileManager.default.createDirectory(
                at: root.appendingPathComponent(directory), withIntermediateDirectories: true)
        }
        for file in Self.files { try Data().write(to: root.appendingPathComponent(file)) }
        _ = try run(["init", "--quiet", "."], input: Data())
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// The deciding pattern of each path that has one, as `check-ignore -v` tells it; negated ones too.
    func answers(to rules: [UInt8]) throws -> [String: Answer] {
        try Data(rules).write(to: root.appendingPathComponent(".gitignore"))
        let paths = (Self.directories + Self.files).joined(separator: "\0") + "\0"
        let output = try run(["check-ignore", "-z", "-v", "--no-index", "--stdin"], input: Data(paths.utf8))
        var answers: [String: Answer] = [:]
        let fields = output.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        for start in stride(from: 0, to: fields.count - 3, by: 4) {
            answers[fields[start + 3]] = Answer(line: Int(fields[start + 1]) ?? -1, pattern: fields[start + 2])
        }
        return answers
    }

    private func run(_ arguments: [String], input: Data) throws -> Data {
        let inputFile = root.appendingPathComponent(".git-input")
        try input.write(to: inputFile)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-c", "core.excludesFile=/dev/null"] + arguments
        process.currentDirectoryURL = root
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.path,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": root.deletingLastPathComponent().path,
        ]
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // 1 says that no path is ignored.
        guard process.terminationStatus <= 1 else { throw CocoaError(.executableLoad) }
        return data
    }
}
