import ControlAPI
import Foundation
import Testing

/// Two real agents, as scripts use them: the forms and statuses that are fixed.
@Suite(.serialized) struct TwoAgentsTests {
    private let place: TestPlace

    init() throws { place = try TestPlace() }

    private func pair() throws -> (left: TestAgent, right: TestAgent, link: String) {
        let (left, right) = (try place.start("left-home", "left"), try place.start("right-home"))
        let invite = try left.client.invite(InviteRequest())
        let joined = try place.run("--home", "right-home", "join", invite.link, "right", "--json")
        #expect(joined.status == 0, "\(joined.text)")
        let report = try JSONDecoder().decode(JoinedFolder.self, from: Data(joined.text.utf8))
        #expect(report.folder == "left" && report.path.string.map { $0.hasSuffix("/right") } == true)
        let wait = try place.run("--home", "left-home", "wait")
        #expect(wait.status == 0, "\(wait.text)")
        return (left, right, invite.link)
    }

    @Test func aLinkHoldsOnceAndForItsUser() throws {
        let (left, right, link) = try pair()
        // Whoever joined is answered again; nobody else is.
        #expect(try place.run("--home", "right-home", "join", link, "right").status == 0)
        #expect(try right.client.folders().folders.count == 1)
        let third = try place.start("third-home")
        let late = try place.run("--home", "third-home", "join", link, "third", "--json")
        #expect(late.status == 4, "\(late.text)")
        let error = try JSONDecoder().decode(ControlError.self, from: Data(late.text.utf8))
        #expect(error.code == .refused)
        #expect(try third.client.folders().folders.isEmpty)
        #expect(try [left.end(), right.end(), third.end()] == [0, 0, 0])
    }

    @Test func whoeverIsAwayIsNamed() throws {
        let (left, right, _) = try pair()
        let peer = try right.client.status().device
        #expect(try right.end() == 0)
        try place.wait { try left.client.devices().allSatisfy { !$0.connected } }
        let wait = try place.run("--home", "left-home", "wait", "--timeout", "1", "--for", peer.id, "--json")
        #expect(wait.status == 1, "\(wait.text)")
        let report = try JSONDecoder().decode(WaitReport.self, from: Data(wait.text.utf8))
        #expect(!report.synced && !report.reasons.isEmpty)
        let devices = try place.run("--home", "left-home", "devices")
        #expect(devices.text.contains("  seen 20") && devices.text.contains("left (read-write)"), "\(devices.text)")
        let status = try place.run("--home", "left-home", "status")
        #expect(status.text.contains("away"), "\(status.text)")
        try Data("new".utf8).write(to: URL(filePath: place.path("left/new")))
        try place.wait { try left.client.status().folders[0].files == 1 }
        let why = try place.run("--home", "left-home", "why", "left/new")
        #expect(why.text.hasPrefix("new: ") && why.text.contains("no other member is connected"), "\(why.text)")
        #expect(try left.end() == 0)
    }

    @Test func devicesAreRenamedAndRemoved() throws {
        let (left, right, _) = try pair()
        let peer = try right.client.status().device
        for name in ["", "a\nb", String(repeating: "n", count: 65)] {
            let refused = try place.run("--home", "left-home", "devices", "rename", peer.id, name)
            #expect(refused.status == 2, "\(refused.text)")
        }
        let renamed = try place.run("--home", "left-home", "devices", "rename", peer.id, "köln 1")
        #expect(renamed.status == 0 && renamed.text.hasSuffix("is now köln 1.\n"), "\(renamed.text)")
        #expect(try place.run("--home", "left-home", "wait", "--for", "köln 1").status == 0)
        let short = String(peer.id.prefix(3))
        #expect(try place.run("--home", "left-home", "devices", "remove", short).status == 4)
        #expect(try place.run("--home", "left-home", "devices", "remove", String(peer.id.prefix(8))).status == 0)
        #expect(try left.client.devices().isEmpty)
        // Nobody waits for whoever was removed.
        try place.wait { try left.client.status().folders.allSatisfy { $0.members.isEmpty } }
        #expect(try place.run("--home", "left-home", "wait").status == 0)
        #expect(try [left.end(), right.end()] == [0, 0])
    }

    /// Both sides write one path while they don't see each other.
    @Test func aConflictIsListedOnBothSides() throws {
        let (left, right, _) = try pair()
        #expect(try right.end() == 0)
        try Data("from the left".utf8).write(to: URL(filePath: place.path("left/plan.txt")))
        try Data("from the right!".utf8).write(to: URL(filePath: place.path("right/plan.txt")))
        let again = try place.start("right-home")
        try place.wait { try left.client.conflicts().count == 1 && again.client.conflicts().count == 1 }
        let list = try place.run("--home", "left-home", "conflicts", "list", "--json")
        let reports = try JSONDecoder().decode([ConflictReport].self, from: Data(list.text.utf8))
        #expect(list.status == 0 && reports.map(\.original.string) == ["plan.txt"])
        #expect(reports[0].path.string.map { $0.hasPrefix("plan (") && $0.hasSuffix(").txt") } == true)
        #expect(try again.client.conflicts().map(\.path) == reports.map(\.path))
        let table = try place.run("--home", "left-home", "conflicts")
        #expect(table.text.hasPrefix("left  plan.txt  from "), "\(table.text)")
        #expect(try place.run("--home", "left-home", "wait").status == 0)
        for folder in ["left", "right"] {
            let texts = try ["plan.txt", reports[0].path.string ?? ""].map {
                try String(contentsOfFile: place.path("\(folder)/\($0)"), encoding: .utf8)
            }
            #expect(Set(texts) == ["from the left", "from the right!"])
        }
        #expect(try [left.end(), again.end()] == [0, 0])
    }
}
