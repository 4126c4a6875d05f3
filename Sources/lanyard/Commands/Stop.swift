import ArgumentParser
import ControlAPI
import Glibc

struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the agent cleanly, and wait until it has stopped.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let agent = try global.agent()
        try agent.stop()
        try Self.awaitEnd(of: agent)
        try global.show(Done(), ["The agent has stopped."])
    }

    /// Asks until nobody answers.
    private static func awaitEnd(of agent: ControlClient) throws(ControlError) {
        for _ in 0..<(secondsAtMost * 1_000_000 / microsecondsBetween) {
            do { _ = try agent.version() } catch {
                if error.code == .noAgent || error.code == .connectionLost { return }
                throw error
            }
            usleep(microsecondsBetween)
        }
        throw ControlError(.timedOut, "the agent is still stopping after \(secondsAtMost) seconds")
    }

    private static let secondsAtMost: UInt32 = 30
    private static let microsecondsBetween: UInt32 = 50_000
}
