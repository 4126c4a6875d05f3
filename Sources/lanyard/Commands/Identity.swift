import AgentRuntime
import ArgumentParser
import ControlAPI

struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Decide who this device is after its state was copied or restored.",
        discussion: """
            Two agents with one identity would harm each other, so a copied, moved or restored state directory is \
            refused until one of these is run. Both need the agent stopped, and touch no file of any folder.
            """,
        subcommands: [Keep.self, Renew.self])

    /// Where the former state is; null where it is still in use.
    private struct Report: Encodable {
        let home: LocalPath
        let retired: LocalPath?
    }

    struct Keep: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keep",
            abstract: "Stay the same device: the other copy of the state is gone for good.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let home = try Home.directory(option: global.home)
            try HomeIdentity.keep(home: home)
            try global.show(
                Report(home: LocalPath(bytes: home.utf8), retired: nil),
                ["This is the same device as before. Start it with: lanyard up"])
        }
    }

    struct Renew: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "renew",
            abstract: "Become a new device without folders; the former state is kept aside, and all files stay.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let home = try Home.directory(option: global.home)
            let place = try HomeIdentity.renew(home: home)
            try global.show(
                Report(home: LocalPath(bytes: home.utf8), retired: LocalPath(bytes: place.utf8)),
                [
                    "The former identity and indexes are in \(DisplayText.printable(place)).",
                    "Start the new device with: lanyard up PATH, and pair it with: lanyard pair",
                ])
        }
    }
}
