import ControlAPI
import ControlSamples
import Foundation
import SyncModel
import Testing

/// Every document of the interface: its keys, what of it may be null, and that it is read as it was written.
struct DocumentTests {
    /// One value with as little as possible in it.
    struct Document: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let required: Set<String>
        let nullable: Set<String>
        let text: String
        /// Reads a text as this kind of value, and writes it again.
        let reread: @Sendable (String) throws -> String

        init<Value: Codable & Sendable>(_ value: Value, _ required: String, nullable: String = "") {
            testDescription = "\(Value.self)"
            self.required = Set(required.split(separator: " ").map { String($0) })
            self.nullable = Set(nullable.split(separator: " ").map { String($0) })
            text = (try? ControlJSON.text(value)) ?? ""
            reread = { try ControlJSON.text(try JSONDecoder().decode(Value.self, from: Data($0.utf8))) }
        }
    }

    private static let path = LocalPath(bytes: [0x2f, 0xff])
    private static let folder = FolderStatus(id: "1", name: "n", path: path, state: .held)
    private static let version = HistoryVersion(path: path, replaced: Samples.noon, bytes: 1)
    private static let device = OwnDevice(id: "1", name: "n", listen: [])

    static let documents: [Document] = [
        Document(VersionReport(version: "1", wireProtocol: 1), "version wireProtocol controlAPI"),
        Document(
            AgentStatus(device: device, generation: 1, folders: [], rates: TransferRates()),
            "device generation folders rates problems"),
        Document(device, "id name listen"),
        Document(TransferRates(), "receivedBytesPerSecond sentBytesPerSecond"),
        Document(
            folder,
            """
            id name path state files bytes needFiles needBytes relayPending heldDeletions \
            rememberedDeletions rememberedFor localChanges conflicts members problems
            """, nullable: "rootDigest scannedAt"),
        Document(
            MemberStatus(id: "1", name: "n", role: .keeper, connected: false),
            "id name role connected needFiles needBytes", nullable: "address rootDigest"),
        Document(FolderProblem(path: nil, message: "m", since: Samples.noon), "message since", nullable: "path"),
        Document(
            AgentProblem(folder: nil, path: nil, message: "m", since: Samples.noon), "message since",
            nullable: "folder path"),
        Document(RateLimits(), "", nullable: "sendBytesPerSecond receiveBytesPerSecond"),
        Document(DoctorReport(checks: []), "checks"),
        Document(DoctorCheck(name: "n", ok: true, message: "m"), "name ok message", nullable: "remedy"),
        Document(WaitReport(synced: true), "synced reasons"),
        Document(WaitReason(folder: nil, message: "m"), "message", nullable: "folder device"),
        Document(FolderList(folders: []), "folders offers"),
        Document(FolderOffer(id: "1", name: "n", device: "d", role: .archive), "id name device role"),
        Document(Invite(link: "l", expires: Samples.noon), "link expires"),
        Document(JoinedFolder(device: "d", folder: "f", path: path), "device folder path"),
        Document(NearbyDevice(name: "n", address: "a", pairing: false), "name address pairing"),
        Document(Samples.session(.expired), "session code peer expires state"),
        Document(PairingPeer(id: "1", name: "n"), "id name"),
        Document(
            DeviceReport(id: "1", name: "n", connected: false), "id name connected folders",
            nullable: "address lastSeen"),
        Document(SharedFolder(name: "n", role: .readOnly), "name role needFiles needBytes"),
        Document(LocalChangeReport(path: path, change: .added, bytes: 1), "path change bytes"),
        Document(WhyReport(folder: "f", path: path, inSync: false, reason: "r"), "folder path inSync reason"),
        Document(
            ConflictReport(folder: "f", path: path, original: path, device: "d", bytes: 1),
            "folder path original device bytes", nullable: "modified"),
        Document(version, "path replaced bytes", nullable: "modified"),
        Document(RestoreReport(folder: "f", restored: version), "folder restored"),
        Document(
            IgnoreReport(folder: "f", path: path, ignored: false), "folder path ignored", nullable: "pattern line"),
        Document(ReadyLine(device: device, home: "/h", process: 1), "ready device home process"),
        Document(ControlError(.refused, "m"), "code message"),
    ]

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func text(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    @Test(arguments: documents) func theKeysAreThoseOfTheDocuments(document: Document) throws {
        let object = try object(document.text)
        #expect(Set(object.keys) == document.required.union(document.nullable))
        for key in document.nullable { #expect(object[key] is NSNull, "\(key)") }
        for key in document.required { #expect(!(object[key] is NSNull), "\(key)") }
    }

    @Test(arguments: documents) func itComesBackAsItWas(document: Document) throws {
        #expect(try document.reread(document.text) == document.text)
        #expect(!document.text.contains("\n"))
    }

    /// As long as a version lasts keys are only added: older clients pass over them.
    @Test(arguments: documents) func newerKeysArePassedOver(document: Document) throws {
        var newer = try object(document.text)
        newer["later"] = ["a": [1, 2]]
        #expect(try document.reread(text(newer)) == document.text)
    }

    @Test(arguments: documents) func whatMayBeNullMayBeMissing(document: Document) throws {
        for key in document.nullable {
            var object = try object(document.text)
            object[key] = nil
            #expect(try document.reread(text(object)) == document.text, "\(key)")
        }
        for key in document.required {
            var (without, null) = (try object(document.text), try object(document.text))
            without[key] = nil
            null[key] = NSNull()
            for changed in [without, null] {
                #expect(throws: DecodingError.self, "\(key)") { try document.reread(text(changed)) }
            }
        }
    }

    /// Numbers are written whole, however large; JSON readers of other languages would round what is in exponents.
    @Test func largeNumbersStayWhole() throws {
        var folder = Self.folder
        (folder.bytes, folder.files) = (.max, 9_007_199_254_740_993)
        let text = try ControlJSON.text(folder)
        #expect(text.contains("\"bytes\":18446744073709551615,"))
        #expect(text.contains("\"files\":9007199254740993,"))
        #expect(try JSONDecoder().decode(FolderStatus.self, from: Data(text.utf8)) == folder)
    }

    /// One line, whatever is in it, with keys in one order: scripts compare and cut lines.
    @Test func aDocumentIsOneLine() throws {
        let report = WhyReport(
            folder: "a\n\u{2028}\u{0}\"\\/é\u{1f600}", path: LocalPath(bytes: [0x0a, 0x80, 0x5c]), inSync: true,
            reason: "\r\t")
        let text = try ControlJSON.text(report)
        #expect(!text.utf8.contains { $0 < 0x20 })
        let read = try JSONDecoder().decode(WhyReport.self, from: Data(text.utf8))
        #expect(read == report)
        let keys = ["\"folder\":", "\"inSync\":", "\"path\":", "\"reason\":"].map {
            text.firstRange(of: $0)?.lowerBound
        }
        #expect(keys.compactMap { $0 }.count == 4 && keys.compactMap { $0 } == keys.compactMap { $0 }.sorted())
    }

    @Test(arguments: PairingState.allCases.map(\.rawValue)) func statesArePlainWords(state: String) {
        #expect(["comparing", "confirmed", "paired", "refused", "expired", "failed"].contains(state))
    }
}
