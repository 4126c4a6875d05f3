public import SyncModel

/// Opens a pairing. The sender is the initiator; where both send one, the device with the smaller ID stays initiator.
public struct PairRequest: Hashable, Sendable {
    public init() {}
}

/// The responder's commitment to its nonce: see `PairingExchange`.
public struct PairCommit: Hashable, Sendable {
    public var commitment: Bytes32

    public init(commitment: Bytes32) { self.commitment = commitment }
}

/// The initiator's nonce Na.
public struct PairNonce: Hashable, Sendable {
    public var nonce: Bytes32

    public init(nonce: Bytes32) { self.nonce = nonce }
}

/// The responder's nonce Nb, which the commitment must fit.
public struct PairReveal: Hashable, Sendable {
    public var nonce: Bytes32

    public init(nonce: Bytes32) { self.nonce = nonce }
}

/// A folder that one side offers to share, or to merge with one of the other side's (rule 18).
public struct PairFolder: Hashable, Sendable {
    public var folder: FolderID
    /// At most `Limits.folderNameBytes`.
    public var name: String
    /// Whether no other device was ever a member: only then may it be re-keyed.
    public var neverShared: Bool
    /// How many files it holds.
    public var files: UInt64

    public init(folder: FolderID, name: String, neverShared: Bool, files: UInt64) {
        self.folder = folder
        self.name = name
        self.neverShared = neverShared
        self.files = files
    }
}

/// What a person answered to the comparison of codes.
public struct PairConfirm: Hashable, Sendable {
    public var accepted: Bool
    /// Binds the answer and the folders to both identities, both nonces and the TLS session.
    public var authenticator: Bytes32
    /// Sorted by folder, each once; at most `Limits.folders`.
    public var folders: [PairFolder]

    public init(accepted: Bool, authenticator: Bytes32, folders: [PairFolder]) {
        self.accepted = accepted
        self.authenticator = authenticator
        self.folders = folders
    }
}

/// Why a pairing ends without a pair.
public enum PairCancelReason: UInt8, Hashable, Sendable, CaseIterable {
    /// A person said no, or gave it up.
    case declined = 1
    /// Not confirmed in time.
    case expired = 2
    /// Another pairing is under way, or too many were tried.
    case busy = 3
    /// The device does not accept pairing now.
    case notAccepting = 4
    /// A commitment or an authenticator did not fit: somebody may be in the middle.
    case mismatch = 5
}

/// Ends a pairing.
public struct PairCancel: Hashable, Sendable {
    public var reason: PairCancelReason

    public init(reason: PairCancelReason) { self.reason = reason }
}
