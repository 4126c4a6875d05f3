internal import COpenSSL
internal import Cryptography

/// A device's X.509 certificate: only a wrapping that TLS asks for. Its key is what counts.
struct SelfSignedCertificate: ~Copyable {
    /// OpenSSL's `X509`.
    let handle: OpaquePointer

    deinit { X509_free(handle) }

    private init(owning handle: OpaquePointer) { self.handle = handle }

    /// A certificate for `key` with nothing in it about the person or the machine, and without an end (RFC 5280,
    /// 4.1.2.5): the key is pinned, so a date could only lock people out.
    init(for key: SigningKey) throws(TransportError) {
        OpenSSLErrors.clear()
        guard let made = X509_new() else { throw Self.failure() }
        let certificate = SelfSignedCertificate(owning: made)
        let x509 = certificate.handle
        var serial = SecureRandom.bytes(16)
        serial[0] = serial[0] & 0x3f | 0x40
        let number = BN_bin2bn(serial, Int32(serial.count), nil)
        defer { BN_free(number) }
        let name = Array("lanyard".utf8)
        guard X509_set_version(x509, 2) == 1, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != nil,
            ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20000101000000Z") == 1,
            ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "99991231235959Z") == 1,
            let subject = X509_get_subject_name(x509),
            X509_NAME_add_entry_by_txt(subject, "CN", V_ASN1_UTF8STRING, name, Int32(name.count), -1, 0) == 1,
            X509_set_issuer_name(x509, subject) == 1, X509_set_pubkey(x509, key.handle) == 1,
            X509_sign(x509, key.handle, nil) > 0
        else { throw Self.failure() }
        self = certificate
    }

    private static func failure() -> TransportError {
        .init(.outOfResources, "The certificate could not be made.", openSSL: OpenSSLErrors.take())
    }

    /// Reads one PEM certificate. Throws `identityDamaged`.
    init(pem: [UInt8]) throws(TransportError) {
        OpenSSLErrors.clear()
        guard let bio = memoryBIO(holding: pem) else { throw Self.failure() }
        defer { BIO_free(bio) }
        guard let handle = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) else {
            throw .init(.identityDamaged, "This is not a PEM certificate.", openSSL: OpenSSLErrors.take())
        }
        self.handle = handle
    }

    func pem() throws(TransportError) -> [UInt8] {
        OpenSSLErrors.clear()
        guard let bio = BIO_new(BIO_s_mem()) else { throw Self.failure() }
        defer { BIO_free(bio) }
        guard PEM_write_bio_X509(bio, handle) == 1 else { throw Self.failure() }
        return bytesOfMemory(bio)
    }

    /// Whether the certificate is well-formed in our sense: an Ed25519 key that signed itself.
    static func isAcceptable(_ certificate: OpaquePointer) -> Bool {
        defer { OpenSSLErrors.clear() }
        guard let key = X509_get0_pubkey(certificate), EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else { return false }
        return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0
            && X509_verify(certificate, key) == 1
    }

    /// The public key info of any certificate, in its canonical encoding.
    static func publicKeyInfo(_ certificate: OpaquePointer) throws(TransportError) -> [UInt8] {
        guard let key = X509_get0_pubkey(certificate) else {
            throw .init(.certificateRefused, "The certificate holds no readable key.", openSSL: OpenSSLErrors.take())
        }
        do { return try PublicKey.information(of: key) } catch {
            throw .init(.certificateRefused, error.message, openSSL: error.cause)
        }
    }
}
