import ArgumentParser
import ControlAPI
import Glibc

struct Service: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Let systemd run the agent for you.", subcommands: [Install.self, Uninstall.self])

    /// What both commands tell.
    private struct Report: Encodable {
        let unit: LocalPath
        let commands: [String]
    }

    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install",
            abstract: "Write a systemd user unit, and say how to start it.",
            discussion: "Nothing is started. Installing again writes the unit anew.")

        @Flag(help: "Only print the unit.")
        var print = false

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Listen here only; port 0 takes a free one.", valueName: "host:port"))
        var listen: [String] = []

        @Flag(help: "Neither announce this device on the local network nor look for others.")
        var noDiscovery = false

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let unit = UserUnit(
                program: try UserUnit.thisProgram(), home: try Home.directory(option: global.home), listen: listen,
                discovery: !noDiscovery)
            if print { return Console.text(unit.text) }
            let path = try UserUnit.path()
            try UserUnit.write(unit.text, to: path)
            let commands = [
                "systemctl --user daemon-reload", "systemctl --user enable --now lanyard.service",
                "loginctl enable-linger",
            ]
            try global.show(
                Report(unit: LocalPath(bytes: path.utf8), commands: commands),
                [
                    "Wrote \(DisplayText.printable(path)). Start the agent now and at every login with:",
                    "    \(commands[0])", "    \(commands[1])", "Keep it running when you are logged out with:",
                    "    \(commands[2])",
                ])
        }
    }

    struct Uninstall: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "uninstall",
            abstract: "Remove the systemd user unit; identity, index and folders stay.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let path = try UserUnit.path()
            guard unlink(path) == 0 || errno == ENOENT else {
                throw ControlError(
                    .failed, "\(DisplayText.printable(path)) can't be removed: \(String(cString: strerror(errno)))")
            }
            let commands = ["systemctl --user disable --now lanyard.service", "systemctl --user daemon-reload"]
            try global.show(
                Report(unit: LocalPath(bytes: path.utf8), commands: commands),
                ["Removed \(DisplayText.printable(path)). Stop the agent with:"] + commands.map { "    \($0)" })
        }
    }
}
