public import ArgumentParser
import ControlAPI
public import SyncModel

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory that holds all state of the agent.", valueName: "dir"))
    var home: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// The agent of this home.
    func agent() throws(ControlError) -> ControlClient { ControlClient(home: try Home.directory(option: home)) }

    /// Prints `value` as JSON if that is asked for, else the lines.
    func show(_ value: some Encodable, _ lines: @autoclosure () -> [String]) throws(ControlError) {
        if json { Console.line(try ControlJSON.text(value)) } else { lines().forEach { Console.line($0) } }
    }
}

/// The words that name things, as values of the API.
enum Named {
    static func folder(_ word: String) throws(ControlError) -> FolderSelector {
        FolderSelector(text: word, path: try AbsolutePath.resolving(try path(word)))
    }

    static func path(_ word: String) throws(ControlError) -> LocalPath {
        guard let path = LocalPath(text: word), !path.bytes.isEmpty else {
            throw ControlError(.malformed, "a path can't be empty")
        }
        return path
    }

    /// A path of a folder: absolute, or in the folder that is named.
    static func query(_ word: String, in folder: String?) throws(ControlError) -> PathQuery {
        guard let folder else { return PathQuery(path: try AbsolutePath.entry(try path(word))) }
        return PathQuery(path: try path(word), folder: try self.folder(folder))
    }
}

extension Role: ExpressibleByArgument {}

/// What commands print when they have changed something and there is nothing to tell.
struct Done: Encodable {
    let done = true
}
