import ArgumentParser
import ControlAPI

struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say in one sentence why a path is, or isn't, in sync.",
        discussion: "Exits with 0 if it is in sync, with 1 if not.")

    @Argument(help: "The path.")
    var path: String

    @Option(help: ArgumentHelp("PATH is a path in this folder.", valueName: "name"))
    var folder: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try global.agent().why(try Named.query(path, in: folder))
        try global.show(report, ["\(report.path): \(DisplayText.printable(report.reason))"])
        guard report.inSync else { throw negativeAnswer }
    }
}
