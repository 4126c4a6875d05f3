import ArgumentParser
import ControlAPI

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is wrong on this machine, and the command that mends it.",
        discussion: "Exits with 0 if nothing is wrong, with 1 otherwise.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try global.agent().doctor()
        try global.show(report, Self.lines(report))
        guard report.ok else { throw negativeAnswer }
    }

    private static func lines(_ report: DoctorReport) -> [String] {
        let rows = report.checks.map { check in
            [check.ok ? "ok" : "WRONG", DisplayText.printable(check.name), DisplayText.printable(check.message)]
        }
        let remedies = report.checks.filter { !$0.ok }.compactMap(\.remedy).map { "    \(DisplayText.printable($0))" }
        return Table.lines(rows) + (remedies.isEmpty ? [] : ["To mend it, run:"] + remedies)
    }
}
