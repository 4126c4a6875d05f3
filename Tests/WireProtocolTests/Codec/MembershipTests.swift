import Cryptography
import SyncModel
import Testing
import WireProtocol

@Suite struct MembershipTests {
    static func record() -> MembershipRecord {
        var sampler = Sampler(seed: 12)
        var record = sampler.membership(of: FolderID(high: 1, low: 2))
        record.signerKey = [1, 2, 3]
        record.signer = DeviceID(SHA256.hash([1, 2, 3]))
        return record
    }

    @Test func comesBack() throws {
        let record = MembershipTests.record()
        let bytes = try record.encoded()
        #expect(try MembershipRecord(encoded: bytes) == record)
        for length in bytes.indices {
            #expect(throws: WireError.self) { try MembershipRecord(encoded: Array(bytes[..<length])) }
        }
        #expect(throws: WireError(.trailingBytes, "")) { try MembershipRecord(encoded: bytes + [0]) }
    }

    @Test func identityIsThatOfTheStatement() throws {
        var record = MembershipTests.record()
        let identity = try record.identity()
        record.signature = [9]
        #expect(try record.identity() == identity)
        record.incarnation += 1
        #expect(try record.identity() != identity)
    }

    @Test func verifying() throws {
        var record = MembershipTests.record()
        let message = try record.signedBytes()
        #expect(message.starts(with: Array("lanyard membership 1\0".utf8)))
        try record.verify { key, signed, signature in
            key == [1, 2, 3] && signed == message && signature == record.signature
        }
        #expect(throws: WireError(.invalidSignature, "")) { try record.verify { _, _, _ in false } }
        record.signerKey = [1, 2, 4]
        #expect(throws: WireError(.invalidSignature, "")) { try record.verify { _, _, _ in true } }
    }

    @Test func deletionRelease() throws {
        var sampler = Sampler(seed: 13)
        guard case .deletionRelease(var release) = sampler.message(.deletionRelease) else {
            throw WireError(.invalidValue, "type")
        }
        #expect(throws: WireError(.invalidSignature, "")) { try release.verify { _, _, _ in true } }
        release.signer = DeviceID(SHA256.hash(release.signerKey))
        let message = try release.signedBytes()
        try release.verify { _, signed, _ in signed == message }
        release.upTo += 1
        #expect(try release.signedBytes() != message)
    }

    @Test func textIsCleaned() {
        #expect(WireText.cleaned("a\u{1b}b\u{202e}c\n", limit: 100) == "a b c ")
        #expect(WireText.cleaned("aäb", limit: 2) == "a")
        #expect(WireText.cleaned("aäb", limit: 3) == "aä")
    }
}
