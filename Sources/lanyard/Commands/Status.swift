import ArgumentParser
import ControlAPI
import Glibc

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show folders, devices, rates and problems on one screen.")

    @Flag(help: "Keep showing it: redrawn on a terminal, a line a change elsewhere.")
    var watch = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let agent = try global.agent()
        guard watch else {
            let status = try agent.status()
            return try global.show(status, StatusScreen.lines(status))
        }
        var last: AgentStatus?
        while Console.outputError == 0, !Console.isUnread {
            let status = try agent.status()
            if global.json {
                if status != last { Console.line(try ControlJSON.text(status)) }
            } else if Console.isTerminal {
                Console.text("\u{1b}[H\u{1b}[J" + StatusScreen.lines(status).joined(separator: "\n") + "\n")
            } else {
                Self.changes(from: last, to: status).forEach { Console.line($0) }
            }
            last = status
            usleep(Self.microsecondsBetween)
        }
    }

    private static let microsecondsBetween: UInt32 = 500_000

    /// A line a folder that is new or not as it was.
    static func changes(from last: AgentStatus?, to status: AgentStatus) -> [String] {
        let before = Dictionary(
            (last?.folders ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return status.folders.filter { before[$0.id] != $0 }.map { folder in
            let rate = status.rates.receivedBytesPerSecond
            let speed = rate > 0 ? ", \(Units.bytes(rate))/s" : ""
            return "\(DisplayText.printable(folder.name)): \(StatusScreen.state(folder, rate: rate))\(speed)"
        }
    }
}
