import ControlAPI
import ControlSamples
import FakeAgent
import SyncModel
import Testing

/// Every operation over a real socket: the question arrives whole, and so does the answer.
struct OperationTests {
    @Test func theAgentItself() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            let client = ControlClient(home: home)
            try await blocking { () throws in
                #expect(try client.version() == VersionReport(version: "0.1.0", wireProtocol: 1))
                #expect(try client.status() == Samples.status)
                #expect(try client.problems() == Samples.problems)
                #expect(try client.doctor().ok)
                #expect(try client.wait(WaitRequest(timeoutSeconds: 1.5, devices: ["nas"])).synced)
                #expect(try client.rateLimits() == Samples.limits)
                #expect(try client.setRateLimits(RateLimits()) == RateLimits())
                try client.stop()
            }
        }
        #expect(
            agent.takeQuestions() == [
                "version", "status", "problems", "doctor", #"wait {"devices":["nas"],"timeoutSeconds":1.5}"#,
                "rateLimits", #"setRateLimits {"receiveBytesPerSecond":null,"sendBytesPerSecond":null}"#, "stop",
            ])
    }

    @Test func aTroubledStatusIsWholeToo() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        agent.become(.unhappy)
        try await withServer(home: home, agent: agent) { _ in
            let status = try await blocking { try ControlClient(home: home).status() }
            #expect(status == Samples.troubledStatus)
        }
    }

    @Test func folders() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let folder = FolderSelector(text: "d", path: LocalPath(bytes: [0x2f, 0xff]))
        try await withServer(home: home, agent: agent) { _ in
            let client = ControlClient(home: home)
            try await blocking { () throws in
                #expect(try client.folders().offers.map(\.name) == ["music"])
                #expect(
                    try client.addFolder(FolderAddition(path: LocalPath(bytes: [0x2f, 0xfe]), paused: true))
                        == Samples.documents)
                try client.removeFolder(folder)
                #expect(try client.pauseFolder(folder).state == .paused)
                #expect(try client.resumeFolder(folder).state == .scanning)
                try client.shareFolder(FolderShare(folder: folder, device: "nas", role: .archive))
                #expect(
                    try client.acceptFolder(FolderAcceptance(offer: "music", path: LocalPath(bytes: [0x2f])))
                        == Samples.documents)
                #expect(try client.releaseFolder(folder) == Samples.documents)
                #expect(try client.discardFolder(folder) == Samples.documents)
                #expect(try client.folderChanges(folder) == Samples.changes)
                let reversal = FolderReversal(folder: folder, paths: [LocalPath(bytes: [0xff])])
                #expect(try client.revertFolder(reversal) == Samples.documents)
                #expect(
                    try client.setDeletionBudget(DeletionBudgetChange(folder: folder, files: nil))
                        == Samples.documents)
            }
        }
        let selector = #"{"path":"/\u0000ff","text":"d"}"#
        #expect(
            agent.takeQuestions() == [
                "folders", #"addFolder {"name":null,"path":"/\u0000fe","paused":true}"#, "removeFolder \(selector)",
                "pauseFolder \(selector)", "resumeFolder \(selector)",
                #"shareFolder {"device":"nas","folder":\#(selector),"role":"archive"}"#,
                #"acceptFolder {"device":null,"offer":"music","path":"/"}"#, "releaseFolder \(selector)",
                "discardFolder \(selector)", "folderChanges \(selector)",
                #"revertFolder {"folder":\#(selector),"paths":["\u0000ff"]}"#,
                #"setDeletionBudget {"files":null,"folder":\#(selector)}"#,
            ])
    }

    @Test func people() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        try await withServer(home: home, agent: agent) { _ in
            let client = ControlClient(home: home)
            try await blocking { () throws in
                #expect(try client.invite(InviteRequest(role: .readOnly)) == Samples.invite)
                #expect(try client.join(JoinRequest(link: "lanyard://x")).folder == "documents")
                #expect(try client.devicesNearby().first?.name == "phone")
                #expect(try client.startPairing(PairingRequest(device: "phone")) == Samples.session(.comparing))
                #expect(try client.pairingSessions() == [Samples.session(.confirmed)])
                #expect(
                    try client.confirmPairing(PairingConfirmation(session: "s1", code: nil))
                        == Samples.session(.refused))
                try client.cancelPairing(PairingSelector(session: "s1"))
                #expect(try client.devices() == Samples.devices)
                try client.removeDevice(DeviceSelector(device: "phone"))
                #expect(try client.renameDevice(DeviceRename(device: "n", name: "nas")) == Samples.devices[0])
            }
        }
        #expect(
            agent.takeQuestions() == [
                #"invite {"folder":null,"role":"read-only"}"#, #"join {"link":"lanyard://x","path":null}"#,
                "devicesNearby",
                #"startPairing {"device":"phone","folder":null,"role":"read-write","timeoutSeconds":120}"#,
                "pairingSessions", #"confirmPairing {"code":null,"session":"s1"}"#,
                #"cancelPairing {"session":"s1"}"#, "devices", #"removeDevice {"device":"phone"}"#,
                #"renameDevice {"device":"n","name":"nas"}"#,
            ])
    }

    @Test func paths() async throws {
        let (directory, agent) = (try TestDirectory(), FakeAgent())
        let home = try directory.home()
        let query = PathQuery(path: LocalPath(bytes: Array("/a/".utf8) + [0x80]))
        try await withServer(home: home, agent: agent) { _ in
            let client = ControlClient(home: home)
            try await blocking { () throws in
                #expect(try client.why(query).inSync)
                #expect(try client.conflicts().first?.device == "phone")
                #expect(try client.history(query) == Samples.versions)
                #expect(
                    try client.restore(RestoreRequest(query: query, at: Samples.noon)).restored == Samples.versions[0])
                #expect(try client.checkIgnore(query).line == 3)
            }
        }
        let asked = #"{"folder":null,"path":"/a/\u000080"}"#
        #expect(
            agent.takeQuestions() == [
                "why \(asked)", "conflicts", "history \(asked)",
                #"restore {"at":"2026-11-24T12:00:00Z","query":\#(asked)}"#, "checkIgnore \(asked)",
            ])
    }
}
