internal import COpenSSL
internal import Cryptography
internal import Glibc
internal import SyncModel

/// One TLS session on one non-blocking socket. Used by one thread only, from its making to its end.
final class TLSSession {
    private let handle: OpaquePointer
    private let bio: SocketBIO

    /// What a call on the session came to.
    enum Outcome {
        case done(Int)
        case wantsRead
        case wantsWrite
        /// The peer's close_notify: it will send no more.
        case ended
        case failed(TransportError)
    }

    /// The most that one write takes: sixteen full records.
    static let writeBytes = 256 << 10

    /// The plaintext of a full record.
    private static let recordBytes = 16 << 10

    init(_ context: TLSContext, socket: Socket, accepting: Bool) throws(TransportError) {
        OpenSSLErrors.clear()
        guard let handle = SSL_new(context.handle) else {
            throw .init(.outOfResources, "No TLS session could be made.", openSSL: OpenSSLErrors.take())
        }
        self.handle = handle
        bio = SocketBIO(socket.descriptor)
        guard let made = bio.makeBIO() else {
            throw .init(.outOfResources, "No TLS session could be made.", openSSL: OpenSSLErrors.take())
        }
        // The session owns the BIO; one reference serves both directions.
        SSL_set_bio(handle, made, made)
        if accepting { SSL_set_accept_state(handle) } else { SSL_set_connect_state(handle) }
    }

    deinit { SSL_free(handle) }

    /// Goes on with the handshake.
    func shakeHands() -> Outcome {
        ERR_clear_error()
        let result = SSL_do_handshake(handle)
        return result == 1 ? .done(0) : outcome(result, .handshakeFailed)
    }

    /// Reads what has come, at most one record.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        ERR_clear_error()
        var count = 0
        let result = SSL_read_ex(handle, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .done(count) : outcome(result, .recordFailed)
    }

    /// Writes one record's worth or more of `bytes`. After `wantsWrite` the same bytes must be offered again (at any
    /// address, and more may follow them).
    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        ERR_clear_error()
        bio.moreFollows = bytes.count > Self.recordBytes
        var count = 0
        let result = SSL_write_ex(handle, bytes.baseAddress, bytes.count, &count)
        return result == 1 ? .done(count) : outcome(result, .recordFailed)
    }

    /// Sends close_notify.
    func sayGoodbye() -> Outcome {
        ERR_clear_error()
        bio.moreFollows = false
        let result = SSL_shutdown(handle)
        return result >= 0 ? .done(0) : outcome(result, .recordFailed)
    }

    /// Of the handshake that is done: whether both agreed on `lanyard/1`.
    var agreedOnProtocol: Bool {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(handle, &name, &count)
        return UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual(TLSContext.protocolName.dropFirst())
    }

    /// The device whose key signed the handshake.
    func peer() throws(TransportError) -> DeviceID {
        guard let certificate = SSL_get0_peer_certificate(handle), SelfSignedCertificate.isAcceptable(certificate)
        else {
            throw .init(.certificateRefused, "The peer showed no acceptable certificate.")
        }
        return PublicKey.deviceID(publicKeyInfo: try SelfSignedCertificate.publicKeyInfo(certificate))
    }

    /// RFC 8446, 7.5: bytes that only the two ends of this session can know.
    func exportKeyingMaterial(label: String) throws(TransportError) -> Bytes32 {
        OpenSSLErrors.clear()
        var output = [UInt8](repeating: 0, count: 32)
        let done = SSL_export_keying_material(
            handle, &output, output.count, label, label.utf8.count, nil, 0, 0)
        guard done == 1, let bytes = Bytes32(output) else {
            throw .init(.outOfResources, "OpenSSL exports no keying material.", openSSL: OpenSSLErrors.take())
        }
        return bytes
    }

    /// The cipher suite in use, by its standard name.
    var cipherSuite: String {
        guard let cipher = SSL_get_current_cipher(handle), let name = SSL_CIPHER_standard_name(cipher) else {
            return ""
        }
        return String(cString: name)
    }

    private func outcome(_ result: Int32, _ code: TransportError.Code) -> Outcome {
        let number = errno
        switch SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL:
            return .failed(
                .init(.connectionLost, "The connection was lost.", number: number, openSSL: OpenSSLErrors.take()))
        default: return .failed(protocolFailure(code))
        }
    }

    private func protocolFailure(_ code: TransportError.Code) -> TransportError {
        let first = ERR_peek_error()
        let reason = lanyard_error_library(first) == ERR_LIB_SSL ? lanyard_error_reason(first) : 0
        let text = OpenSSLErrors.take()
        switch reason {
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return .init(.truncated, "The peer vanished without closing the session.", openSSL: text)
        case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, SSL_R_NO_APPLICATION_PROTOCOL:
            return .init(.protocolMismatch, "The peer doesn't speak lanyard/1.", openSSL: text)
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return .init(.certificateRefused, "The peer's certificate is not a self-signed Ed25519 one.", openSSL: text)
        default:
            let what = code == .handshakeFailed ? "The TLS handshake failed." : "The TLS session failed."
            return .init(code, what, openSSL: text)
        }
    }
}
