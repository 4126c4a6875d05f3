import Cryptography
import SyncModel

extension DeletionRelease {
    static let label = Array("lanyard deletion release 1\0".utf8)

    /// What `signature` is over: the label and the canonical encoding of everything but the signature.
    public func signedBytes() throws(WireError) -> [UInt8] {
        var writer = WireWriter(reserving: 256)
        writer.raw(DeletionRelease.label)
        try writeStatement(to: &writer)
        return writer.bytes
    }

    /// Like `MembershipRecord.verify`.
    public func verify(
        _ check: (_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(WireError) {
        guard SHA256.hash(signerKey) == signer.raw else {
            throw WireError(.invalidSignature, "The key of a deletion release is not its signer's.")
        }
        guard check(signerKey, try signedBytes(), signature) else {
            throw WireError(.invalidSignature, "The signature of a deletion release does not verify.")
        }
    }

    private func writeStatement(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try writer.origin(Origin(author: author, counter: upTo))
        writer.device(signer)
        try writer.slice(signerKey, Limits.publicKeyBytes, "signer's key")
    }

    func write(to writer: inout WireWriter) throws(WireError) {
        try writeStatement(to: &writer)
        try writer.slice(signature, Limits.signatureBytes, "signature")
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        let origin = try reader.origin()
        (author, upTo) = (origin.author, origin.counter)
        signer = try reader.device()
        signerKey = Array(try reader.slice(Limits.publicKeyBytes, "signer's key"))
        signature = Array(try reader.slice(Limits.signatureBytes, "signature"))
    }
}
