import AgentProcesses
import ControlAPI
import Glibc
import LocalFileSystem
import SQLiteIndex
import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

@testable import AgentRuntime

/// What people and scripts ask of a whole agent, on a real home and real folders.
@Suite struct ServiceTests {
    /// An agent that runs while `body` does.
    private func withService(
        in directory: TemporaryDirectory, _ body: (AgentService, TemporaryDirectory) async throws -> Void
    ) async throws {
        let agent = try Agent(
            AgentOptions(
                home: directory.path + "/home", listen: ["127.0.0.1:0"], discovery: false, allowRoot: true),
            logger: quiet)
        try agent.start()
        let service = AgentService(agent) {}
        do { try await body(service, directory) } catch {
            agent.stop()
            throw error
        }
        agent.stop()
    }

    private func withService(_ body: (AgentService, TemporaryDirectory) async throws -> Void) async throws {
        try await withService(in: try TemporaryDirectory(), body)
    }

    private func path(_ directory: TemporaryDirectory, _ name: String) -> LocalPath {
        LocalPath(bytes: "\(directory.path)/\(name)".utf8)
    }

    private func code(_ body: () async throws -> Void) async -> ControlError.Code? {
        do { try await body() } catch { return (error as? ControlError)?.code }
        return nil
    }

    /// Waits until all that is in a folder was looked at.
    private func settled(_ service: AgentService) async throws {
        let report = try await service.wait(WaitRequest(timeoutSeconds: 60))
        try #require(report.synced, "\(report.reasons)")
    }

    @Test func aFolderIsFoundByNameIDAndPath() async throws {
        try await withService { service, directory in
            let added = try await service.addFolder(FolderAddition(path: path(directory, "docs")))
            #expect(added.name == "docs")
            let again = try await service.addFolder(FolderAddition(path: path(directory, "docs"), name: "else"))
            #expect(again.id == added.id && again.name == "docs")
            for selector in [
                FolderSelector(text: "docs"), FolderSelector(text: added.id),
                FolderSelector(text: "?", path: path(directory, "docs")),
            ] {
                #expect(try await service.folder(selector).folder.description == added.id)
            }
            for text in ["", "doc", "docs/", added.id.uppercased() + "0", "/"] {
                let selector = FolderSelector(text: text, path: path(directory, "nowhere"))
                #expect(await code { _ = try await service.folder(selector) } == .notFound, "\(text)")
            }
            for _ in 0..<2 {
                let paused = try await service.pauseFolder(FolderSelector(text: "docs"))
                #expect(paused.state == .paused)
            }
            for _ in 0..<2 { _ = try await service.resumeFolder(FolderSelector(text: "docs")) }
            try await settled(service)
            try await service.removeFolder(FolderSelector(text: "docs"))
            #expect(await code { try await service.removeFolder(FolderSelector(text: "docs")) } == .notFound)
            #expect(try await service.folders().folders.isEmpty)
        }
    }

    /// A directory may have any name; the folder's is for people.
    @Test func everyDirectoryCanBecomeAFolder() async throws {
        try await withService { service, directory in
            let names: [[UInt8]] = [
                Array("plain".utf8), Array("two\nlines".utf8), [0xff, 0xfe], [UInt8](repeating: 0xff, count: 200),
                [UInt8](repeating: 0x61, count: 255), Array("e\u{301}".utf8), [0x1b, 0x5b, 0x41], Array(" ".utf8),
            ]
            var seen: Set<String> = []
            for name in names {
                for parent in ["a", "b"] {
                    let path = LocalPath(bytes: Array("\(directory.path)/\(parent)/".utf8) + name)
                    let added = try await service.addFolder(FolderAddition(path: path))
                    #expect(added.path == path)
                    #expect(!added.name.isEmpty && added.name.utf8.count <= Limits.folderNameBytes)
                    #expect(seen.insert(added.name).inserted)
                }
            }
            #expect(try await service.status().folders.count == 2 * names.count)
        }
    }

    @Test func aForeignMarkerIsNotTaken() async throws {
        let directory = try TemporaryDirectory()
        try await withService(in: directory) { service, _ in
            let first = try await service.addFolder(FolderAddition(path: path(directory, "folder")))
            try await settled(service)
            // Moved while the agent runs: it is ours, and elsewhere.
            #expect(rename(directory.path + "/folder", directory.path + "/moved") == 0)
            let moving = FolderAddition(path: path(directory, "moved"))
            #expect(await code { _ = try await service.addFolder(moving) } == .refused)
            #expect(rename(directory.path + "/moved", directory.path + "/folder") == 0)
            #expect(try await service.folders().folders.map(\.id) == [first.id])
        }
        // Another home's.
        #expect(rename(directory.path + "/home", directory.path + "/other") == 0)
        try await withService(in: directory) { service, _ in
            let folder = FolderAddition(path: path(directory, "folder"))
            #expect(await code { _ = try await service.addFolder(folder) } == .refused)
            let folders = try await service.folders().folders
            #expect(folders.isEmpty)
        }
    }

    @Test func onlyPathsOfAFolderAreAskedAbout() async throws {
        try await withService { service, directory in
            let docs = FolderSelector(text: "docs")
            _ = try await service.addFolder(FolderAddition(path: path(directory, "docs")))
            _ = try await service.addFolder(FolderAddition(path: path(directory, "docs-more")))
            let expected: [(String, FolderSelector?, ControlError.Code?)] = [
                ("\(directory.path)/docs/a", nil, nil), ("\(directory.path)/docs/a/b", nil, nil), ("a", docs, nil),
                ("\(directory.path)/docs", nil, .notFound), ("\(directory.path)/doc/a", nil, .notFound),
                ("\(directory.path)/docs/", nil, .malformed), ("\(directory.path)/docs/../x", nil, .malformed),
                ("\(directory.path)/docs//a", nil, .malformed), ("../a", docs, .malformed), ("/a", docs, .malformed),
                ("", docs, .malformed), (".lanyard/folder", docs, .malformed), ("a/./b", docs, .malformed),
                (String(repeating: "n", count: 256), docs, .malformed), ("a", FolderSelector(text: "no"), .notFound),
            ]
            for (text, folder, wanted) in expected {
                let query = PathQuery(path: LocalPath(bytes: text.utf8), folder: folder)
                #expect(await code { _ = try await service.place(query) } == wanted, "\(text)")
            }
            let inner = PathQuery(path: path(directory, "docs-more/a"))
            #expect(try await service.place(inner).folder.name == "docs-more")
            // A folder in a folder is none.
            let nested = FolderAddition(path: path(directory, "docs/inner"))
            #expect(await code { _ = try await service.addFolder(nested) } == .refused)
            #expect(try await service.folders().folders.count == 2)
        }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<6_000 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func historyIsNewestFirstAndComesBack() async throws {
        try await withService { service, directory in
            _ = try await service.addFolder(FolderAddition(path: path(directory, "docs")))
            try await settled(service)
            let query = PathQuery(path: path(directory, "docs/x"))
            let none = RestoreRequest(query: query)
            #expect(try await service.history(query).isEmpty)
            #expect(await code { _ = try await service.restore(none) } == .notFound)
            let known = try await service.folder(FolderSelector(text: "docs"))
            for size in 1...3 {
                try directory.write("docs/x", [UInt8](repeating: 1, count: size))
                let applied = try await service.runner(known).onDisk { disk in
                    let path = try RelativePath("x")
                    guard let state = try disk.folder.root.entry(at: path)?.state else { return false }
                    let step = ApplyStep(path: path, expected: .entry(state), action: .delete)
                    let report = try disk.applier.execute([step], at: Int64(1_000_000_000 + size)) { _ in nil }
                    return report.outcomes == [.applied(nil)]
                }
                try #require(applied)
            }
            #expect(try await service.history(query).map(\.bytes) == [3, 2, 1])
            #expect(try await service.restore(none).restored.bytes == 3)
            let early = RestoreRequest(query: query, at: Timestamp(seconds: 1_000_000_001))
            #expect(try await service.restore(early).restored.bytes == 1)
            try await settled(service)
            #expect(try await service.why(query).inSync)
        }
    }

    @Test func aBudgetIsKeptOverARestart() async throws {
        let directory = try TemporaryDirectory()
        var key = ""
        for files in [7, nil, 0, UInt64.max] as [UInt64?] {
            try await withService(in: directory) { service, _ in
                let added = try await service.addFolder(FolderAddition(path: path(directory, "docs")))
                key = "deletion-budget \(added.id)"
                _ = try await service.setDeletionBudget(
                    DeletionBudgetChange(folder: FolderSelector(text: "docs"), files: files))
            }
            let store = try DeviceStore.open(path: directory.path + "/home/device.db")
            #expect(try store.setting(key) == files.map { String(Int(clamping: $0)) } ?? "off")
            try store.close()
        }
    }

    @Test func boundsOfRatesAreKeptOverARestart() async throws {
        let directory = try TemporaryDirectory()
        let wanted = [
            RateLimits(sendBytesPerSecond: 65_536), RateLimits(receiveBytesPerSecond: .max),
            RateLimits(sendBytesPerSecond: 1_000_000, receiveBytesPerSecond: 2_000_000), RateLimits(),
        ]
        var before = RateLimits()
        for limits in wanted {
            let held = before
            try await withService(in: directory) { service, _ in
                var current = try await service.rateLimits()
                #expect(current == held)
                for least in [0, 1, 65_535] as [UInt64] {
                    let low = RateLimits(receiveBytesPerSecond: least)
                    #expect(await code { _ = try await service.setRateLimits(low) } == .refused)
                }
                current = try await service.rateLimits()
                #expect(current == held)
                current = try await service.setRateLimits(limits)
                #expect(current == limits)
            }
            before = limits
        }
    }

    @Test(arguments: [0, -1, .nan, 0.001] as [Double]) func whoWillNotWaitIsAnswered(seconds: Double) async throws {
        try await withService { service, directory in
            let request = PairingRequest(device: nil, timeoutSeconds: seconds)
            #expect(await code { _ = try await service.startPairing(request) } == .timedOut)
            #expect(try await service.pairingSessions().isEmpty)
            // What was given up stands in nobody's way.
            #expect(await code { _ = try await service.startPairing(request) } == .timedOut)
            _ = try await service.addFolder(FolderAddition(path: path(directory, "docs")))
            _ = try await service.wait(WaitRequest(timeoutSeconds: seconds))
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await withService { service, directory in
            let none = FolderSelector(text: "none")
            #expect(await code { _ = try await service.wait(WaitRequest(devices: ["nobody"])) } == .notFound)
            #expect(await code { try await service.removeDevice(DeviceSelector(device: "nobody")) } == .notFound)
            #expect(await code { _ = try await service.device("") } == .notFound)
            #expect(await code { _ = try await service.invite(InviteRequest()) } != nil)
            #expect(await code { _ = try await service.invite(InviteRequest(folder: none)) } == .notFound)
            #expect(await code { _ = try await service.join(JoinRequest(link: "lanyard://join/1/AAAA")) } == .malformed)
            for role in Role.allCases where role != .readWrite {
                let request = PairingRequest(device: nil, role: role, timeoutSeconds: 0)
                #expect(await code { _ = try await service.startPairing(request) } == .refused)
            }
            // What a role promises must hold, or nobody gets it.
            for role in [Role.archive, .keeper] {
                #expect(await code { _ = try await service.invite(InviteRequest(role: role)) } == .refused)
                let share = FolderShare(folder: none, device: "nobody", role: role)
                #expect(await code { try await service.shareFolder(share) } == .refused)
            }
            for session in ["", "x", "-1", "99", "18446744073709551616"] {
                let selector = PairingSelector(session: session)
                #expect(await code { try await service.cancelPairing(selector) } == .notFound, "\(session)")
            }
            let offer = FolderAcceptance(offer: "none", path: path(directory, "x"))
            #expect(await code { _ = try await service.acceptFolder(offer) } == .notFound)
            let conflicts = try await service.conflicts()
            #expect(conflicts.isEmpty)
            let checks = try await service.doctor().checks
            #expect(checks.contains { $0.name == "listening" && $0.ok })
        }
    }

    @Test func afterTheEndEveryQuestionHasAnAnswer() async throws {
        var ended: AgentService?
        try await withService { service, _ in ended = service }
        let service = try #require(ended)
        #expect(await code { _ = try await service.status() } == .failed)
        #expect(await code { _ = try await service.wait(WaitRequest(timeoutSeconds: 60)) } == .failed)
        let request = PairingRequest(device: nil, timeoutSeconds: 60)
        #expect(await code { _ = try await service.startPairing(request) } == .failed)
    }
}

/// Where a folder goes that is joined without a path: its name comes from another device.
@Suite struct JoinPlaceTests {
    @Test(arguments: [
        ("photos", true), ("e\u{301} ü", true), ("a..b", true), ("..a", false), (".ssh", false), (".", false),
        ("..", false), ("a/b", false), ("/etc", false), (".lanyard", false),
    ])
    func onlyAPlainNameBecomesADirectory(name: String, isTaken: Bool) throws {
        let bytes = try #require(Bytes16([UInt8](repeating: 1, count: 16)))
        let link = try InviteLink(
            inviter: DeviceID(.zero), addresses: [], invite: bytes, secret: bytes, folder: folderA, folderName: name,
            expires: 1
        ).text()
        let home = String(cString: try #require(getenv("HOME")))
        if isTaken {
            #expect(try JoinPlace.path(of: link) == Array("\(home)/\(name)".utf8))
        } else {
            let error = #expect(throws: ControlError.self) { try JoinPlace.path(of: link) }
            #expect(error?.code == .malformed)
        }
    }

    /// Whoever makes a link chooses the name: what is in a directory of that name is not given to him.
    @Test func whatIsThereAlreadyIsNotShared() throws {
        let home = String(cString: try #require(getenv("HOME")))
        let name = "lanyard-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let bytes = try #require(Bytes16([UInt8](repeating: 1, count: 16)))
        let link = try InviteLink(
            inviter: DeviceID(.zero), addresses: [], invite: bytes, secret: bytes, folder: folderA, folderName: name,
            expires: 1
        ).text()
        try Files.make("\(home)/\(name)")
        defer { try? Files.remove("\(home)/\(name)") }
        #expect(try JoinPlace.path(of: link) == Array("\(home)/\(name)".utf8))
        try Files.write("\(home)/\(name)/.x", "mine")
        let error = #expect(throws: ControlError.self) { try JoinPlace.path(of: link) }
        #expect(error?.code == .refused)
        #expect(try JoinPlace.path(of: link, known: [folderA]) == Array("\(home)/\(name)".utf8))
    }
}
