import ArgumentParser
import ControlAPI

struct Version: ParsableCommand {
    /// The program's version.
    static let program = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the versions of this program and of the running agent.")

    @OptionGroup var global: GlobalOptions

    private struct Report: Encodable {
        let version = Version.program
        /// Null if none is running.
        @NullWhenAbsent var agent: VersionReport?
    }

    func run() throws {
        let report = Report(agent: try running())
        var lines = ["lanyard \(Self.program)"]
        if let agent = report.agent {
            lines.append("agent \(DisplayText.printable(agent.version)), wire protocol \(agent.wireProtocol)")
        } else {
            lines.append("no agent is running for this home")
        }
        try global.show(report, lines)
    }

    private func running() throws(ControlError) -> VersionReport? {
        do { return try global.agent().version() } catch {
            if error.code == .noAgent { return nil }
            throw error
        }
    }
}
