import SeededRandom
import SyncModel
import Testing
import WireProtocol

@Suite struct InviteLinkTests {
    static func link(addresses: [String] = ["192.0.2.7:22000", "[2001:db8::1]:22000"]) -> InviteLink {
        InviteLink(
            inviter: DeviceID(PairingExchangeTests.bytes(5)), addresses: addresses, invite: Bytes16(high: 1, low: 2),
            secret: Bytes16(high: 3, low: 4), folder: FolderID(high: 5, low: 6), folderName: "Fotos ä",
            expires: 1_800_000_000)
    }

    @Test func comesBack() throws {
        let text = try InviteLinkTests.link().text()
        #expect(text.hasPrefix("lanyard://join/1/"))
        #expect(try InviteLink(text: text) == InviteLinkTests.link())
        #expect(try InviteLink(text: " \t\(text)\r\n") == InviteLinkTests.link())
        #expect(text.utf8.count < 300)
    }

    @Test func everyCutIsRefused() throws {
        let text = try InviteLinkTests.link().text()
        for count in 0..<text.utf8.count {
            #expect(throws: WireError.self, "\(count)") { try InviteLink(text: String(text.prefix(count))) }
        }
    }

    @Test func hostileTexts() throws {
        let text = try InviteLinkTests.link().text()
        let hostile = [
            "", " ", "lanyard://join/1/", "lanyard://join/2/" + text.dropFirst(17),
            "http://join/1/" + text.dropFirst(17),
            text + "=", text + "AAAA", text + "\u{0}", text.replacing("A", with: "+"), "x" + text, text + " " + text,
            String(repeating: "A", count: Limits.inviteLinkBytes + 1),
            InviteLink.prefix + String(repeating: "_", count: 8_000), InviteLink.prefix + "A",
            "LANYARD" + text.dropFirst(7),
        ]
        for text in hostile { #expect(throws: WireError.self, "\(text.prefix(60))") { try InviteLink(text: text) } }
    }

    @Test func randomTextsNeverCrash() throws {
        let text = Array(try InviteLinkTests.link().text().utf8)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            var copy = text
            for _ in 0...random.below(3) {
                copy[17 + random.below(copy.count - 17)] = random.pick(Array("AZaz09-_".utf8))
            }
            guard let link = try? InviteLink(text: String(decoding: copy, as: UTF8.self)) else { continue }
            #expect(try link.text() == String(decoding: copy, as: UTF8.self))
        }
    }

    @Test func boundsHoldWhenWriting() {
        #expect(throws: WireError(.overLimit, "")) {
            try InviteLinkTests.link(addresses: [String](repeating: "a", count: 33)).text()
        }
        #expect(throws: WireError(.overLimit, "")) {
            try InviteLinkTests.link(addresses: [String](repeating: String(repeating: "a", count: 300), count: 30))
                .text()
        }
        #expect(throws: WireError(.invalidText, "")) { try InviteLinkTests.link(addresses: ["a\nb"]).text() }
    }
}

@Suite struct JoinProofTests {
    let secret = Bytes16(high: 7, low: 8)
    let exporter = PairingExchangeTests.bytes(9)
    let inviter = DeviceID(PairingExchangeTests.bytes(1))
    let joining = DeviceID(PairingExchangeTests.bytes(2))

    @Test func bindsEverything() {
        let invite = Bytes16(high: 1, low: 1)
        let proof = JoinProof.compute(
            secretHash: JoinProof.secretHash(of: secret), exporter: exporter, inviter: inviter, joining: joining,
            invite: invite, folder: nil)
        let request = JoinRequest(invite: invite, proof: proof, deviceName: "n", folder: nil)
        func holds(_ request: JoinRequest, secret: Bytes16? = nil, exporter: Bytes32? = nil, swapped: Bool = false)
            -> Bool
        {
            JoinProof.verify(
                request, secretHash: JoinProof.secretHash(of: secret ?? self.secret),
                exporter: exporter ?? self.exporter, inviter: swapped ? joining : inviter,
                joining: swapped ? inviter : joining)
        }
        #expect(holds(request))
        #expect(!holds(request, secret: Bytes16(high: 7, low: 9)))
        #expect(!holds(request, exporter: .zero))
        #expect(!holds(request, swapped: true))
        var other = request
        other.folder = FolderID(high: 1, low: 1)
        #expect(!holds(other))
        other = request
        other.invite = Bytes16(high: 1, low: 2)
        #expect(!holds(other))
    }
}
