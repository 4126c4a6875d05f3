import ArgumentParser
import ControlAPI

/// What a folder does and is allowed to do.
extension Folder {
    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Neither scan nor sync a folder for now.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws { try show(try global.agent().pauseFolder(try Named.folder(folder)), global) }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "resume", abstract: "End a pause.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws { try show(try global.agent().resumeFolder(try Named.folder(folder)), global) }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release",
            abstract: "Let held deletions happen, here and at all members.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws { try show(try global.agent().releaseFolder(try Named.folder(folder)), global) }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discard", abstract: "Undo held deletions: the files come back, or stay.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws { try show(try global.agent().discardFolder(try Named.folder(folder)), global) }
    }

    struct Changes: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "changes",
            abstract: "List what was changed here in a folder that this device may only read.",
            discussion: "Nobody is told of it. The first 16,384 are listed; status shows how many there are.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let changes = try global.agent().folderChanges(try Named.folder(folder))
            try global.show(changes, Self.lines(changes))
        }

        private static func lines(_ changes: [LocalChangeReport]) -> [String] {
            if changes.isEmpty { return ["No local changes."] }
            return Table.lines(changes.map { [$0.change.rawValue, Units.bytes($0.bytes), "\($0.path)"] })
        }
    }

    struct Revert: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revert",
            abstract: "Take local changes back: what the others have comes back.",
            discussion: "What was here goes to history. It is put away once the other content is at hand, not before.")

        @Argument(help: "A name, an ID or a path.")
        var folder: String

        @Argument(help: "Paths in the folder, with what is below them; without any, all local changes.")
        var paths: [String] = []

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let places = try paths.map { try Named.path($0) }
            let request = FolderReversal(folder: try Named.folder(folder), paths: places)
            try show(try global.agent().revertFolder(request), global)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Change a setting of a folder.", subcommands: [DeletionBudget.self])

        struct DeletionBudget: ParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "deletion-budget",
                abstract: "How many deletions in an hour happen without asking.")

            @Argument(help: "A name, an ID or a path.")
            var folder: String

            @Argument(help: "A number of files, or off.")
            var files: String

            @OptionGroup var global: GlobalOptions

            func run() throws {
                let number = UInt64(files)
                guard number != nil || files == "off" else {
                    throw ControlError(.malformed, "a deletion budget is a number of files, or: off")
                }
                let change = DeletionBudgetChange(folder: try Named.folder(folder), files: number)
                try show(try global.agent().setDeletionBudget(change), global)
            }
        }
    }
}

private func show(_ folder: FolderStatus, _ global: GlobalOptions) throws(ControlError) {
    try global.show(folder, ["\(DisplayText.printable(folder.name)): \(StatusScreen.state(folder, rate: 0))"])
}
