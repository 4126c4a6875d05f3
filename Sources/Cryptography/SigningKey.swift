internal import COpenSSL

/// A device's private key: Ed25519 (RFC 8032). It signs the device's certificate and membership records.
///
/// Ed25519 rather than P-256: signatures need no randomness, so a weak or rewound generator (a cloned virtual
/// machine) never gives the key away; keys, signatures and their encodings have one length and one form, so one
/// key has one DeviceID; handshakes cost the same as with P-256 (850/s measured with either).
public final class SigningKey: @unchecked Sendable {
    /// Bytes of a signature.
    public static let signatureBytes = 64
    /// Bytes of a seed: the private key in RFC 8032's sense.
    public static let seedBytes = 32

    /// OpenSSL's `EVP_PKEY`: never changed after it was made, so any thread may use it.
    package let handle: OpaquePointer
    /// The public key as DER `SubjectPublicKeyInfo`: always 44 bytes.
    public let publicKeyInfo: [UInt8]

    private init(owning handle: OpaquePointer) throws(CryptographyError) {
        self.handle = handle
        do {
            publicKeyInfo = try PublicKey.information(of: handle)
        } catch {
            EVP_PKEY_free(handle)
            throw error
        }
    }

    deinit { EVP_PKEY_free(handle) }

    /// A new key from OpenSSL's generator.
    public static func generate() throws(CryptographyError) -> SigningKey {
        try SigningKey(seed: SecureRandom.bytes(seedBytes))
    }

    /// The key that `seed` determines; exactly `seedBytes` bytes.
    public convenience init(seed: [UInt8]) throws(CryptographyError) {
        OpenSSLErrors.clear()
        guard seed.count == Self.seedBytes,
            let handle = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        else { throw .init(.malformedKey, "An Ed25519 seed has 32 bytes.", cause: OpenSSLErrors.take()) }
        try self.init(owning: handle)
    }

    /// Reads one unencrypted PEM private key (PKCS #8). Throws `malformedKey` or `wrongKeyType`.
    public convenience init(pem: [UInt8]) throws(CryptographyError) {
        OpenSSLErrors.clear()
        guard let bio = memoryBIO(holding: pem) else {
            throw .init(.operationFailed, "OpenSSL could not allocate a buffer.", cause: OpenSSLErrors.take())
        }
        defer { BIO_free(bio) }
        // The callback keeps OpenSSL from asking the terminal for a passphrase.
        let read = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        guard let handle = read else {
            throw .init(.malformedKey, "This is not a PEM private key.", cause: OpenSSLErrors.take())
        }
        guard EVP_PKEY_get_id(handle) == EVP_PKEY_ED25519 else {
            EVP_PKEY_free(handle)
            throw .init(.wrongKeyType, "The private key is not of type Ed25519.")
        }
        try self.init(owning: handle)
    }

    /// The private key as PEM (PKCS #8, unencrypted).
    public func pem() throws(CryptographyError) -> [UInt8] {
        OpenSSLErrors.clear()
        guard let bio = BIO_new(BIO_s_secmem()) else {
            throw .init(.operationFailed, "OpenSSL could not allocate a buffer.", cause: OpenSSLErrors.take())
        }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PrivateKey(bio, handle, nil, nil, 0, nil, nil) == 1 else {
            throw .init(.operationFailed, "The private key could not be encoded.", cause: OpenSSLErrors.take())
        }
        return bytesOfMemory(bio)
    }

    /// The signature of `message`: 64 bytes, always the same for the same message.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        OpenSSLErrors.clear()
        var signature = [UInt8](repeating: 0, count: Self.signatureBytes)
        var count = signature.count
        guard let context = EVP_MD_CTX_new() else {
            throw .init(.operationFailed, "OpenSSL could not allocate a signer.", cause: OpenSSLErrors.take())
        }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, nil, nil, handle) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == Self.signatureBytes
        else { throw .init(.operationFailed, "The message could not be signed.", cause: OpenSSLErrors.take()) }
        return signature
    }
}

/// A BIO that holds its own copy of `bytes`, wiped when it is freed; nil if there is no memory. One that only refers to
/// them, of `BIO_new_mem_buf`, would outlive the pointer, which is valid for that call alone.
package func memoryBIO(holding bytes: [UInt8]) -> OpaquePointer? {
    guard let bio = BIO_new(BIO_s_secmem()) else { return nil }
    var written = 0
    guard bytes.isEmpty || BIO_write_ex(bio, bytes, bytes.count, &written) == 1 && written == bytes.count else {
        BIO_free(bio)
        return nil
    }
    return bio
}

/// Copies the contents of a memory BIO.
package func bytesOfMemory(_ bio: OpaquePointer) -> [UInt8] {
    var start: UnsafeMutablePointer<CChar>?
    let count = lanyard_bio_memory(bio, &start)
    return Array(UnsafeRawBufferPointer(start: start, count: max(0, count)))
}
