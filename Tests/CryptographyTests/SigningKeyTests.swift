import Cryptography
import SyncModel
import Testing

@Suite struct SigningKeyTests {
    struct Vector: Sendable {
        let seed: String
        let publicKey: String
        let message: String
        let signature: String
    }

    /// RFC 8032, section 7.1, tests 1 to 3.
    static let vectors = [
        Vector(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Vector(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Vector(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]

    @Test(arguments: vectors) func rfc8032(_ vector: Vector) throws {
        let key = try SigningKey(seed: #require(Hexadecimal.decode(vector.seed)))
        let message = try #require(Hexadecimal.decode(vector.message))
        let prefix = "302a300506032b6570032100"
        #expect(Hexadecimal.encode(key.publicKeyInfo) == prefix + vector.publicKey)
        #expect(try Hexadecimal.encode(key.sign(message)) == vector.signature)
        let signature = try #require(Hexadecimal.decode(vector.signature))
        #expect(PublicKey.verify(signature: signature, message: message, publicKeyInfo: key.publicKeyInfo))
        #expect(!PublicKey.verify(signature: signature, message: message + [0], publicKeyInfo: key.publicKeyInfo))
    }

    @Test func everyChangedByteIsRefused() throws {
        let key = try SigningKey.generate()
        let message = Array("a membership record".utf8)
        let signature = try key.sign(message)
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 0x10
            #expect(!PublicKey.verify(signature: changed, message: message, publicKeyInfo: key.publicKeyInfo))
        }
        let other = try SigningKey.generate()
        #expect(!PublicKey.verify(signature: signature, message: message, publicKeyInfo: other.publicKeyInfo))
    }

    @Test func malformedInputsAreRefusedNotTrapped() throws {
        let key = try SigningKey.generate()
        let signature = try key.sign([1])
        let info = key.publicKeyInfo
        for malformed in [[], [0x30], Array(info.dropLast()), info + [0], info.map { $0 ^ 0xff }] {
            #expect(!PublicKey.verify(signature: signature, message: [1], publicKeyInfo: malformed))
        }
        for malformed in [[], Array(signature.dropLast()), signature + [0]] {
            #expect(!PublicKey.verify(signature: malformed, message: [1], publicKeyInfo: info))
        }
        #expect(throws: CryptographyError.self) { try SigningKey(seed: [1, 2]) }
    }

    @Test func pemRoundTrip() throws {
        let key = try SigningKey.generate()
        let pem = try key.pem()
        #expect(pem.starts(with: Array("-----BEGIN PRIVATE KEY-----".utf8)))
        let read = try SigningKey(pem: pem)
        #expect(read.publicKeyInfo == key.publicKeyInfo)
        #expect(try read.sign([7]) == key.sign([7]))
    }

    @Test func damagedPEMIsAMalformedKey() throws {
        let pem = try SigningKey.generate().pem()
        for damaged in [[], Array("rubbish".utf8), Array(pem.prefix(60)), [UInt8](repeating: 0, count: 4_096)] {
            #expect(throws: CryptographyError(.malformedKey, "")) { try SigningKey(pem: damaged) }
        }
    }

    @Test func otherKeyTypesAreRefused() {
        let x25519 = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VuBCIEIHgH2nUPw6lTy34eZqHGdZbGTPNKHp9hc8VWaR1h+2ZW
            -----END PRIVATE KEY-----
            """
        #expect(throws: CryptographyError(.wrongKeyType, "")) { try SigningKey(pem: Array(x25519.utf8)) }
    }

    @Test func deviceIDIsTheHashOfThePublicKeyInfo() throws {
        let key = try SigningKey.generate()
        #expect(PublicKey.deviceID(publicKeyInfo: key.publicKeyInfo).raw == SHA256.hash(key.publicKeyInfo))
    }
}
