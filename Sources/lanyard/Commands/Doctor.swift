import ArgumentParser
import ControlAPI

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong on this machine, and the command that mends it.",
        discussion: "Exits with 0 if nothing is wrong, with 1 otherwise.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try global.agent().doctor()
        try global.show(report, Self.lines(report))
        guard report.ok else { throw negativeAnswer }
    }

    private static func lines(_ report: DoctorReport) -> [String] {
        report.checks.flatMap { check in
            let line = Table.lines([[check.ok ? "ok   " : "WRONG", DisplayText.printable(check.name) + ":",
                DisplayText.printable(check.message)]])
            return line + (check.remedy.map { ["       run: \(DisplayText.printable($0))"] } ?? [])
        }
    }
}
