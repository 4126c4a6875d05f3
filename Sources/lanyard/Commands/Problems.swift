import ArgumentParser
import ControlAPI

struct Problems: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "problems", abstract: "List everything that can't be synced now, and why.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let problems = try global.agent().problems()
        try global.show(problems, problems.isEmpty ? ["No problems."] : problems.map(Self.line))
    }

    private static func line(_ problem: AgentProblem) -> String {
        let place = [problem.folder.map(DisplayText.printable), problem.path.map { "\($0)" }].compactMap { $0 }
        return (place.isEmpty ? "" : place.joined(separator: ", ") + ": ") + DisplayText.printable(problem.message)
            + " (since \(problem.since))"
    }
}
