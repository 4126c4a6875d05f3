import ArgumentParser
import ControlAPI

struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: "Show the conflict copies that lie in the folders.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List conflict copies.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let conflicts = try global.agent().conflicts()
            try global.show(conflicts, Self.lines(conflicts))
        }

        private static func lines(_ conflicts: [ConflictReport]) -> [String] {
            guard !conflicts.isEmpty else { return ["No conflicts."] }
            return Table.lines(
                conflicts.map { conflict in
                    [
                        DisplayText.printable(conflict.folder), "\(conflict.original)",
                        "from \(DisplayText.printable(conflict.device))", Units.bytes(conflict.bytes),
                        "\(conflict.path)",
                    ]
                })
        }
    }
}
