import Cryptography
public import SyncModel

/// The proof in a `JoinRequest`: who sends it knows the invite's secret, in this TLS session, and as this device.
public enum JoinProof {
    /// What the inviter keeps of a secret: its SHA-256. It is enough to check proofs; the link can't be had from it.
    public static func secretHash(of secret: Bytes16) -> Bytes32 { SHA256.hash(secret.bytes) }

    /// HMAC-SHA-256, keyed by the secret's hash, over the label, the exporter (label `EXPORTER-lanyard-join`, no
    /// context, 32 bytes), the inviter, the joining device, the invite and the wanted folder (sixteen zeros for none).
    public static func compute(
        secretHash: Bytes32, exporter: Bytes32, inviter: DeviceID, joining: DeviceID, invite: Bytes16, folder: FolderID?
    ) -> Bytes32 {
        var message = Array("lanyard join 1\0".utf8)
        for part in [exporter, inviter.raw, joining.raw] { part.append(to: &message) }
        message += invite.bytes
        message += folder?.bytes ?? [UInt8](repeating: 0, count: 16)
        return HMACSHA256.authenticate(message, key: secretHash.bytes)
    }

    /// Whether `request` of `joining` holds the right proof, in constant time.
    public static func verify(
        _ request: JoinRequest, secretHash: Bytes32, exporter: Bytes32, inviter: DeviceID, joining: DeviceID
    ) -> Bool {
        let expected = compute(
            secretHash: secretHash, exporter: exporter, inviter: inviter, joining: joining, invite: request.invite,
            folder: request.folder)
        return equalInConstantTime(expected.bytes, request.proof.bytes)
    }
}
