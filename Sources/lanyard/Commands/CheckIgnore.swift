import ArgumentParser
import ControlAPI

struct CheckIgnore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-ignore", abstract: "Say whether a path is ignored, and by which pattern.",
        discussion: "Exits with 0 if it is ignored, with 1 if not.")

    @Argument(help: "The path.")
    var path: String

    @Flag(name: .shortAndLong, help: "Name the pattern and its line.")
    var verbose = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try global.agent().checkIgnore(try Named.query(path, in: nil))
        try global.show(report, lines(report))
        guard report.ignored else { throw negativeAnswer }
    }

    /// As git prints it: `file:line:pattern<tab>path`.
    private func lines(_ report: IgnoreReport) -> [String] {
        guard verbose else { return report.ignored ? ["\(report.path)"] : [] }
        guard let pattern = report.pattern, let line = report.line else { return ["::\t\(report.path)"] }
        return [".lanyardignore:\(line):\(DisplayText.printable(pattern))\t\(report.path)"]
    }
}
