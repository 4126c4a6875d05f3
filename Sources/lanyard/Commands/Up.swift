import AgentRuntime
import ArgumentParser
import ControlAPI

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start the agent in the foreground.",
        discussion: """
            The first run makes this device's identity. Each PATH is added as a folder, if it isn't one yet. SIGTERM \
            and SIGINT stop the agent cleanly.
            """)

    @Argument(help: "Folders to add; made if missing.")
    var paths: [String] = []

    @Option(
        parsing: .singleValue, help: ArgumentHelp("Listen here only; port 0 takes a free one.", valueName: "host:port"))
    var listen: [String] = []

    @Flag(help: "Neither announce this device on the local network nor look for others.")
    var noDiscovery = false

    @Flag(help: "Run as root all the same.")
    var allowRoot = false

    @OptionGroup var global: GlobalOptions

    /// Everything that the agent is asked for.
    func options() throws(ControlError) -> AgentOptions {
        var folders: [LocalPath] = []
        for path in paths { folders.append(try AbsolutePath.resolving(try Named.path(path))) }
        return AgentOptions(
            home: try Home.directory(option: global.home), paths: folders, listen: listen, discovery: !noDiscovery,
            readyLineAsJSON: global.json, allowRoot: allowRoot)
    }

    func run() async throws {
        let asJSON = global.json
        try await Agent.run(try options()) { line in
            do {
                Console.line(asJSON ? try ControlJSON.text(line) : "Lanyard is running as \(line.device.name).")
            } catch {
                Console.error("\(error)")
            }
        }
    }
}
