import ControlAPI
import FakeAgent
import Foundation
import Testing

/// What is printed besides the answers of an agent: help, completions, and what can't be printed.
struct OutputTests {
    private func run(_ words: String..., shell: String? = nil) async throws -> CommandRun {
        try await run(words, shell: shell)
    }

    private func run(_ words: [String], shell: String?) async throws -> CommandRun {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let path = directory.path
        return try await withServer(home: home, agent: agent) { _ in
            try await blocking {
                try CommandRun(
                    words.map { Array($0.utf8) }, directory: path, environment: ["LANYARD_HOME=\(home)"],
                    shell: shell)
            }
        }
    }

    /// A script must not take half an answer for a whole one.
    @Test(arguments: [["status"], ["status", "--json"], ["folder", "list"], ["version"], ["--help"], ["doctor"]])
    func anAnswerThatCannotBeWrittenIsAFailure(words: [String]) async throws {
        let run = try await run(words, shell: "exec \"$@\" >/dev/full")
        #expect(run.status == 5)
        let errors = String(decoding: run.errors, as: UTF8.self)
        #expect(errors.contains("can't be written to standard output: No space left on device"), "\(errors)")
    }

    @Test func aWatcherWithoutOutputEnds() async throws {
        let run = try await run("status", "--watch", shell: "exec \"$@\" >/dev/full")
        #expect(run.status == 5)
    }

    /// As other programs in a pipe: the reader that leaves ends it quietly.
    @Test func aReaderThatLeavesEndsAWatcher() async throws {
        let run = try await run("status", "--watch", "--json", shell: "\"$@\" | head -n 1")
        #expect(run.status == 0)
        #expect(run.output.split(separator: UInt8(ascii: "\n")).count == 1)
        #expect(run.errors.isEmpty)
    }

    private static let commands = [
        "up", "pair", "invite", "join", "folder", "devices", "status", "wait", "why", "conflicts", "problems",
        "history",
        "restore", "check-ignore", "doctor", "demo", "stop", "version", "service", "identity",
    ]

    @Test func helpNamesEveryCommand() async throws {
        let help = String(decoding: try await run("--help").output, as: UTF8.self)
        for command in Self.commands { #expect(help.contains("\n  \(command) "), "\(command)") }
        for status in 0...5 { #expect(help.contains("\(status) "), "\(status)") }
    }

    @Test(arguments: commands) func everyCommandHasHelp(command: String) async throws {
        let help = try await run(command, "--help")
        let text = String(decoding: help.output, as: UTF8.self)
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(text.hasPrefix("OVERVIEW: ") && text.contains("\nUSAGE: lanyard \(command)"))
        let same = try await run("help", command)
        #expect(same.output == help.output)
        for line in text.split(separator: "\n") where !line.hasPrefix("USAGE: ") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func shellsGetCompletions(shell: String) async throws {
        let completion = try await run("--generate-completion-script", shell)
        let text = String(decoding: completion.output, as: UTF8.self)
        #expect(completion.status == 0)
        for command in Self.commands { #expect(text.contains(command), "\(command)") }
    }

    @Test func otherShellsGetNone() async throws {
        let completion = try await run("--generate-completion-script", "teletype")
        #expect(completion.status == 2)
        #expect(completion.output.isEmpty)
    }

    /// Bash itself takes the script.
    @Test func theCompletionIsABashScript() async throws {
        let run = try await run("--generate-completion-script", "bash", shell: "\"$@\" >script && bash -n script")
        #expect(run.status == 0, "\(String(decoding: run.errors, as: UTF8.self))")
    }

    /// Without `HOME` there is no usual place, and the way out is named.
    @Test func withoutAHomeDirectory() async throws {
        for command in [["status"], ["service", "install", "--print"], ["up"]] {
            let directory = try TestDirectory()
            let path = directory.path
            let run = try await blocking {
                try CommandRun(
                    command.map { Array($0.utf8) }, directory: path, environment: [],
                    shell: "unset HOME; exec \"$@\"")
            }
            #expect(run.status == 2, "\(command)")
            let errors = String(decoding: run.errors, as: UTF8.self)
            #expect(errors.contains("--home") && errors.contains("LANYARD_HOME"), "\(errors)")
        }
    }

    /// A name that is no UTF-8 doesn't become another name, and nothing is made at that one.
    @Test(arguments: ["HOME", "XDG_CONFIG_HOME"]) func aUnitIsNotWrittenElsewhere(variable: String) async throws {
        let directory = try TestDirectory()
        let path = directory.path
        let shell = "export \(variable)=$(printf '%s/a\\377b' \"$PWD\"); exec \"$@\""
        for command in [["service", "install"], ["service", "uninstall"]] {
            let run = try await blocking {
                try CommandRun(
                    command.map { Array($0.utf8) }, directory: path, environment: ["LANYARD_HOME=\(path)/home"],
                    shell: shell)
            }
            let errors = String(decoding: run.errors, as: UTF8.self)
            #expect(run.status == 2, "\(command)")
            #expect(errors.contains("a\\xffb") && errors.contains("UTF-8"), "\(errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        }
    }
}
