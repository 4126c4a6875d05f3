import ControlAPI
import FakeAgent
import Testing

struct ErrorTests {
    /// What each error exits with.
    private static let statuses: [ControlError.Code: ControlAPI.ExitStatus] = [
        .malformed: .usage, .unknownOperation: .failed, .requestTooLong: .failed, .notFound: .refused,
        .ambiguous: .refused, .refused: .refused, .rateLimited: .refused, .timedOut: .negative, .failed: .failed,
        .noAgent: .noAgent, .agentRunning: .refused, .socketFailed: .failed, .connectionLost: .failed,
        .answerMalformed: .failed, .notAssembled: .failed,
    ]

    @Test(arguments: ControlError.Code.allCases)
    func anErrorKeepsCodeMessageAndExitStatus(code: ControlError.Code) async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        agent.fail(with: ControlError(code, "no folder \"a\0b\" — 日本"))
        try await withServer(home: home, agent: agent) { _ in
            let error = await #expect(throws: ControlError.self) {
                try await blocking { try ControlClient(home: home).status() }
            }
            #expect(error?.code == code)
            #expect(error?.message == "no folder \"a\0b\" — 日本")
            #expect(error?.exitStatus == Self.statuses[code])
        }
    }

    @Test func exitStatusesAreThoseOfTheDocuments() {
        #expect(ControlAPI.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5])
    }

    @Test func withoutAnAgent() throws {
        let directory = try TestDirectory()
        #expect(throws: ControlError.noAgent) { try ControlClient(home: directory.path + "/absent").status() }
        let home = try directory.home()
        let error = #expect(throws: ControlError.noAgent) { try ControlClient(home: home).status() }
        #expect(error?.message == "no agent is running for this home; start one with: lanyard up")
        #expect(error?.exitStatus == .noAgent)
    }

    @Test(arguments: [-1, .infinity, .nan, ControlLimits.timeoutSeconds * 2] as [Double])
    func timesOutOfBounds(seconds: Double) async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            await #expect(throws: ControlError.self) {
                try await blocking { try ControlClient(home: home).wait(WaitRequest(timeoutSeconds: seconds)) }
            }
        }
        #expect(agent.takeQuestions().isEmpty)
    }
}
