import ControlAPI
import ControlSamples
import Foundation
import Testing

/// The JSON that scripts rely on, key by key.
struct StatusJSONTests {
    @Test func theKeysOfAStatus() throws {
        let folder = Set([
            "id", "name", "path", "state", "rootDigest", "files", "bytes", "scannedAt", "needFiles", "needBytes",
            "relayPending", "members", "problems",
        ])
        let member = Set(["id", "name", "role", "connected", "address", "rootDigest", "needFiles", "needBytes"])
        let status = try object(ControlJSON.text(Samples.troubledStatus))
        #expect(Set(["device", "generation", "folders", "rates"]).isSubset(of: status.keys))
        #expect(Set(try object(status["device"]).keys) == ["id", "name", "listen"])
        #expect(Set(try object(status["rates"]).keys) == ["receivedBytesPerSecond", "sentBytesPerSecond"])
        let folders = try #require(status["folders"] as? [[String: Any]])
        #expect(folders.count == 2)
        for object in folders { #expect(folder.isSubset(of: object.keys)) }
        let members = try #require(folders[0]["members"] as? [[String: Any]])
        for object in members { #expect(Set(object.keys) == member) }
        let problems = try #require(folders[1]["problems"] as? [[String: Any]])
        for object in problems { #expect(Set(object.keys) == ["path", "message", "since"]) }
    }

    /// A key that is absent in Swift is null in JSON, and a missing key is read as null.
    @Test func absentValuesAreNull() throws {
        let folder = FolderStatus(id: "1", name: "n", path: LocalPath(bytes: [0x2f]), state: .scanning)
        let text = try ControlJSON.text(folder)
        #expect(text.contains(#""rootDigest":null"#))
        #expect(text.contains(#""scannedAt":null"#))
        let read = try JSONDecoder().decode(FolderAddition.self, from: Data(#"{"path":"/a","paused":false}"#.utf8))
        #expect(read == FolderAddition(path: LocalPath(bytes: [0x2f, 0x61])))
    }

    @Test func statesAndRolesAreTheWordsOfTheDocuments() {
        #expect(FolderState.allCases.map(\.rawValue) == ["idle", "scanning", "syncing", "paused", "held", "error"])
    }

    @Test func momentsAreDates() throws {
        #expect(
            try ControlJSON.text(Samples.invite)
                == #"{"expires":"2026-11-24T12:00:00Z","link":"lanyard://192.168.1.4:22077/abc"}"#)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try object(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    private func object(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }
}
