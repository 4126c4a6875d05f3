import ControlAPI
import ControlSamples
import FakeAgent
import Testing

/// Whatever comes over the socket, the server answers or hangs up, and serves the next.
struct HostileRequestTests {
    private static let kilobyte = String(repeating: "x", count: 1_000)

    /// What is sent, and how the answer begins; nil: any answer or none.
    private static let requests: [(String, [UInt8], String?)] = [
        ("nothing", [], nil),
        ("garbage", (0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ 7) }, nil),
        ("a TLS hello", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 9, count: 500), nil),
        ("a half request", Array("GET /v1/sta".utf8), nil),
        (
            "a header without end",
            Array("GET /v1/status HTTP/1.1\r\nX: \(String(repeating: kilobyte, count: 200))".utf8), nil
        ),
        ("an unknown route", Array("GET /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n".utf8), "HTTP/1.1 404"),
        ("another method", Array("DELETE /v1/status HTTP/1.1\r\nHost: a\r\n\r\n".utf8), "HTTP/1.1 404"),
        ("a way out", Array("GET /v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n".utf8), "HTTP/1.1 404"),
        ("no JSON", RawSocket.post("/v1/wait", "{"), "HTTP/1.1 400"),
        ("other JSON", RawSocket.post("/v1/wait", #"{"timeoutSeconds":"long","devices":[]}"#), "HTTP/1.1 400"),
        ("deep JSON", RawSocket.post("/v1/wait", String(repeating: "[", count: 30_000)), "HTTP/1.1 400"),
        ("no body", RawSocket.post("/v1/wait", ""), "HTTP/1.1 400"),
        (
            "a path that is none", RawSocket.post("/v1/why", #"{"path":"/a\u0000zz"}"#), "HTTP/1.1 400"
        ),
        (
            "a body beyond the limit",
            RawSocket.post("/v1/join", #"{"link":""# + String(repeating: kilobyte, count: 66) + #""}"#), "HTTP/1.1 413"
        ),
        ("a negative length", Array("POST /v1/stop HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n{}".utf8), nil),
        (
            "two lengths",
            Array("POST /v1/stop HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".utf8), nil
        ),
    ]

    @Test func noneOfThemEndsTheServer() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            for (what, bytes, begin) in Self.requests {
                let answer = try await blocking {
                    let socket = try RawSocket.connected(to: home + "/control.sock")
                    defer { socket.close() }
                    socket.send(bytes)
                    return begin == nil ? nil : socket.firstLine()
                }
                if let begin { #expect(answer?.hasPrefix(begin) == true, "\(what): \(answer ?? "nothing")") }
                let status = try await blocking { try ControlClient(home: home).status() }
                #expect(status == Samples.status, "after \(what)")
            }
        }
        #expect(Set(agent.takeQuestions()) == ["status"])
    }

    /// The answer of whatever else listens there is an error of its own.
    @Test func anAnswerThatIsNone() async throws {
        let directory = try TestDirectory()
        let home = try directory.home()
        let listener = try RawSocket.listening(at: home + "/control.sock")
        defer { listener.close() }
        for (text, code) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ControlError.Code.answerMalformed),
            ("HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\nhtml", .answerMalformed),
            ("HTTP/1.1 500 Oh\r\nContent-Length: 30\r\n\r\n{\"code\":\"new\",\"message\":\"words\"}", .answerMalformed),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", .connectionLost),
            ("", .connectionLost),
        ] {
            async let answer = blocking { try ControlClient(home: home).status() }
            try await blocking { try listener.answerOnce(text) }
            do {
                _ = try await answer
                Issue.record("no error for \(text)")
            } catch let error as ControlError {
                #expect(error.code == code, "\(text)")
            }
        }
    }
}

extension RawSocket {
    /// Accepts one connection, reads a request's head and answers with these bytes.
    func answerOnce(_ text: String) throws {
        let peer = accepted()
        var last: [UInt8] = []
        while last.suffix(4) != [13, 10, 13, 10], let byte = peer.byte() { last = last.suffix(3) + [byte] }
        peer.send(Array(text.utf8))
        peer.close()
    }
}
