import ControlAPI
import FakeAgent
import Foundation

/// A script of commands with what each of them prints: the files in `Scripts`.
///
/// A line begins with what it is: `#` a comment, `@` how the agent answers from here on, `$` a command, `<` its input.
/// What follows is written by the run: `>` what the agent was asked, `!` a line of standard error, `=` an exit status
/// other than 0, and anything else a line of standard output. `TMP` stands for the directory of the run,
/// `PROGRAM` for the program.
struct CommandScript {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")

    /// Set to write the files anew; the difference is then to be read in version control.
    static let isWriting = ProcessInfo.processInfo.environment["LANYARD_WRITE_SCRIPTS"] != nil

    /// What a person writes, without what the run adds.
    private struct Step {
        var comments: [String] = []
        var command = ""
        var input: [String] = []
    }

    private let steps: [Step]
    private let temporary: TestDirectory

    init(_ text: String) throws {
        var steps: [Step] = [Step()]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
            if line.hasPrefix("# ") || line.hasPrefix("@ ") {
                if !steps[steps.count - 1].command.isEmpty { steps.append(Step()) }
                steps[steps.count - 1].comments.append(line)
            } else if line.hasPrefix("$ ") {
                if !steps[steps.count - 1].command.isEmpty { steps.append(Step()) }
                steps[steps.count - 1].command = line
            } else if line.hasPrefix("< ") {
                steps[steps.count - 1].input.append(line)
            }
        }
        self.steps = steps
        temporary = try TestDirectory()
    }

    /// Performs every step.
    /// - Returns: the script with what was really printed.
    func run() async throws -> String {
        let agent = FakeAgent()
        let home = try temporary.home()
        return try await withServer(home: home, agent: agent) { _ in
            var lines: [String] = []
            for step in steps {
                lines += step.comments
                for comment in step.comments where comment.hasPrefix("@ ") { try Self.set(agent, comment) }
                guard !step.command.isEmpty else { continue }
                lines += [step.command] + step.input
                lines += try await perform(step, home, agent)
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    private func perform(_ step: Step, _ home: String, _ agent: FakeAgent) async throws -> [String] {
        let words = try Self.words(String(step.command.dropFirst(2)))
        let directory = temporary.path
        let run = try await blocking {
            try CommandRun(
                Array(words.dropFirst()), directory: directory, environment: ["LANYARD_HOME=\(home)"],
                input: step.input.map { $0.dropFirst(2) + "\n" }.joined())
        }
        var lines = agent.takeQuestions().map { "> " + $0 }
        lines += Self.lines(run.output) + Self.lines(run.errors).map { $0.isEmpty ? "!" : "! " + $0 }
        if run.status != 0 { lines.append("= \(run.status)") }
        let program = try CommandRun.program()
        return lines.map { $0.replacing(directory, with: "TMP").replacing(program, with: "PROGRAM") }
    }

    /// `@ content`, `@ empty`, `@ unhappy`; `@ fail CODE MESSAGE`; `@ fail-after CALLS CODE MESSAGE`.
    private static func set(_ agent: FakeAgent, _ line: String) throws {
        let words = line.split(separator: " ").map { String($0) }
        switch words[1] {
        case "content": agent.become(.content)
        case "empty": agent.become(.empty)
        case "unhappy": agent.become(.unhappy)
        case "fail": agent.fail(with: try error(words[2], words[3...]))
        case "fail-after": agent.fail(with: try error(words[3], words[4...]), after: Int(words[2]) ?? 0)
        default: throw ControlError(.malformed, line)
        }
    }

    private static func error(_ code: String, _ words: ArraySlice<String>) throws -> ControlError? {
        if code == "never" { return nil }
        guard let code = ControlError.Code(rawValue: code) else { throw ControlError(.malformed, code) }
        return ControlError(code, words.joined(separator: " "))
    }

    /// Words are parted by spaces outside of single quotes; `\xHH` is a byte.
    private static func words(_ line: String) throws -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var quoted = false
        var rest = Substring(line)
        while let character = rest.popFirst() {
            if character == "'" {
                quoted.toggle()
                word = word ?? []
            } else if character == " ", !quoted {
                if let complete = word { words.append(complete) }
                word = nil
            } else if character == "\\", rest.first == "x", let byte = UInt8(rest.dropFirst().prefix(2), radix: 16) {
                word = (word ?? []) + [byte]
                rest = rest.dropFirst(3)
            } else {
                word = (word ?? []) + Array(String(character).utf8)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        guard !bytes.isEmpty else { return [] }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines.map { String($0) }
    }
}
