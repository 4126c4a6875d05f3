public import SyncModel

/// A folder of which the sender takes the receiver for a member.
public struct FolderOffer: Hashable, Sendable {
    public var folder: FolderID
    /// At most `Limits.folderNameBytes`.
    public var name: String
    /// The folder's membership records, at most `Limits.membershipRecords`; the rest follow as `membership`.
    public var records: [MembershipRecord]

    public init(folder: FolderID, name: String, records: [MembershipRecord]) {
        self.folder = folder
        self.name = name
        self.records = records
    }
}

/// Membership records that the receiver may not have yet.
public struct MembershipUpdate: Hashable, Sendable {
    public var folder: FolderID
    public var records: [MembershipRecord]

    public init(folder: FolderID, records: [MembershipRecord]) { (self.folder, self.records) = (folder, records) }
}

/// What a folder does at the sender.
public enum FolderActivity: UInt8, Hashable, Sendable, CaseIterable {
    case active = 1
    case paused = 2
    /// Waiting for a person: deletions over budget, an identity in doubt.
    case held = 3
    case scanning = 4
    case error = 5
}

/// How far the sender has come in the receiver's log.
public struct LogPosition: Hashable, Sendable {
    /// The receiver's epoch that the sequences belong to.
    public var epoch: IndexEpoch
    /// The last sequence received.
    public var received: IndexSequence
    /// The last sequence up to which all is applied and durable.
    public var applied: IndexSequence
    /// What the sender knows of the receiver's running hash, to tell forks and rollbacks.
    public var mark: LogMark?

    public init(epoch: IndexEpoch, received: IndexSequence, applied: IndexSequence, mark: LogMark?) {
        self.epoch = epoch
        self.received = received
        self.applied = applied
        self.mark = mark
    }
}

/// The state of a folder at the sender: sent after the offers, and whenever it changes (at most a few times a second).
public struct FolderState: Hashable, Sendable {
    public var folder: FolderID
    public var activity: FolderActivity
    /// The sender's index epoch.
    public var epoch: IndexEpoch
    /// The last sequence of the sender's log.
    public var head: IndexSequence
    /// The running hash of the sender's log at a sequence, at or before `head`.
    public var mark: LogMark
    /// What the sender has durably covered (rule 1).
    public var frontier: VersionVector
    /// Of the set of members that the sender knows (`FolderMember.digest`).
    public var members: Bytes32
    /// Deletions that it covers are forgotten by all: every member had durably covered it.
    public var cut: VersionVector
    /// Of the live records; nil before the first scan.
    public var rootDigest: Bytes32?
    /// Of the tombstones; nil before the first scan, and while some are there that the cut covers.
    public var tombstoneDigest: Bytes32?
    /// Records not applied (rule 27) and their bytes.
    public var needFiles: UInt64
    public var needBytes: UInt64
    /// Grows with each completed scan.
    public var scannedGeneration: UInt64
    /// Whether anything applied is not yet durable.
    public var unflushed: Bool
    /// Nil until the sender knows anything of the receiver's log.
    public var position: LogPosition?

    public init(
        folder: FolderID, activity: FolderActivity, epoch: IndexEpoch, head: IndexSequence, mark: LogMark,
        frontier: VersionVector, members: Bytes32 = .zero, cut: VersionVector = VersionVector(),
        rootDigest: Bytes32?, tombstoneDigest: Bytes32?, needFiles: UInt64, needBytes: UInt64,
        scannedGeneration: UInt64, unflushed: Bool, position: LogPosition?
    ) {
        self.folder = folder
        self.activity = activity
        self.epoch = epoch
        self.head = head
        self.mark = mark
        self.frontier = frontier
        self.members = members
        self.cut = cut
        self.rootDigest = rootDigest
        self.tombstoneDigest = tombstoneDigest
        self.needFiles = needFiles
        self.needBytes = needBytes
        self.scannedGeneration = scannedGeneration
        self.unflushed = unflushed
        self.position = position
    }
}

/// A person's release of held deletions (rule 15), signed by a read-write member.
public struct DeletionRelease: Hashable, Sendable {
    public var folder: FolderID
    /// Whose deletions, and up to which of its counters.
    public var author: Author
    public var upTo: UInt64
    public var signer: DeviceID
    /// The signer's public key info (DER), of which `signer` is the SHA-256.
    public var signerKey: [UInt8]
    /// Over `DeletionRelease.signedBytes`.
    public var signature: [UInt8]

    public init(
        folder: FolderID, author: Author, upTo: UInt64, signer: DeviceID, signerKey: [UInt8], signature: [UInt8]
    ) {
        self.folder = folder
        self.author = author
        self.upTo = upTo
        self.signer = signer
        self.signerKey = signerKey
        self.signature = signature
    }
}
