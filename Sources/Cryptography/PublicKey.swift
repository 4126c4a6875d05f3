internal import COpenSSL
public import SyncModel

/// What a device's public key is good for: checking its signatures and naming it.
public enum PublicKey {
    /// Whether `signature` is that of `message` by the Ed25519 key in `publicKeyInfo` (DER `SubjectPublicKeyInfo`).
    /// False also for any malformed key or signature and for keys of other types.
    public static func verify(signature: [UInt8], message: [UInt8], publicKeyInfo: [UInt8]) -> Bool {
        defer { OpenSSLErrors.clear() }
        guard signature.count == SigningKey.signatureBytes, let key = decode(publicKeyInfo) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The device that a key names: SHA-256 of its public key info.
    public static func deviceID(publicKeyInfo: [UInt8]) -> DeviceID { DeviceID(SHA256.hash(publicKeyInfo)) }

    /// The canonical public key info of an `EVP_PKEY`: whatever encoding it was read from, one key gives one text.
    package static func information(of key: OpaquePointer) throws(CryptographyError) -> [UInt8] {
        OpenSSLErrors.clear()
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key, &encoded)
        guard count > 0, let start = encoded else {
            throw .init(.operationFailed, "The public key could not be encoded.", cause: OpenSSLErrors.take())
        }
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// An Ed25519 key from exactly its canonical encoding; the caller frees it.
    private static func decode(_ information: [UInt8]) -> OpaquePointer? {
        information.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let key = d2i_PUBKEY(nil, &position, buffer.count) else { return nil }
            guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519, let canonical = try? Self.information(of: key),
                canonical == information
            else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
    }
}
