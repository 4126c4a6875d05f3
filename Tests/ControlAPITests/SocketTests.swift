import ControlAPI
import ControlSamples
import FakeAgent
import Foundation
import LocalServer
import Testing

/// Whose socket it is, and where it may lie.
struct SocketTests {
    /// AF_UNIX allows 107 bytes.
    @Test(arguments: [0, 110, 260, 3_000])
    func aHomeOfAnyLength(length: Int) async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home(longerThan: length)
        try await withServer(home: home, agent: agent) { _ in
            let status = try await blocking { try ControlClient(home: home).status() }
            #expect(status == Samples.status)
            let attributes = try FileManager.default.attributesOfItem(atPath: home + "/control.sock")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            #expect(attributes[.type] as? FileAttributeType == .typeSocket)
        }
        #expect(!FileManager.default.fileExists(atPath: home + "/control.sock"))
        #expect(throws: ControlError.noAgent) { try ControlClient(home: home).status() }
    }

    @Test func aSocketThatADeadAgentLeftIsReplaced() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let socket = try RawSocket.listening(at: home + "/control.sock")
        socket.close()
        #expect(FileManager.default.fileExists(atPath: home + "/control.sock"))
        #expect(throws: ControlError.noAgent) { try ControlClient(home: home).status() }
        try await withServer(home: home, agent: agent) { _ in
            let status = try await blocking { try ControlClient(home: home).status() }
            #expect(status == Samples.status)
        }
    }

    @Test func aSecondServerIsRefusedAndTheFirstStays() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            let error = #expect(throws: ControlError.self) {
                _ = try ControlServer(home: home, control: FakeAgent()) {}
            }
            #expect(error?.code == .agentRunning)
            let status = try await blocking { try ControlClient(home: home).status() }
            #expect(status == Samples.status)
        }
        try await withServer(home: home, agent: agent) { _ in }
    }

    @Test func aHomeOpenToOthersIsRefused() throws {
        let directory = try TestDirectory()
        let home = try directory.home()
        for mode in [0o701, 0o710, 0o755] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: home)
            let error = #expect(throws: ControlError.self) {
                _ = try ControlServer(home: home, control: FakeAgent()) {}
            }
            #expect(error?.code == .socketFailed)
            #expect(error?.message.contains("chmod 700") == true)
        }
        let absent = #expect(throws: ControlError.self) {
            _ = try ControlServer(home: home + "/absent", control: FakeAgent()) {}
        }
        #expect(absent?.code == .socketFailed)
    }

    /// At a stop, a call that is under way gets its time, is cancelled then, and the server ends.
    @Test func aStopEndsCallsUnderWay() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let (ready, signal) = AsyncStream<Void>.makeStream()
        let server = try ControlServer(home: home, control: agent, stopSeconds: 0) { signal.finish() }
        async let end: Void = server.run()
        for await _ in ready {}
        let socket = try RawSocket.connected(to: home + "/control.sock")
        defer { socket.close() }
        socket.send(RawSocket.post("/v1/wait", #"{"timeoutSeconds":600,"devices":["forever"]}"#))
        let begun = await agent.next()
        await server.stop()
        try await end
        let ended = await agent.next()
        #expect([begun, ended] == ["begun", "cancelled"])
        #expect(!FileManager.default.fileExists(atPath: home + "/control.sock"))
    }

    @Test func aCancelledServerGivesUpItsHome() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let (ready, signal) = AsyncStream<Void>.makeStream()
        let server = try ControlServer(home: home, control: agent) { signal.finish() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await _ in ready {}
            group.cancelAll()
            try await group.waitForAll()
        }
        try await withServer(home: home, agent: agent) { _ in
            let status = try await blocking { try ControlClient(home: home).status() }
            #expect(status == Samples.status)
        }
    }

    @Test func aClientThatLeavesCancelsItsCall() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            let socket = try RawSocket.connected(to: home + "/control.sock")
            socket.send(RawSocket.post("/v1/wait", #"{"timeoutSeconds":600,"devices":["forever"]}"#))
            let begun = await agent.next()
            socket.close()
            let ended = await agent.next()
            #expect([begun, ended] == ["begun", "cancelled"])
        }
    }

    @Test func manyClientsAtOnce() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 {
                    group.addTask { try await blocking { try ControlClient(home: home).status() == Samples.status } }
                }
                for try await equal in group { #expect(equal) }
            }
        }
        #expect(agent.takeQuestions().count == 32)
    }
}
