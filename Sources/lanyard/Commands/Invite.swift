import ArgumentParser
import ControlAPI
import SyncModel

struct Invite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Make a link that lets one far-away device join a folder.")

    @Option(help: ArgumentHelp("Needed if there are several folders.", valueName: "name|path"))
    var folder: String?

    @Option(help: ArgumentHelp("What the device may do: read-write or read-only.", valueName: "role"))
    var role: Role = .readWrite

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let selector = try folder.map { word throws(ControlError) in try Named.folder(word) }
        let invite = try global.agent().invite(InviteRequest(folder: selector, role: role))
        try global.show(
            invite,
            [
                DisplayText.printable(invite.link), "",
                "Run on the other device: lanyard join LINK [PATH]",
                "It works once, until \(invite.expires). Whoever has it can join: send it in a safe way.",
            ])
    }
}
