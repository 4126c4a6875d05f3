import Cryptography
public import SyncModel

/// What the two sides of a pairing know once both nonces are known, and what follows from it.
///
/// Every value is derived from a label, both identities in role order, both nonces and the exporter of the TLS session,
/// so that it holds for these two devices, in these roles, in this session only.
public struct PairingTranscript: Hashable, Sendable {
    public let initiator: DeviceID
    public let responder: DeviceID
    /// Na.
    public let initiatorNonce: Bytes32
    /// Nb.
    public let responderNonce: Bytes32
    /// RFC 8446 section 7.5: label `EXPORTER-lanyard-pairing`, no context, 32 bytes.
    public let exporter: Bytes32

    public init(
        initiator: DeviceID, responder: DeviceID, initiatorNonce: Bytes32, responderNonce: Bytes32, exporter: Bytes32
    ) {
        self.initiator = initiator
        self.responder = responder
        self.initiatorNonce = initiatorNonce
        self.responderNonce = responderNonce
        self.exporter = exporter
    }

    /// Six decimal digits that both devices show and a person compares. Somebody in the middle has one guess in 10^6.
    public var code: String {
        let digits = String(digest(label: "lanyard pairing code 1\0").prefix % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// What a confirmation carries: HMAC-SHA-256 over role, answer and folders, keyed by the transcript.
    func authenticator(
        ofInitiator: Bool, accepted: Bool, folders: [PairFolder]
    ) throws(WireError) -> Bytes32 {
        var writer = WireWriter()
        writer.raw(Array("lanyard pairing confirm 1\0".utf8))
        writer.flag(ofInitiator)
        writer.flag(accepted)
        try PairFolder.write(folders, to: &writer)
        return HMACSHA256.authenticate(writer.bytes, key: digest(label: "lanyard pairing key 1\0").bytes)
    }

    private func digest(label: String) -> Bytes32 {
        var message = Array(label.utf8)
        for part in [initiator.raw, responder.raw, initiatorNonce, responderNonce, exporter] {
            part.append(to: &message)
        }
        return SHA256.hash(message)
    }

    /// What the responder sends before it knows Na, and is held to.
    static func commitment(
        initiator: DeviceID, responder: DeviceID, responderNonce: Bytes32, exporter: Bytes32
    ) -> Bytes32 {
        var message = Array("lanyard pairing commitment 1\0".utf8)
        for part in [initiator.raw, responder.raw, responderNonce, exporter] { part.append(to: &message) }
        return SHA256.hash(message)
    }
}
