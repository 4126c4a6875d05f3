import ArgumentParser
import ControlAPI

struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Pair with the device that made a link, and sync its folder.")

    @Argument(help: "The link that `lanyard invite` printed.")
    var link: String

    @Argument(help: "Where the folder shall be; made if missing. If not given, a new directory of its name at home.")
    var path: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let place = try path.map { word throws(ControlError) in
            try AbsolutePath.resolving(try Named.path(word))
        }
        let joined = try global.agent().join(JoinRequest(link: link, path: place))
        try global.show(
            joined,
            [
                """
                Joined \(DisplayText.printable(joined.folder)) of \(DisplayText.printable(joined.device)) at \
                \(joined.path).
                """
            ])
    }
}
