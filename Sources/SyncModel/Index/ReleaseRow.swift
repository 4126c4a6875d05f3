/// A release of held deletions (rule 15) as an index keeps it, at most one an author: it is shown to members that may
/// have missed it.
public struct ReleaseRow: Hashable, Sendable {
    /// Whose deletions, and up to which of its counters.
    public let author: Author
    public let upTo: UInt64
    public let signer: DeviceID
    /// The signer's public key info (DER) and its signature, as they came.
    public let signerKey: [UInt8]
    public let signature: [UInt8]

    public init(author: Author, upTo: UInt64, signer: DeviceID, signerKey: [UInt8], signature: [UInt8]) {
        self.author = author
        self.upTo = upTo
        self.signer = signer
        self.signerKey = signerKey
        self.signature = signature
    }
}
