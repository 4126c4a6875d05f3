import ControlAPI
import Foundation
import LanHosts
import Testing

/// What two people do who pair two devices: the scriptable calls of both sides at once.
struct MetPair {
    let first: LanAgent
    let second: LanAgent
    let sessions: [PairingSession]

    /// Runs `pair --json` on both until each has met the other.
    init(_ first: LanAgent, _ second: LanAgent, _ words: String...) throws {
        (self.first, self.second) = (first, second)
        let running = try [first, second].map { try $0.begin(["pair", "--json", "--timeout", "30"] + words) }
        sessions = try zip([first, second], running).map { agent, running in
            guard try running.process.waitForExit(within: 90) == 0, let line = running.process.transcript.last else {
                throw LanError(
                    """
                    \(agent.name) met nobody: \(running.process.transcript)
                    \(first.name): \(try first.run("pair", "nearby").output)
                    \(first.logTail)
                    \(second.name): \(try second.run("pair", "nearby").output)
                    \(second.logTail)
                    """)
            }
            return try JSONDecoder().decode(PairingSession.self, from: Data(line.utf8))
        }
    }

    func confirm(_ agent: LanAgent, code: String) throws -> (status: Int32, output: String) {
        try agent.run("pair", "confirm", (agent === first ? sessions[0] : sessions[1]).session, "--code", code)
    }

    /// Both say yes to the code that both show; the first answer does not wait for the second.
    func confirm() throws {
        #expect(sessions[0].code == sessions[1].code)
        #expect(sessions.map(\.peer.name) == [second.name, first.name])
        let early = try confirm(first, code: sessions[1].code)
        #expect(early.status == 0, "\(early.output)")
        let last = try confirm(second, code: sessions[0].code)
        #expect(last.status == 0, "\(last.output)")
        for agent in [first, second] {
            try agent.wait("the pairing was over") { agent in
                try agent.ask([PairingSession].self, "pair", "list").allSatisfy { $0.state != .confirmed }
            }
        }
    }
}
