import ArgumentParser
import ControlAPI
import SyncModel

/// Which folders there are, and who has them.
extension Folder {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a folder; made if missing.")

        @Argument(help: "The directory.")
        var path: String

        @Flag(help: "Don't scan or sync it before `folder resume`.")
        var paused = false

        @Option(help: ArgumentHelp("Its name; without this, the directory's.", valueName: "name"))
        var name: String?

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let path = try AbsolutePath.resolving(try Named.path(self.path))
            let folder = try global.agent().addFolder(FolderAddition(path: path, paused: paused, name: name))
            try global.show(folder, ["\(DisplayText.printable(folder.name)) is a folder at \(folder.path)."])
        }
    }

    struct Share: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "share", abstract: "Offer a folder to a paired device.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @Argument(help: "A name or an ID.")
        var device: String

        @Option(help: ArgumentHelp("What the device may do: read-write or read-only.", valueName: "role"))
        var role: Role = .readWrite

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let selector = try Named.folder(folder)
            try global.agent().shareFolder(FolderShare(folder: selector, device: device, role: role))
            try global.show(
                Done(),
                [
                    """
                    \(DisplayText.printable(folder)) is offered to \(DisplayText.printable(device)); there it is taken \
                    with: lanyard folder accept
                    """
                ])
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept", abstract: "Take a folder that a paired device offers.")

        @Argument(help: "The offer's name or ID.")
        var offer: String

        @Argument(help: "Where the folder shall be; made if missing.")
        var path: String

        @Option(help: ArgumentHelp("Whose offer, if several have the name.", valueName: "device"))
        var device: String?

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let path = try AbsolutePath.resolving(try Named.path(self.path))
            let folder = try global.agent().acceptFolder(FolderAcceptance(offer: offer, device: device, path: path))
            try global.show(folder, ["\(DisplayText.printable(folder.name)) is a folder at \(folder.path)."])
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Stop syncing a folder; its files stay.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            try global.agent().removeFolder(try Named.folder(folder))
            try global.show(
                Done(), ["\(DisplayText.printable(folder)) is no folder any more; its files are untouched."])
        }
    }
}
