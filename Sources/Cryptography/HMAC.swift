internal import COpenSSL
public import SyncModel

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The tag of `message` under `key`, of any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> Bytes32 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            let output = buffer.bindMemory(to: UInt8.self).baseAddress
            let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, output, nil)
            precondition(done != nil)
            return Bytes32(UnsafeRawBufferPointer(buffer))
        }
    }
}

/// Comparison whose time does not depend on where the bytes differ.
public func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
