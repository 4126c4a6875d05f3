import ArgumentParser
import ControlAPI

struct Wait: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until every folder equals all its connected members.",
        discussion: "Exits with 0 as soon as that holds, with 1 and the reasons when it can't or the time is over.")

    @Option(help: ArgumentHelp("How long at most.", valueName: "seconds"))
    var timeout: Double = 60

    @Option(
        name: .customLong("for"), parsing: .singleValue,
        help: ArgumentHelp("A device that must be connected; may be given again.", valueName: "device"))
    var devices: [String] = []

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let report = try global.agent().wait(WaitRequest(timeoutSeconds: timeout, devices: devices))
        try global.show(report, report.synced ? ["Everything is in sync."] : report.reasons.map(Self.line))
        guard report.synced else { throw negativeAnswer }
    }

    private static func line(_ reason: WaitReason) -> String {
        let place = [reason.folder, reason.device].compactMap { $0 }.map(DisplayText.printable)
        return (place.isEmpty ? "" : place.joined(separator: ", ") + ": ") + DisplayText.printable(reason.message)
    }
}
