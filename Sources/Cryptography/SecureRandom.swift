internal import COpenSSL

/// Random bytes fit for keys and nonces, from OpenSSL's generator.
public enum SecureRandom {
    /// `count` bytes that nobody can foretell.
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(RAND_bytes(&bytes, Int32(count)) == 1, "the system's random generator failed")
        return bytes
    }

    /// Eight such bytes as a number.
    public static func number() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
