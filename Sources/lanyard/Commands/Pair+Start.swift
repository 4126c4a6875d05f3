import ArgumentParser
import ControlAPI
import Glibc
import SyncModel

extension Pair {
    /// `lanyard pair [DEVICE]`: with a person at the terminal the whole of it, with `--json` its first half.
    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Meet the other device and compare codes.")

        @Argument(help: "A name or address; without it, whoever pairs nearby at the same time.")
        var device: String?

        @Option(help: ArgumentHelp("The folder to share.", valueName: "name|path"))
        var folder: String?

        @Option(help: ArgumentHelp("What the device may do.", valueName: "role"))
        var role: Role = .readWrite

        @Option(help: ArgumentHelp("How long to wait for the other device.", valueName: "seconds"))
        var timeout: Double = 120

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let selector = try folder.map { word throws(ControlError) in try Named.folder(word) }
            let agent = try global.agent()
            if !global.json { Console.line("Looking for the other device. Run there: lanyard pair") }
            let session = try agent.startPairing(
                PairingRequest(device: device, folder: selector, role: role, timeoutSeconds: timeout))
            guard !global.json else { return Console.line(try ControlJSON.text(session)) }
            PairText.question(session).forEach { Console.line($0) }
            Console.text("Does the other device show the same code? [y/N] ")
            let same = PairText.isYes(Console.readAnswer())
            let answer = try agent.confirmPairing(
                PairingConfirmation(session: session.session, code: same ? session.code : nil))
            let end = try Self.awaitOther(answer, agent)
            Console.line(PairText.outcome(end))
            guard end.state == .paired else { throw ExitCode(ExitStatus.refused.rawValue) }
            if try !Self.sharesSoon(session.peer, agent) {
                PairText.nothingShared(with: session.peer.name).forEach { Console.line($0) }
            }
        }

        /// Whether a folder is shared with the device, at once or within a moment.
        private static func sharesSoon(_ peer: PairingPeer, _ agent: ControlClient) throws(ControlError) -> Bool {
            for _ in 0..<(3_000_000 / microsecondsBetween) {
                if try agent.devices().first(where: { $0.id == peer.id })?.folders.isEmpty == false { return true }
                usleep(microsecondsBetween)
            }
            return false
        }

        /// Asks until the other side has answered too; the session's own end bounds it.
        private static func awaitOther(
            _ answer: PairingSession, _ agent: ControlClient
        ) throws(ControlError) -> PairingSession {
            var session = answer
            if session.state == .confirmed { Console.line("Waiting for the answer on the other device.") }
            while session.state == .confirmed {
                usleep(microsecondsBetween)
                guard let now = try agent.pairingSessions().first(where: { $0.session == session.session }) else {
                    throw ControlError(.failed, "the agent forgot the pairing; was it restarted?")
                }
                session = now
            }
            return session
        }

        private static let microsecondsBetween: UInt32 = 200_000
    }
}
