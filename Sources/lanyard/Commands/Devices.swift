import ArgumentParser
import ControlAPI
import SyncModel

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Show who is paired, where they are, and what they lack.",
        subcommands: [List.self, Remove.self, Rename.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the paired devices.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let devices = try global.agent().devices()
            try global.show(
                devices,
                devices.isEmpty
                    ? ["No devices yet. Pair one with: lanyard pair"] : Table.lines(devices.map(Devices.row)))
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a device from all folders and end the pairing; its files stay there.")

        @Argument(help: "A name, an ID or the beginning of one.")
        var device: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            try global.agent().removeDevice(DeviceSelector(device: device))
            try global.show(Done(), ["\(DisplayText.printable(device)) is removed."])
        }
    }

    struct Rename: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a device another name.")

        @Argument(help: "A name, an ID or the beginning of one.")
        var device: String

        @Argument(help: "The new name.")
        var name: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let renamed = try global.agent().renameDevice(DeviceRename(device: device, name: name))
            try global.show(
                renamed, ["\(DisplayText.printable(device)) is now \(DisplayText.printable(renamed.name))."])
        }
    }

    private static func row(_ device: DeviceReport) -> [String] {
        let lacking = device.folders.filter { $0.needFiles > 0 }.map { folder in
            "lacks \(Units.files(folder.needFiles)) of \(DisplayText.printable(folder.name))"
        }
        let shared = device.folders.map { "\(DisplayText.printable($0.name)) (\($0.role.rawValue))" }
        return [
            DisplayText.printable(device.name), StatusScreen.shortID(device.id),
            device.connected ? "connected" : device.lastSeen.map { "seen \($0)" } ?? "never seen",
            DisplayText.printable(device.address ?? ""),
            shared.isEmpty ? "no folders" : shared.joined(separator: ", "), lacking.joined(separator: ", "),
        ]
    }
}
