public import SyncModel

/// HKDF with SHA-256 (RFC 5869).
public enum HKDFSHA256 {
    /// The longest output, in bytes: 255 blocks.
    public static let longestOutput = 255 * 32

    /// A pseudorandom key from `secret`. An empty `salt` stands for thirty-two zero bytes.
    public static func extract(secret: [UInt8], salt: [UInt8]) -> Bytes32 {
        HMACSHA256.authenticate(secret, key: salt)
    }

    /// `count` bytes from a pseudorandom key, bound to `information`; at most `longestOutput`.
    public static func expand(_ key: Bytes32, information: [UInt8], count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= longestOutput)
        let key = key.bytes
        var output: [UInt8] = []
        output.reserveCapacity(count + 32)
        var block: [UInt8] = []
        var number: UInt8 = 0
        while output.count < count {
            number += 1
            block = HMACSHA256.authenticate(block + information + [number], key: key).bytes
            output += block
        }
        return Array(output.prefix(count))
    }

    /// Extract, then expand.
    public static func derive(secret: [UInt8], salt: [UInt8], information: [UInt8], count: Int) -> [UInt8] {
        expand(extract(secret: secret, salt: salt), information: information, count: count)
    }
}
