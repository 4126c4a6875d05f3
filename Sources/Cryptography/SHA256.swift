internal import COpenSSL
public import SyncModel

/// SHA-256 (FIPS 180-4), streaming. One value hashes any number of messages, one after the other.
public final class SHA256 {
    private let context: OpaquePointer
    private static let algorithm = FetchedDigest("SHA256")

    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("OpenSSL could not allocate a digest") }
        self.context = context
        reset()
    }

    deinit { EVP_MD_CTX_free(context) }

    private func reset() {
        precondition(EVP_DigestInit_ex(context, Self.algorithm.pointer, nil) == 1, "OpenSSL has no SHA-256")
    }

    /// Adds bytes to the message.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
    }

    /// Adds bytes to the message.
    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of the message so far; the next `update` starts another message.
    public func finish() -> Bytes32 {
        let digest = withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            precondition(EVP_DigestFinal_ex(context, buffer.bindMemory(to: UInt8.self).baseAddress, nil) == 1)
            return Bytes32(UnsafeRawBufferPointer(buffer))
        }
        reset()
        return digest
    }

    /// The digest of one message.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Bytes32 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            let digest = buffer.bindMemory(to: UInt8.self).baseAddress
            precondition(EVP_Digest(bytes.baseAddress, bytes.count, digest, nil, algorithm.pointer, nil) == 1)
            return Bytes32(UnsafeRawBufferPointer(buffer))
        }
    }

    public static func hash(_ bytes: [UInt8]) -> Bytes32 { bytes.withUnsafeBytes { hash($0) } }
}

/// An algorithm looked up once: OpenSSL 3 otherwise searches its providers at every use.
struct FetchedDigest: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ name: String) {
        guard let pointer = EVP_MD_fetch(nil, name, nil) else { preconditionFailure("OpenSSL lacks \(name)") }
        self.pointer = pointer
    }
}
