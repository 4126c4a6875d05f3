public import Cryptography
public import SyncModel

/// Who this device is: its key, the certificate that presents it, and the DeviceID that follows from it.
///
/// `<home>/identity/` (mode 0700) holds `key.pem` and `certificate.pem` (mode 0600). The key alone is the identity:
/// from it a missing certificate is made anew, which changes no DeviceID.
public struct Identity: Sendable {
    public let key: SigningKey
    /// The certificate as PEM.
    public let certificate: [UInt8]
    public let deviceID: DeviceID

    /// A new identity that exists in memory only.
    public static func ephemeral() throws(TransportError) -> Identity {
        let key = try newKey()
        return Identity(key: key, certificate: try SelfSignedCertificate(for: key).pem())
    }

    init(key: SigningKey, certificate: [UInt8]) {
        self.key = key
        self.certificate = certificate
        deviceID = PublicKey.deviceID(publicKeyInfo: key.publicKeyInfo)
    }

    /// The identity in `home`, made there at the first start. `home` must exist.
    ///
    /// Throws `identityPermissions` if others could read or replace it, `identityDamaged` if its files don't fit or
    /// can't be decoded, `identityFiles` if they can't be read or written. Nothing that exists is ever replaced:
    /// what to do about a damaged identity is a person's decision.
    public static func loadOrCreate(home: String) throws(TransportError) -> Identity {
        let directory = try IdentityDirectory.open(home: home)
        defer { directory.close() }
        if let identity = try load(directory) { return identity }
        guard try directory.read(certificateName) == nil else {
            throw .init(
                .identityDamaged,
                "\(directory.path) holds a certificate without its key: restore \(keyName), or move the directory "
                    + "away to become a new device.")
        }
        let pem: [UInt8]
        do { pem = try newKey().pem() } catch {
            throw .init(.outOfResources, "A new identity could not be made: \(error)")
        }
        try directory.create(keyName, pem)
        // Another process may have been first: what stands there now is the identity.
        guard let identity = try load(directory) else {
            throw .init(.identityFiles, "\(directory.path)/\(keyName) vanished while it was made.")
        }
        return identity
    }

    static let keyName = "key.pem"
    static let certificateName = "certificate.pem"

    private static func newKey() throws(TransportError) -> SigningKey {
        do { return try SigningKey.generate() } catch {
            throw .init(.outOfResources, error.message, openSSL: error.cause)
        }
    }

    private static func load(_ directory: borrowing IdentityDirectory) throws(TransportError) -> Identity? {
        guard let pem = try directory.read(keyName) else { return nil }
        let key: SigningKey
        do { key = try SigningKey(pem: pem) } catch {
            throw .init(
                .identityDamaged,
                "\(directory.path)/\(keyName) is damaged: restore it from a backup, or move the "
                    + "directory away to become a new device. \(error.message)", openSSL: error.cause)
        }
        if try directory.read(certificateName) == nil {
            try directory.create(certificateName, SelfSignedCertificate(for: key).pem())
        }
        guard let certificate = try directory.read(certificateName) else {
            throw .init(.identityFiles, "\(directory.path)/\(certificateName) vanished while it was made.")
        }
        let advice = "Remove \(directory.path)/\(certificateName): it is made anew from the key."
        let decoded: SelfSignedCertificate
        do { decoded = try SelfSignedCertificate(pem: certificate) } catch {
            throw .init(error.code, "The certificate is damaged. \(advice)", openSSL: error.cause.openSSL)
        }
        guard SelfSignedCertificate.isAcceptable(decoded.handle),
            try SelfSignedCertificate.publicKeyInfo(decoded.handle) == key.publicKeyInfo
        else { throw .init(.identityDamaged, "The certificate is not that of the key. \(advice)") }
        return Identity(key: key, certificate: certificate)
    }
}
