import ArgumentParser
import ControlAPI

struct Pair: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pair",
        abstract: "Pair with a device nearby by comparing a short code.",
        discussion: """
            Run it on both devices. For scripts: pair [DEVICE] --json prints the session and its code once both are \
            present; pair confirm SESSION --code CODE, with the code that the other device shows, answers on each side.
            """,
        subcommands: [Start.self, Confirm.self, Cancel.self, List.self, Nearby.self], defaultSubcommand: Start.self)

    struct Confirm: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "confirm",
            abstract: "Answer for this device: its code must be the one that the other device shows.")

        @Argument(help: "The session that `pair --json` printed.")
        var session: String

        @Option(help: ArgumentHelp("The code that the other device shows.", valueName: "code"))
        var code: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let digits = code.filter { $0 != " " }
            let answer = try global.agent().confirmPairing(PairingConfirmation(session: session, code: digits))
            try global.show(answer, [PairText.outcome(answer)])
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "End a session without pairing.")

        @Argument(help: "The session.")
        var session: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            try global.agent().cancelPairing(PairingSelector(session: session))
            try global.show(Done(), ["The pairing is cancelled."])
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List sessions that are under way or just ended.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let sessions = try global.agent().pairingSessions()
            let rows = sessions.map { session in
                [
                    DisplayText.printable(session.session), session.code, DisplayText.printable(session.peer.name),
                    session.state.rawValue, "until \(session.expires)",
                ]
            }
            try global.show(sessions, rows.isEmpty ? ["No pairing is under way."] : Table.lines(rows))
        }
    }

    struct Nearby: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "nearby", abstract: "List devices nearby that aren't paired yet.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let devices = try global.agent().devicesNearby()
            let rows = devices.map { device in
                [
                    DisplayText.printable(device.name), DisplayText.printable(device.address),
                    device.pairing ? "waits for a pairing" : "",
                ]
            }
            try global.show(devices, rows.isEmpty ? ["No unpaired devices nearby."] : Table.lines(rows))
        }
    }
}
