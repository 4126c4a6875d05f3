import Cryptography
import SyncModel
import Testing

/// RFC 5869, appendix A, the SHA-256 cases.
@Suite struct HKDFTests {
    struct Vector: Sendable {
        let secret: [UInt8]
        let salt: [UInt8]
        let information: [UInt8]
        let key: String
        let output: String
    }

    static let vectors = [
        Vector(
            secret: .init(repeating: 0x0b, count: 22), salt: .init(0x00...0x0c), information: .init(0xf0...0xf9),
            key: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            output: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
        Vector(
            secret: .init(0x00...0x4f), salt: .init(0x60...0xaf), information: .init(0xb0...0xff),
            key: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            output: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                + "cc30c58179ec3e87c14c01d5c1f3434f1d87"),
        Vector(
            secret: .init(repeating: 0x0b, count: 22), salt: [], information: [],
            key: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            output: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    ]

    @Test(arguments: vectors) func vector(_ vector: Vector) {
        let key = HKDFSHA256.extract(secret: vector.secret, salt: vector.salt)
        #expect(Hexadecimal.encode(key.bytes) == vector.key)
        let count = vector.output.utf8.count / 2
        let output = HKDFSHA256.expand(key, information: vector.information, count: count)
        #expect(Hexadecimal.encode(output) == vector.output)
        let derived = HKDFSHA256.derive(
            secret: vector.secret, salt: vector.salt, information: vector.information, count: count)
        #expect(derived == output)
    }

    @Test func lengths() {
        #expect(HKDFSHA256.expand(.zero, information: [], count: 0) == [])
        #expect(HKDFSHA256.expand(.zero, information: [1], count: HKDFSHA256.longestOutput).count == 8_160)
    }
}
