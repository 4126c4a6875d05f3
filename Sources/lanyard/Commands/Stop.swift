import ArgumentParser
import ControlAPI

struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the agent cleanly.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.agent().stop()
        try global.show(Done(), ["The agent is stopping."])
    }
}
