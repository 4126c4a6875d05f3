import ControlAPI
import Foundation
import Testing

/// Whole agents of the built program, over homes that are copied and renewed (rule 9).
@Suite(.serialized) struct IdentityTests {
    private let place: TestPlace

    init() throws { place = try TestPlace() }

    @Test func aCopiedHomeIsRefusedUntilAPersonDecides() throws {
        let first = try place.start("home", "folder")
        let device = try first.client.status().device.id
        for word in ["keep", "renew"] {
            let early = try place.run("--home", "home", "identity", word)
            #expect(early.status == 4)
            #expect(early.text.contains("already running"))
        }
        #expect(try first.end() == 0)
        try place.copy("home", "kept")
        try place.copy("home", "renewed")

        for home in ["kept", "renewed"] {
            let refused = try place.run("--home", home, "up")
            #expect(refused.status == 4)
            for word in ["keep", "renew"] { #expect(refused.text.contains("'lanyard identity \(word)'")) }
        }
        #expect(try place.run("--home", "kept", "identity", "keep").status == 0)
        let kept = try place.start("kept")
        #expect(try kept.client.status().device.id == device)
        #expect(try kept.client.status().folders.map(\.name) == ["folder"])
        #expect(try kept.end() == 0)

        #expect(try place.run("--home", "renewed", "identity", "renew").status == 0)
        let renewed = try place.start("renewed")
        #expect(try renewed.client.status().device.id != device)
        #expect(try renewed.client.status().folders.isEmpty)
        // The folder is still the first home's, until a person says otherwise.
        let foreign = try place.run("--home", "renewed", "folder", "add", "folder")
        #expect(foreign.status == 4)
        #expect(foreign.text.contains("/.lanyard/folder'"))
        unlink(place.path("folder/.lanyard/folder"))
        #expect(try place.run("--home", "renewed", "folder", "add", "folder").status == 0)
        #expect(try renewed.end() == 0)
        // Nothing of the former state is gone.
        let retired = try FileManager.default.contentsOfDirectory(atPath: place.path("renewed"))
            .filter { $0.hasPrefix("retired-") }
        #expect(retired.count == 1)
        for name in ["device.db", "identity/key.pem", "index"] {
            #expect(access(place.path("renewed/\(retired.first ?? "")/\(name)"), F_OK) == 0, "\(name)")
        }
    }

    @Test func withoutAnIdentityThereIsNothingToDecide() throws {
        for word in ["keep", "renew"] { #expect(try place.run("--home", "none", "identity", word).status == 4) }
        #expect(access(place.path("none"), F_OK) != 0)
    }

    @Test func aRemovedFolderMayBeAddedAgain() throws {
        let agent = try place.start("home", "folder")
        #expect(try place.run("--home", "home", "folder", "remove", "folder").status == 0)
        try place.wait { access(place.path("folder/.lanyard/folder"), F_OK) != 0 }
        #expect(try place.run("--home", "home", "folder", "add", "folder").status == 0)
        try place.wait { try agent.client.status().folders.first?.state == .idle }
        #expect(try agent.end() == 0)
    }
}
