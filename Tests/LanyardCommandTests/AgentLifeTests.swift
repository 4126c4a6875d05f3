import ControlAPI
import Foundation
import LanHosts
import Testing

/// Beginning and end of real agents: what stops one from starting, what it leaves, and two at once.
@Suite(.serialized) struct AgentLifeTests {
    private let place: TestPlace

    init() throws { place = try TestPlace() }

    private static let allowRoot = geteuid() == 0 ? ["--allow-root"] : []

    /// `up` that has to end by itself.
    private func up(_ words: String...) throws -> (status: Int32, text: String) {
        let all = ["up", "--listen", "127.0.0.1:0", "--no-discovery"] + Self.allowRoot + words
        return try place.run(all.map { Array($0.utf8) })
    }

    @Test func whatAKilledAgentLeftIsNoHindrance() throws {
        let first = try place.start("home", "docs")
        let device = try first.client.status().device.id
        first.process.kill()
        #expect(access(place.path("home/control.sock"), F_OK) == 0)
        for command in [["status"], ["folder", "list"], ["stop"], ["wait"], ["why", "docs/a"], ["devices"]] {
            let run = try place.run((["--home", "home"] + command).map { Array($0.utf8) })
            #expect(run.status == 3, "\(command)")
            #expect(run.text == "lanyard: no agent is running for this home; start one with: lanyard up\n")
        }
        let version = try place.run("--home", "home", "version", "--json")
        #expect(version.status == 0 && version.text.contains("\"agent\":null"))
        let second = try place.start("home")
        let status = try second.client.status()
        #expect(status.device.id == device && status.folders.map(\.name) == ["docs"])
        #expect(try second.end() == 0)
    }

    @Test func aSecondAgentIsRefusedAndTheFirstGoesOn() throws {
        let first = try place.start("home", "docs")
        let second = try up("--home", "home", "other")
        #expect(second.status == 4)
        #expect(second.text.contains("already running") && second.text.contains("lanyard stop"), "\(second.text)")
        let json = try up("--home", "home", "--json")
        let error = try JSONDecoder().decode(ControlError.self, from: Data(json.text.utf8))
        #expect(json.status == 4 && error.code == .agentRunning)
        #expect(access(place.path("other"), F_OK) != 0)
        #expect(try first.client.status().folders.map(\.name) == ["docs"])
        #expect(try first.end() == 0)
    }

    /// One directory belongs to one home, whoever asks, at its start or later.
    @Test func aFolderOfAnotherHomeIsRefused() throws {
        let first = try place.start("home", "docs")
        let second = try place.start("second")
        for path in ["docs", "docs/../docs"] {
            let added = try place.run("--home", "second", "folder", "add", path)
            #expect(added.status == 4, "\(added.text)")
            #expect(added.text.contains("/docs"), "\(added.text)")
        }
        let third = try up("--home", "third", "docs")
        #expect(third.status == 4, "\(third.text)")
        #expect(try second.client.status().folders.isEmpty)
        #expect(try [first.end(), second.end()] == [0, 0])
    }

    @Test func aStopIsWaitedFor() throws {
        let agent = try place.start("home", "docs")
        let stop = try place.run("--home", "home", "stop")
        #expect(stop.status == 0 && stop.text == "The agent has stopped.\n")
        #expect(try agent.process.waitForExit(within: 60) == 0)
        #expect(access(place.path("home/control.sock"), F_OK) != 0)
        #expect(try place.run("--home", "home", "stop").status == 3)
    }

    @Test(arguments: [SIGTERM, SIGINT]) func signalsStopItCleanly(signal: Int32) throws {
        let agent = try place.start("home", "docs")
        agent.process.signal(signal)
        #expect(try agent.process.waitForExit(within: 60) == 0)
        #expect(access(place.path("home/control.sock"), F_OK) != 0)
    }

    @Test(arguments: [
        "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "::1:22077", "[::1", "host.invalid:1", "",
    ])
    func addressesThatAreNoneAreNamed(address: String) throws {
        let words = ["--home", "home", "up", "--no-discovery", "--listen", address] + Self.allowRoot
        let run = try place.run(words.map { Array($0.utf8) })
        #expect(run.status != 0 && run.status != 3, "\(run.text)")
        #expect(run.text.contains("\"\(address)\"") && run.text.hasPrefix("lanyard: "), "\(run.text)")
        #expect(access(place.path("home/control.sock"), F_OK) != 0)
    }

    @Test func aPortThatIsTakenIsNamed() throws {
        let first = try place.start("home")
        let address = try #require(try first.client.status().device.listen.first)
        let words = ["--home", "second", "up", "--no-discovery", "--listen", address] + Self.allowRoot
        let second = try place.run(words.map { Array($0.utf8) })
        #expect(second.status == 5, "\(second.text)")
        #expect(second.text.contains(address), "\(second.text)")
        #expect(try first.end() == 0)
    }

    @Test func aFolderThatCannotBeOneStopsTheStart() throws {
        try Data("text".utf8).write(to: URL(filePath: place.path("file")))
        let file = try up("--home", "home", "file")
        #expect(file.status != 0 && file.text.contains("file"), "\(file.text)")
        let empty = try up("--home", "home", "")
        #expect(empty.status == 2, "\(empty.text)")
        let below = try up("--home", "file/home", "docs")
        #expect(below.status != 0 && below.text.contains("file/home"), "\(below.text)")
        #expect(try String(contentsOfFile: place.path("file"), encoding: .utf8) == "text")
    }

    /// What comes over the socket of a real agent: numbers and names at their bounds, and beyond.
    @Test func noQuestionEndsTheAgent() throws {
        let agent = try place.start("home", "docs")
        let long = String(repeating: "x", count: 20_000)
        let folders = [FolderSelector(text: ""), FolderSelector(text: long), FolderSelector(text: "docs")]
        // None of them is outside of this test's directory, should it be taken.
        let paths =
            ["", "relative", place.path("docs/\(long)"), place.root, place.path("new"), place.path("docs/.lanyard")]
            .map { LocalPath(bytes: $0.utf8) } + [LocalPath(bytes: Array(place.path("b").utf8) + [0xff])]
        let client = agent.client
        var refused = 0
        func ask(_ body: () throws -> Void) throws {
            do { try body() } catch let error as ControlError {
                refused += 1
                #expect(error.code != .connectionLost && error.code != .noAgent, "\(error.message.prefix(300))")
            }
        }
        for path in paths {
            try ask { _ = try client.why(PathQuery(path: path)) }
            try ask { _ = try client.addFolder(FolderAddition(path: path, paused: true)) }
            try ask { _ = try client.acceptFolder(FolderAcceptance(offer: long, path: path)) }
            for folder in folders {
                let query = PathQuery(path: path, folder: folder)
                try ask { _ = try client.history(query) }
                try ask { _ = try client.checkIgnore(query) }
                for seconds in [Int64.min, 0, .max] {
                    try ask { _ = try client.restore(RestoreRequest(query: query, at: Timestamp(seconds: seconds))) }
                }
            }
        }
        for text in ["", "0", "-1", "18446744073709551615", "18446744073709551616", long, "\0", "\u{1b}"] {
            try ask { _ = try client.confirmPairing(PairingConfirmation(session: text, code: text)) }
            try ask { try client.cancelPairing(PairingSelector(session: text)) }
            try ask { try client.removeDevice(DeviceSelector(device: text)) }
            try ask { _ = try client.renameDevice(DeviceRename(device: text, name: text)) }
            try ask { _ = try client.join(JoinRequest(link: text)) }
            try ask { _ = try client.wait(WaitRequest(timeoutSeconds: 0, devices: [text])) }
            try ask { _ = try client.startPairing(PairingRequest(device: text, timeoutSeconds: 0)) }
        }
        #expect(refused > 50)
        #expect(try client.status().folders.contains { $0.name == "docs" })
        #expect(try agent.end() == 0)
    }
}
