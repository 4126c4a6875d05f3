import SyncModel
import Testing

@testable import AvahiDiscovery

@Suite struct AnnouncementTests {
    private let salt: HintSalt

    init() throws { salt = try #require(Samples.salt(7)) }

    @Test func portsAndVersionsStartAtOne() {
        #expect(throws: DiscoveryError(.announcementMalformed, "")) { try Announcement(port: 0, salt: salt) }
        #expect(throws: DiscoveryError(.announcementMalformed, "")) {
            try Announcement(port: 1, salt: salt, protocolVersion: 0)
        }
        #expect(throws: Never.self) { try Announcement(port: 1, salt: salt) }
    }

    @Test(arguments: ["", "a\u{0}", "a\nb", "\u{1b}[31m", "\u{202e}a", String(repeating: "x", count: 65)])
    func namesThatCantBeShownAreRefused(_ name: String) {
        #expect(throws: DiscoveryError(.announcementMalformed, "")) {
            try Announcement(port: 1, salt: salt, pairingName: name)
        }
        #expect(throws: DiscoveryError(.announcementMalformed, "")) {
            try Announcement(port: 1, salt: salt, serviceName: name)
        }
    }

    /// One label of DNS is shorter than the name of a device.
    @Test func aServiceNameFitsOneLabel() {
        let longest = String(repeating: "x", count: Limits.serviceNameBytes)
        #expect(throws: Never.self) { try Announcement(port: 1, salt: salt, serviceName: longest) }
        #expect(throws: DiscoveryError(.announcementMalformed, "")) {
            try Announcement(port: 1, salt: salt, serviceName: longest + "x")
        }
        #expect(throws: Never.self) { try Announcement(port: 1, salt: salt, pairingName: longest + "x") }
    }

    @Test func theMessageShowsAHostileNameEscaped() {
        do {
            _ = try Announcement(port: 1, salt: salt, pairingName: "\u{1b}[31m")
            Issue.record("it was taken")
        } catch {
            #expect(!error.message.unicodeScalars.contains("\u{1b}"))
        }
    }

    @Test func itPublishesItsHintAndNoName() throws {
        let device = Samples.device(65)
        let (name, text) = try Announcement(port: 22_077, salt: salt).published(by: device)
        #expect(name == "lanyard-\(text.hint.description.prefix(12))")
        #expect(text.hint.matches(device))
        #expect(text.pairingName == nil)
        let everything = text.strings.joined() + Array(name.utf8)
        #expect(!String(decoding: everything, as: UTF8.self).contains(device.description))
    }

    @Test func anOpenDevicePublishesItsName() throws {
        let announcement = try Announcement(
            port: 1, salt: salt, protocolVersion: 3, pairingName: "Kitchen", serviceName: "Lanyard")
        let (name, text) = announcement.published(by: Samples.device(65))
        #expect(name == "Lanyard")
        #expect(text.pairingName == "Kitchen")
        #expect(text.protocolVersion == 3)
    }

    /// Everything that may be announced can be read by the other side.
    @Test func theLongestAnnouncementReadsBack() throws {
        let longest = String(repeating: "ü", count: Limits.deviceNameBytes / 2)
        let text = try Announcement(port: 1, salt: salt, protocolVersion: .max, pairingName: longest)
            .published(by: Samples.device(65)).text
        #expect(try TextRecord(strings: text.strings) == text)
    }
}
