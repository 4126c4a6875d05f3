internal import COpenSSL
internal import Cryptography

/// OpenSSL's settings for one direction (dialling or accepting), shared by all its sessions.
///
/// TLS 1.3 only, both sides with a certificate, no resumption, security level 2. AES-128-GCM comes first: with AES
/// instructions it is the fastest (TLSTransport page); the other two suites stay for peers that know only those.
final class TLSContext: @unchecked Sendable {
    /// OpenSSL's `SSL_CTX`: set up here, then only read and reference-counted.
    let handle: OpaquePointer

    static let cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    /// `lanyard/1` with its length, as ALPN writes it.
    static let protocolName: [UInt8] = [9] + Array("lanyard/1".utf8)

    init(identity: Identity, accepting: Bool) throws(TransportError) {
        OpenSSLErrors.clear()
        guard let handle = SSL_CTX_new(accepting ? TLS_server_method() : TLS_client_method()) else {
            throw Self.failure()
        }
        self.handle = handle
        let certificate = try SelfSignedCertificate(pem: identity.certificate)
        SSL_CTX_set_security_level(handle, 2)
        guard lanyard_ssl_only_tls13(handle) == 1, SSL_CTX_set_ciphersuites(handle, Self.cipherSuites) == 1,
            lanyard_ssl_set_groups(handle, "X25519:P-256") == 1, lanyard_ssl_set_signatures(handle, "ed25519") == 1,
            SSL_CTX_use_certificate(handle, certificate.handle) == 1,
            SSL_CTX_use_PrivateKey(handle, identity.key.handle) == 1, SSL_CTX_check_private_key(handle) == 1
        else { throw Self.failure() }
        lanyard_ssl_no_sessions(handle)
        SSL_CTX_set_max_early_data(handle, 0)
        SSL_CTX_set_options(handle, lanyard_ssl_options())
        lanyard_ssl_set_mode(handle, lanyard_ssl_modes())
        // One certificate without a chain: nothing longer than a few kilobytes is of use in a handshake.
        lanyard_ssl_limit_certificates(handle, 16_384)
        SSL_CTX_set_verify(handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_cert_verify_callback(handle, Self.verify, nil)
        if accepting {
            SSL_CTX_set_alpn_select_cb(handle, Self.selectProtocol, nil)
        } else {
            guard SSL_CTX_set_alpn_protos(handle, Self.protocolName, UInt32(Self.protocolName.count)) == 0 else {
                throw Self.failure()
            }
        }
    }

    deinit { SSL_CTX_free(handle) }

    private static func failure() -> TransportError {
        .init(.outOfResources, "OpenSSL refused its settings.", openSSL: OpenSSLErrors.take())
    }

    /// One self-signed Ed25519 certificate and nothing else. That the peer holds its key, the handshake proves; who
    /// the peer is, the policy decides afterwards.
    private static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, _ in
        guard let store, let certificate = X509_STORE_CTX_get0_cert(store) else { return 0 }
        let count = lanyard_stack_count(X509_STORE_CTX_get0_untrusted(store))
        if count <= 1, SelfSignedCertificate.isAcceptable(certificate) {
            X509_STORE_CTX_set_error(store, X509_V_OK)
            return 1
        }
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
        return 0
    }

    /// Takes `lanyard/1` wherever the client lists it, and ends the handshake otherwise.
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, output, outputCount, input, inputCount, _ in
        guard let input, let output, let outputCount else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let offered = UnsafeBufferPointer(start: input, count: Int(inputCount))
        let wanted = TLSContext.protocolName
        var start = 0
        while start < offered.count {
            let end = start + 1 + Int(offered[start])
            guard end <= offered.count else { break }
            if offered[start..<end].elementsEqual(wanted) {
                output.pointee = input + start + 1
                outputCount.pointee = offered[start]
                return SSL_TLSEXT_ERR_OK
            }
            start = end
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
