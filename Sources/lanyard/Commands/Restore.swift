import ArgumentParser
import ControlAPI

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put back what once stood at a path.",
        discussion: "What stands there now goes to history itself.")

    @Argument(help: "The path.")
    var path: String

    @Option(help: ArgumentHelp("What stood there then: a date of RFC 3339, or only its day.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("PATH is a path in this folder.", valueName: "name"))
    var folder: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        var time: Timestamp?
        if let at {
            time = Timestamp(at)
            if time == nil {
                throw ControlError(
                    .malformed, "no date: \(DisplayText.printable(at)); write it as 2026-11-24T07:00:00Z")
            }
        }
        let report = try global.agent().restore(RestoreRequest(query: try Named.query(path, in: folder), at: time))
        try global.show(
            report, ["\(report.restored.path) is again what was replaced at \(report.restored.replaced)."])
    }
}
