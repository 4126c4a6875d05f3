import Glibc

/// Tests of one kind that can't run on this machine: said aloud, and a failure where continuous integration doesn't
/// know of it.
///
/// A suite is enabled by `isPossible`, and beside it one test expects `isPossible || isAllowed`: a run that silently
/// tests less is worse than none.
public struct Skip: Sendable {
    /// By what `LANYARD_ALLOWED_SKIPS` lists it.
    public let name: String
    /// What is missing, a sentence each; empty if the tests can run.
    public let obstacles: [String]

    /// Says so on stderr if there are obstacles: make one of a name, once in a process.
    public init(_ name: String, obstacles: [String]) {
        (self.name, self.obstacles) = (name, obstacles)
        guard !obstacles.isEmpty else { return }
        let line = Self.line(name, obstacles)
        write(2, line, line.utf8.count)
    }

    public var isPossible: Bool { obstacles.isEmpty }

    /// Yes on a person's machine; where `CI` is set only if `LANYARD_ALLOWED_SKIPS` (names joined by commas) lists the
    /// name: what is impossible there.
    public var isAllowed: Bool {
        Self.isAllowed(
            name, inContinuousIntegration: getenv("CI") != nil,
            listed: getenv("LANYARD_ALLOWED_SKIPS").map { String(cString: $0) } ?? "")
    }

    /// `Config/test` repeats lines with this beginning at its end.
    static func line(_ name: String, _ obstacles: [String]) -> String {
        "SKIPPED: tests on \(name): \(obstacles.joined(separator: "; "))\n"
    }

    static func isAllowed(_ name: String, inContinuousIntegration: Bool, listed: String) -> Bool {
        !inContinuousIntegration || listed.split(separator: ",").contains { $0 == name }
    }
}
