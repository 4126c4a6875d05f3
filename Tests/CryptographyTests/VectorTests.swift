import Cryptography
import SyncModel
import Testing

/// Published vectors: FIPS 180-4 and FIPS 202 examples, RFC 4231, and messages of every length around a block.
@Suite struct VectorTests {
    @Test(arguments: [
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                + "nopqrstu", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func sha256(message: String, digest: String) {
        #expect(Hexadecimal.encode(SHA256.hash(Array(message.utf8)).bytes) == digest)
    }

    @Test func aMillionTimesTheLetterA() {
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        let part = [UInt8](repeating: 0x61, count: 1_000)
        let stream = SHA256()
        for _ in 0..<1_000 { stream.update(part) }
        #expect(Hexadecimal.encode(stream.finish().bytes) == digest)
        #expect(Hexadecimal.encode(SHA256.hash([UInt8](repeating: 0x61, count: 1_000_000)).bytes) == digest)
    }

    /// The digest of the digests of 0, 1, … 199 ascending bytes, computed with another implementation.
    @Test func everyLengthAroundABlock() {
        let chain = SHA256()
        for count in 0..<200 { chain.update(SHA256.hash((0..<count).map { UInt8($0) }).bytes) }
        #expect(
            Hexadecimal.encode(chain.finish().bytes)
                == "ba7b0fcea7d10c06b855b43d2b4dce1e3e842fff6be0acefb0faf4f2dd05bb47")
    }

    /// However a message is cut, and whatever was hashed before it.
    @Test func feedingDoesNotMatter() {
        let message = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 17) }
        let whole = SHA256.hash(message)
        let stream = SHA256()
        for size in [1, 3, 63, 64, 65, 128, 499, 500, 501] {
            for start in stride(from: 0, to: message.count, by: size) {
                stream.update(Array(message[start..<min(start + size, message.count)]))
                stream.update([])
            }
            #expect(stream.finish() == whole, "\(size)")
        }
        #expect(stream.finish() == SHA256.hash([]))
    }

    @Test func shake128() {
        func expand(_ message: [UInt8], _ count: Int) -> [UInt8] {
            var output = [UInt8](repeating: 0xee, count: count)
            output.withUnsafeMutableBytes { output in message.withUnsafeBytes { SHAKE128.expand($0, into: output) } }
            return output
        }
        let abc =
            "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8"
            + "44c50af32acd3f2cdd066568706f509bc1bdde58295dae3f891a9a0fca578378"
        let long =
            "131ab8d2b594946b9c81333f9bb6e0ce75c3b93104fa3469d3917457385da037"
            + "cf232ef7164a6d1eb448c8908186ad852d3f85a5cf28da1ab6fe343817197846"
        #expect(Hexadecimal.encode(expand(Array("abc".utf8), 64)) == abc)
        #expect(Hexadecimal.encode(expand([UInt8](repeating: 0xa3, count: 200), 64)) == long)
        // A shorter output begins a longer one, and every byte asked for is written.
        for count in [0, 1, 31, 167, 168, 169, 2_048] {
            let output = expand(Array("abc".utf8), count)
            #expect(output.count == count)
            #expect(output.prefix(64).elementsEqual((Hexadecimal.decode(abc) ?? []).prefix(count)))
            #expect(expand(Array("abc".utf8), 2_048).starts(with: output))
        }
    }

    private static let larger =
        "This is a test using a larger than block-size key and a larger than block-size data."
        + " The key needs to be hashed before being used by the HMAC algorithm."

    /// RFC 4231, cases 1, 3, 4, 6 and 7, and nothing under nothing.
    private static let tags: [(key: [UInt8], message: [UInt8], tag: String)] = [
        (
            .init(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            .init(repeating: 0xaa, count: 20), .init(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            .init(1...25), .init(repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            .init(repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            .init(repeating: 0xaa, count: 131), Array(larger.utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: tags) func hmac(row: (key: [UInt8], message: [UInt8], tag: String)) {
        #expect(Hexadecimal.encode(HMACSHA256.authenticate(row.message, key: row.key).bytes) == row.tag)
    }

    /// By its definition: a shorter key is the same as one with zeros behind it, a longer one its own digest.
    @Test func hmacIsItsDefinition() {
        for count in [0, 1, 31, 32, 63, 64, 65, 200] {
            let key = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ 1) }
            let short = key.count > 64 ? SHA256.hash(key).bytes : key
            let block = short + [UInt8](repeating: 0, count: 64 - short.count)
            let inner = SHA256.hash(block.map { $0 ^ 0x36 } + Array("message".utf8)).bytes
            let tag = SHA256.hash(block.map { $0 ^ 0x5c } + inner)
            #expect(HMACSHA256.authenticate(Array("message".utf8), key: key) == tag, "\(count)")
        }
    }

    /// A shorter output begins a longer one; another information gives another output.
    @Test func expansionIsOneStream() {
        let key = HKDFSHA256.extract(secret: [1, 2, 3], salt: [])
        #expect(key == HKDFSHA256.extract(secret: [1, 2, 3], salt: [UInt8](repeating: 0, count: 32)))
        let whole = HKDFSHA256.expand(key, information: [7], count: HKDFSHA256.longestOutput)
        for count in [0, 1, 31, 32, 33, 64, 8_159] {
            #expect(HKDFSHA256.expand(key, information: [7], count: count) == Array(whole.prefix(count)))
        }
        #expect(!whole.starts(with: HKDFSHA256.expand(key, information: [8], count: 32)))
        let blocks = Set((0..<255).map { Array(whole[($0 * 32)..<($0 * 32 + 32)]) })
        #expect(blocks.count == 255)
    }

    @Test func comparisonLooksAtEveryByte() {
        let bytes = [UInt8](0...99)
        #expect(equalInConstantTime([], []) && equalInConstantTime(bytes, bytes))
        for index in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[index] ^= 1 << UInt8(bit)
                #expect(!equalInConstantTime(bytes, other))
            }
        }
        #expect(!equalInConstantTime([], [0]) && !equalInConstantTime(bytes, Array(bytes.dropLast())))
    }

    @Test func randomNumbersUseTheirWholeRange() {
        #expect(SecureRandom.bytes(0).isEmpty)
        let numbers = (0..<200).map { _ in SecureRandom.number() }
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.reduce(0, |) == .max && numbers.reduce(.max, &) == 0)
    }
}
