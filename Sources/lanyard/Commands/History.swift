import ArgumentParser
import ControlAPI

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List what once stood at a path, newest first.")

    @Argument(help: "The path.")
    var path: String

    @Option(help: ArgumentHelp("PATH is a path in this folder.", valueName: "name"))
    var folder: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let versions = try global.agent().history(try Named.query(path, in: folder))
        try global.show(versions, Self.lines(versions))
    }

    private static func lines(_ versions: [HistoryVersion]) -> [String] {
        guard !versions.isEmpty else { return ["Nothing in history."] }
        return Table.lines(
            versions.map { version in
                ["replaced \(version.replaced)", Units.bytes(version.bytes), "\(version.path)"]
            })
    }
}
