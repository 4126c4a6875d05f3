import Cryptography
import SyncModel
import Testing

/// Published vectors: FIPS 180-4 and 202 examples, RFC 4231 case 2.
@Suite struct DigestTests {
    @Test func sha256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Hexadecimal.encode(SHA256.hash([]).bytes) == empty)
        #expect(Hexadecimal.encode(SHA256.hash(Array("abc".utf8)).bytes) == abc)
        let stream = SHA256()
        for _ in 0..<2 {
            stream.update(Array("a".utf8))
            stream.update(Array("bc".utf8))
            #expect(Hexadecimal.encode(stream.finish().bytes) == abc)
        }
    }

    @Test func shake128() {
        var output = [UInt8](repeating: 0, count: 32)
        output.withUnsafeMutableBytes { SHAKE128.expand(UnsafeRawBufferPointer(start: nil, count: 0), into: $0) }
        #expect(Hexadecimal.encode(output) == "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    }

    @Test func hmac() {
        let tag = HMACSHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hexadecimal.encode(tag.bytes) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func constantTimeComparison() {
        #expect(equalInConstantTime([1, 2], [1, 2]))
        #expect(!equalInConstantTime([1, 2], [1, 3]))
        #expect(!equalInConstantTime([1], [1, 2]))
    }

    @Test func randomBytesDiffer() {
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.bytes(7).count == 7)
    }
}
