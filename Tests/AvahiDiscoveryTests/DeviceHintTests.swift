import SyncModel
import Testing

@testable import AvahiDiscovery

@Suite struct DeviceHintTests {
    /// HMAC-SHA256(key: 32 × "A", message: "lanyard hint 1" ‖ 00 01 … 0f), computed by `openssl dgst -sha256 -mac
    /// HMAC`.
    @Test func theTagIsThatOfTheSpecification() throws {
        let salt = try #require(HintSalt(0..<16 as Range<UInt8>))
        #expect(DeviceHint(of: Samples.device(65), salt: salt).description == "f73e5b5cc7430829aef0aac3e6fe635b")
    }

    @Test func itMatchesItsDeviceAlone() throws {
        let hint = try Samples.hint(65)
        #expect(hint.matches(Samples.device(65)))
        for letter in 66...90 as ClosedRange<UInt8> { #expect(!hint.matches(Samples.device(letter))) }
    }

    @Test func itIsReadBackFromItsParts() throws {
        let hint = try Samples.hint(65)
        #expect(DeviceHint(salt: hint.salt, tag: hint.tag) == hint)
    }

    @Test func anotherSaltMakesAnUnrelatedHint() throws {
        #expect(try Samples.hint(65, salt: 0).tag != Samples.hint(65, salt: 1).tag)
        #expect(HintSalt.random() != HintSalt.random())
    }

    @Test func aTagOfAnotherSaltDoesNotMatch() throws {
        let other = try #require(Samples.salt(1))
        let moved = try #require(DeviceHint(salt: other, tag: Samples.hint(65, salt: 0).tag))
        #expect(!moved.matches(Samples.device(65)))
    }

    @Test(arguments: [0, 15, 17, 32]) func sixteenBytesOrNothing(_ count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(HintSalt(bytes) == nil)
        #expect(DeviceHint(salt: try #require(Samples.salt(0)), tag: bytes) == nil)
    }
}
