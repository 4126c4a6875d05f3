import ControlAPI
import FakeAgent
import Foundation
import Testing

/// Questions that are nearly right: cut off, of other kinds, with more in them than is known. Each is answered,
/// and the next one too.
struct HostileBodyTests {
    /// Every operation that takes something, with a question that is taken.
    private static let questions: [(path: String, body: String)] = [
        ("wait", #"{"timeoutSeconds":1,"devices":["nas"]}"#),
        ("folders/add", #"{"path":"/a","paused":true,"name":"n"}"#),
        ("folders/remove", #"{"text":"documents","path":"/a"}"#),
        ("folders/pause", #"{"text":"documents","path":null}"#),
        ("folders/resume", #"{"text":"documents"}"#),
        ("folders/release", #"{"text":"documents"}"#),
        ("folders/discard", #"{"text":"documents"}"#),
        ("folders/changes", #"{"text":"documents"}"#),
        ("folders/revert", #"{"folder":{"text":"documents"},"paths":["a/b"]}"#),
        ("folders/share", #"{"folder":{"text":"documents"},"device":"nas","role":"archive"}"#),
        ("folders/accept", #"{"offer":"music","device":"nas","path":"/m"}"#),
        ("folders/deletion-budget", #"{"folder":{"text":"documents"},"files":7}"#),
        ("limits/set", #"{"sendBytesPerSecond":65536,"receiveBytesPerSecond":null}"#),
        ("invite", #"{"folder":null,"role":"read-only"}"#),
        ("join", #"{"link":"lanyard://x","path":"/m"}"#),
        ("pairing/start", #"{"device":"p","folder":{"text":"d"},"role":"keeper","timeoutSeconds":1}"#),
        ("pairing/confirm", #"{"session":"s1","code":"123456"}"#),
        ("pairing/cancel", #"{"session":"s1"}"#),
        ("devices/remove", #"{"device":"nas"}"#),
        ("devices/rename", #"{"device":"n","name":"nas"}"#),
        ("why", #"{"path":"/a","folder":{"text":"d"}}"#),
        ("history", #"{"path":"/a"}"#),
        ("restore", #"{"query":{"path":"/a"},"at":"2026-11-24T12:00:00Z"}"#),
        ("check-ignore", #"{"path":"/a"}"#),
    ]

    /// Keys that may be null or left out.
    private static let nullable = Set([
        "name", "path", "device", "folder", "code", "files", "at", "sendBytesPerSecond", "receiveBytesPerSecond",
    ])
    /// Of these, the ones that another question needs.
    private static let needed: [String: Set<String>] = [
        "folders/add": ["path"], "folders/share": ["folder", "device"], "folders/accept": ["path"],
        "folders/revert": ["folder"], "folders/deletion-budget": ["folder"], "devices/remove": ["device"],
        "devices/rename": ["device", "name"],
        "why": ["path"], "history": ["path"], "check-ignore": ["path"],
    ]

    private func withQuestions(
        _ body: @escaping @Sendable (_ ask: (String, String) throws -> (status: Int, body: [UInt8])) throws -> Void
    ) async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            try await blocking {
                try body { path, text in
                    let socket = try RawSocket.connected(to: home + "/control.sock")
                    defer { socket.close() }
                    socket.send(RawSocket.post("/v1/\(path)", text))
                    return try #require(socket.answer(), "\(path) \(text)")
                }
            }
        }
    }

    @Test func whatIsRightIsTaken() async throws {
        try await withQuestions { (ask) throws in
            for (path, body) in Self.questions { #expect(try ask(path, body).status == 200, "\(path)") }
        }
    }

    @Test func cutOffAnywhereItIsNone() async throws {
        try await withQuestions { (ask) throws in
            for (path, body) in Self.questions {
                for count in 0..<body.utf8.count {
                    let answer = try ask(path, String(body.prefix(count)))
                    #expect(answer.status == 400, "\(path) \(body.prefix(count))")
                }
            }
        }
    }

    @Test func unknownKeysAreIgnored() async throws {
        try await withQuestions { (ask) throws in
            for (path, body) in Self.questions {
                let more = #"{"later":{"a":[1,null,{"b":"c"}]},"#
                #expect(try ask(path, more + body.dropFirst()).status == 200, "\(path)")
            }
        }
    }

    /// A key of another kind or a missing one is told by its name.
    @Test func everyKeyIsOfItsKind() async throws {
        try await withQuestions { (ask) throws in
            for (path, body) in Self.questions {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
                for key in object.keys {
                    for other in [[1], ["x": 1], 1.5, true, "\u{0}x"] as [Any] {
                        if other as? Double == 1.5, key == "timeoutSeconds" { continue }
                        if other as? Bool == true, key == "paused" { continue }
                        // Text of any kind is a name.
                        if other is String,
                            ["text", "device", "name", "link", "session", "code", "offer"].contains(key)
                        {
                            continue
                        }
                        var changed = object
                        changed[key] = other
                        let answer = try ask(path, try Self.text(changed))
                        #expect(answer.status == 400, "\(path) \(key) \(other)")
                        let error = try JSONDecoder().decode(ControlError.self, from: Data(answer.body))
                        // Of a number out of bounds the reader doesn't tell the place.
                        let named = error.message.contains(key) || key == "files" || key.hasSuffix("PerSecond")
                        #expect(error.code == .malformed && named, "\(path) \(error.message)")
                    }
                }
            }
        }
    }

    @Test func onlySomeKeysMayBeLeftOutOrNull() async throws {
        try await withQuestions { (ask) throws in
            for (path, body) in Self.questions {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
                for key in object.keys {
                    let may = Self.nullable.contains(key) && Self.needed[path]?.contains(key) != true
                    var (without, null) = (object, object)
                    without[key] = nil
                    null[key] = NSNull()
                    for changed in [without, null] {
                        let text = try Self.text(changed)
                        #expect(try ask(path, text).status == (may ? 200 : 400), "\(path) \(text)")
                    }
                }
            }
        }
    }

    @Test func otherJSONIsNoQuestion() async throws {
        let texts = [
            "", " ", "null", "1", "[]", "\"a\"", "{}x", "{", "[{}]", "nul", "{\"a\":}", "{,}", "\u{feff}1", "'a'",
            #"{"device":"\ud800"}"#, #"{"device":"\x"}"#, "{\"device\":\"a\nb\"", "NaN",
            String(repeating: #"{"device":"#, count: 4_000), String(repeating: "[", count: 60_000),
        ]
        try await withQuestions { (ask) throws in
            for text in texts {
                let answer = try ask("devices/remove", text)
                #expect(answer.status == 400, "\(text.prefix(20))")
                let error = try JSONDecoder().decode(ControlError.self, from: Data(answer.body))
                #expect(error.code == .malformed)
            }
        }
    }

    @Test(arguments: [
        ("-1", false), ("1.5", false), ("18446744073709551615", true), ("18446744073709551616", false),
        ("1e400", false),
        ("\"7\"", false), ("0", true), ("true", false),
    ])
    func budgetsAreWholeNumbers(number: String, taken: Bool) async throws {
        try await withQuestions { (ask) throws in
            let body = #"{"folder":{"text":"d"},"files":\#(number)}"#
            #expect(try ask("folders/deletion-budget", body).status == (taken ? 200 : 400), "\(number)")
        }
    }

    @Test(arguments: ["reader", "READ-WRITE", "", "read-write "]) func rolesAreTheFour(role: String) async throws {
        try await withQuestions { (ask) throws in
            #expect(try ask("invite", #"{"role":"\#(role)"}"#).status == 400)
            #expect(try ask("invite", #"{"role":"keeper"}"#).status == 200)
        }
    }

    /// The bound is that of the documents to the byte.
    @Test func aBodyOfExactlyTheBound() async throws {
        try await withQuestions { (ask) throws in
            let frame = #"{"device":""}"#.utf8.count
            func body(_ count: Int) -> String {
                #"{"device":"\#(String(repeating: "x", count: count - frame))"}"#
            }
            #expect(try ask("devices/remove", body(ControlLimits.requestBytes)).status == 200)
            let answer = try ask("devices/remove", body(ControlLimits.requestBytes + 1))
            #expect(answer.status == 413)
            let error = try JSONDecoder().decode(ControlError.self, from: Data(answer.body))
            #expect(error.code == .requestTooLong && error.message.contains("65536"))
        }
    }

    private static func text(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }
}
