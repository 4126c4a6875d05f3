import ArgumentParser
import ControlAPI
import SyncModel

struct Folder: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folder",
        abstract: "Add, share and look after folders.",
        subcommands: [
            List.self, Add.self, Share.self, Accept.self, Remove.self, Pause.self, Resume.self, Release.self,
            Discard.self, Changes.self, Revert.self, Set.self,
        ],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the folders, and those offered by others.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let list = try global.agent().folders()
            try global.show(list, Self.lines(list))
        }

        private static func lines(_ list: FolderList) -> [String] {
            if list.folders.isEmpty, list.offers.isEmpty {
                return ["No folders yet. Add one with: lanyard folder add PATH"]
            }
            let folders = list.folders.map { folder in
                [
                    DisplayText.printable(folder.name), folder.state.rawValue, Units.files(folder.files),
                    Units.bytes(folder.bytes), "\(folder.path)",
                ]
            }
            let offers = list.offers.map { offer in
                """
                \(DisplayText.printable(offer.device)) offers \(DisplayText.printable(offer.name)) \
                (\(offer.role.rawValue)); take it with: lanyard folder accept \(DisplayText.printable(offer.name)) PATH
                """
            }
            return Table.lines(folders) + offers
        }
    }
}
