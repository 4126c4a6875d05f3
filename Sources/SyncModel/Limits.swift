/// Every bound of Lanyard in one place. Their relations are asserted in `LimitsTests`.
public enum Limits {
    // MARK: Names
    /// Linux's PATH_MAX less the NUL.
    public static let pathBytes = 4_095
    /// NAME_MAX.
    public static let nameBytes = 255
    public static let pathComponents = 1_024
    /// Symlink targets: PATH_MAX less the NUL.
    public static let symlinkBytes = 4_095

    // MARK: Records
    /// Extended attributes of one record, all names and values together.
    public static let attributeBytes = 65_536
    public static let attributeCount = 256
    /// Authors in one version vector.
    public static let vectorEntries = 1_024
    /// Entries of a version that an announced record may bring a path to: one that would bring more is not taken, so
    /// that edits made here have room below `vectorEntries`.
    public static let mergedEntries = 960
    /// Entries of a version at both places of what follows a move: beyond that it stays where it was made, so that no
    /// chain of moves comes near the others.
    public static let carriedEntries = 256
    /// Places of one file that its record names: of one that was moved more often the first ones are forgotten.
    public static let lineagePlaces = 16
    /// Moves that are followed from one path to the end of a file.
    public static let followedMoves = 64
    /// Lamport counters of stamps (rule 3): larger ones are refused.
    public static let stampCounter: UInt64 = (1 << 48) - 1
    /// Edit counters and sequences: far from overflow, and they fit SQLite's signed integers.
    public static let counter: UInt64 = (1 << 62) - 1
    /// The largest file: what ext4 and our offsets can hold, below 2^62.
    public static let fileBytes: UInt64 = 1 << 62

    // MARK: Chunks
    /// Content-defined chunks: least, aimed-at and greatest length in bytes.
    public static let chunkLeast = 8_192
    public static let chunkTarget = 32_768
    public static let chunkGreatest = 131_072

    // MARK: Wire
    /// The payload of one frame.
    public static let frameBytes = 1 << 20
    /// Contents up to this travel inside the index stream.
    public static let inlineBytes = 32_768
    /// Records of one index batch.
    public static let batchRecords = 1_024
    /// Bytes of records and inline contents after which a batch is closed; one more record must still fit the frame.
    public static let batchBytes = 512 << 10
    /// Bytes of content asked for by one request.
    public static let requestBytes = 512 << 10
    /// Bytes of requested and not yet received content, a peer.
    public static let requestedBytes = 8 << 20
    /// Connections of devices that are not paired: all together, and the time each may take.
    public static let unpairedConnections = 16
    public static let unpairedSeconds = 300
    /// The payload of one frame from a device that is not paired.
    public static let unpairedFrameBytes = 65_536
    /// Connections of all devices together, and of one device.
    public static let connections = 512
    public static let connectionsPerDevice = 8
    /// Incoming handshakes under way: all together and from one address (one /64 of IPv6).
    public static let handshakes = 64
    public static let handshakesPerSource = 8
    /// Handshakes begun by one address: how many at once after a rest, and how many a second then.
    public static let handshakeBurst = 32
    public static let handshakesPerSecond = 8
    /// Addresses whose handshakes are counted one by one; further ones share a count.
    public static let handshakeSources = 1_024
    /// From the TCP connection to the last message of the TLS handshake.
    public static let handshakeMilliseconds = 10_000
    /// From the wish to close until the socket is shut, however slow the peer.
    public static let closeMilliseconds = 5_000
    /// Frames waiting to be sent on one connection, payloads and headers together: control and bulk.
    public static let controlQueueBytes = 4 << 20
    public static let bulkQueueBytes = 4 << 20
    /// Addresses tried for one connection.
    public static let dialCandidates = 64
    /// Pairing attempts in a minute, all peers together.
    public static let pairingAttemptsPerMinute = 6

    // MARK: Wire messages
    /// Text for people and logs: reasons, versions.
    public static let textBytes = 1_024
    /// One network address as text, and how many a device may list.
    public static let addressBytes = 300
    public static let addresses = 32
    /// Membership records in one message: members with the history of their removals and returns.
    public static let membershipRecords = 1_024
    /// Predecessors named by one membership record.
    public static let membershipPredecessors = 256
    /// A public key info (DER) and a signature, in bytes.
    public static let publicKeyBytes = 1_024
    public static let signatureBytes = 1_024
    /// The extension area of one message or record.
    public static let extensionBytes = 4_096
    /// Authors named by one message's records.
    public static let batchAuthors = 4_096
    /// References in one answer about a chunk list.
    public static let chunkReferences = 16_384
    /// Items in one page of a bucket listing.
    public static let bucketItems = 16_384
    /// Pages of one bucket: with full ones, indices of a thousand million records.
    public static let bucketPages = 256
    /// Records asked for in one comparison of indices: the rest follows in another.
    public static let repairRecords = 65_536
    /// Requests of one side that are under way on a connection.
    public static let requests = 256
    /// Barriers of one side that are not yet reached, on a connection.
    public static let barriers = 64
    /// Payload bytes of index batches that may be granted in advance, a folder.
    public static let indexCreditBytes = 8 << 20
    /// Pings of one side in one heartbeat interval.
    public static let pings = 16
    /// Without a byte for this long, a ping is sent.
    public static let heartbeatMilliseconds: UInt64 = 5_000
    /// Without a byte for this long, the connection is dead.
    public static let silenceMilliseconds: UInt64 = 15_000
    /// An invite link, in characters.
    public static let inviteLinkBytes = 8_192

    // MARK: Addresses and discovery
    /// The longest name of a host (RFC 1035) and of an interface (IFNAMSIZ less the NUL).
    public static let hostNameBytes = 253
    public static let interfaceNameBytes = 15
    /// One string of a TXT record (its length is a byte), the strings of one, and all of them together (RFC 6763, 6.2).
    public static let textStringBytes = 255
    public static let textStrings = 32
    public static let textRecordBytes = 1_300
    /// The name of a service instance: one label of DNS.
    public static let serviceNameBytes = 63
    /// Services of ours on the local network that are followed, counted once an interface and protocol: each takes one
    /// of the 1,024 objects that the Avahi daemon grants a client.
    public static let discoveredServices = 512
    /// Addresses kept for one discovered device.
    public static let discoveredAddresses = 16

    // MARK: Folders and devices
    public static let deviceNameBytes = 64
    public static let folderNameBytes = 255
    public static let folders = 1_024
    public static let members = 256
    /// Devices that were ever paired with this one.
    public static let pairedDevices = 4_096
    /// Addresses remembered of one device.
    public static let deviceAddresses = 32
    /// Membership records of all folders, and the bytes of one.
    public static let storedMembershipRecords = 65_536
    public static let membershipBytes = 262_144
    /// Invites that are kept, used and expired ones too.
    public static let invites = 1_024
    /// How long an invite holds where nothing else is asked for.
    public static let inviteUsualSeconds: Int64 = 86_400
    /// How long an invite may live, and how long after its end whoever used it in time is answered again.
    public static let inviteSeconds: Int64 = 366 * 86_400
    public static let inviteGraceSeconds: Int64 = 7 * 86_400
    /// From the wish to pair to the confirmation.
    public static let pairingSeconds = 300
    /// Joins under way, and how long the inviter is tried.
    public static let joins = 16
    public static let joinSeconds = 30
    /// Between two attempts to store what peers signed.
    public static let storeRetrySeconds = 10
    /// Membership records of a folder that wait for their predecessors.
    public static let waitingMembershipRecords = 256
    /// Folders of others that wait to be accepted, and the bytes of the records of each.
    public static let folderOffers = 64
    public static let folderOfferBytes = 1 << 20
    /// Messages by which a device introduces itself on a connection, and the bytes of records after which one is full.
    public static let introductions = 64
    public static let introductionBytes = 48 << 10
    /// Entries of the problem list that are kept; further ones are counted.
    public static let problems = 1_000

    // MARK: Batches inside the device
    /// Records decided on, applied or committed at once.
    public static let waveRecords = 1_024
    /// Bytes staged for one wave before it is applied.
    public static let waveBytes: UInt64 = 64 << 20
    /// Changed paths remembered from the watcher before a rescan is asked for instead.
    public static let dirtyPaths = 16_384

    // MARK: Index
    /// Devices, and also authors, that one folder's records may name: each costs memory while the folder is open.
    public static let indexNames = 16_384
    /// Items of one kind (rows, needs, removals) in one index transaction or look-up.
    public static let transactionItems = 16_384
    /// Rows or needs that one query of the index returns.
    public static let queryRows = 16_384
    /// Positions of our log whose running hash is kept (rule 9).
    public static let logMarks = 10_000
    /// Bytes of a need's reason.
    public static let reasonBytes = 1_024

    // MARK: Safety
    /// A folder's deletions in a rolling hour that are held and asked about: more than both (rule 15).
    public static let deletionBudgetFiles = 1_000
    public static let deletionBudgetPercent = 25
    /// Releases of held deletions that are kept of one signer: more than it can meet authors who delete too much.
    public static let releasesOfMember = 64
    /// How far beyond what this device has durably covered of an author's edits a release of another member may reach:
    /// what it is about may still be on its way.
    public static let releaseReach: UInt64 = 1 << 22
    /// Free bytes of the file system that are never used up; of a small one, this part.
    public static let diskReserveBytes: UInt64 = 64 << 20
    public static let diskReservePercent: UInt64 = 5
    /// Days that replaced and deleted content is kept.
    public static let historyDays = 30

    /// For how long it is known that every member has covered a deletion before it is forgotten.
    public static let collectionSeconds: Int64 = 7 * 86_400
    /// At least so much time is between two looks at what every member has covered; less where less is to be waited.
    public static let collectionPauseSeconds: Int64 = 60

    // MARK: Reading the folder
    /// How often an entry that changes meanwhile is read before it is left to rest.
    public static let readAttempts = 3
    /// Bytes read from a file at once.
    public static let readBytes = 1 << 20
    /// A file changed this shortly before it was read is read again (rule 13): on file systems whose times are at least
    /// as fine as `fineTimestampNanoseconds`, and on coarser ones.
    public static let racyNanoseconds: Int64 = 20_000_000
    public static let coarseRacyNanoseconds: Int64 = 2_000_000_000
    public static let fineTimestampNanoseconds: UInt64 = 1_000_000
    /// Directories that a walk keeps open: the deepest ones.
    public static let walkDirectories = 32

    // MARK: Local changes
    /// Paths whose local changes are taken back at once.
    public static let revertPaths = 1_000

    // MARK: Rebuilding
    /// Found entries that members are asked about at once: with the longest paths they fit a frame.
    public static let foundEntries = 240
    /// How long an answer is waited for.
    public static let foundAnswerNanoseconds: UInt64 = 60_000_000_000
    /// For how long, and of how many at most, an index knows that a content stood at a path.
    public static let pastDays: Int64 = 365
    public static let pastContents = 1_000_000
    /// Bytes of history that are read to answer one question of a member, and in a minute to find what members ask for.
    public static let historyReadBytes: UInt64 = 64 << 20
    /// Searches of a folder's history for what members ask for, in a minute.
    public static let historySearches = 64

    // MARK: Ignore rules
    /// Bytes of `.lanyardignore`: bounds the patterns' number and lengths, and so the cost of matching one path.
    public static let ignoreFileBytes = 65_536
    public static let ignorePatterns = 4_096
    public static let ignorePatternBytes = 1_024

    // MARK: Deferral
    /// Paths whose recent changes are remembered; beyond it a change is acted on at once.
    public static let deferredPaths = 4_096

    // MARK: Fetching
    /// Transfers that are under way at once, all peers together.
    public static let activeTransfers = 256
    /// How many of them may be of contents larger than one request: keeps room for small ones.
    public static let activeLargeTransfers = 16
    /// Chunk references in one page of a chunk list; a reference takes 36 bytes on the wire.
    public static let chunkListPageReferences = 8_192
    public static let chunkReferenceBytes = 36
    /// Blocks cut and not yet asked for, below which the next page of a chunk list is asked for.
    public static let fetchBlocksAhead = 64
    /// Requests of one side that fetches leave to everything else.
    public static let reservedRequests = 16
    /// What contents larger than one request leave to smaller ones, a peer: requests, and bytes asked for.
    public static let smallRequests = 32
    public static let smallRequestedBytes = 1 << 20
    /// Without progress of anything that was asked of a peer for this long, it is given up.
    public static let fetchStallMilliseconds: UInt64 = 60_000
    /// Bytes of contents that came with index batches and are not applied yet, a folder.
    public static let inlineStoreBytes = 32 << 20
    /// Bytes a second that a person may bound this device to at the least: so much keeps every transfer in progress
    /// within `fetchStallMilliseconds`, also when several devices share it.
    public static let rateLimitLeast: UInt64 = 64 << 10
    /// Bytes of content in one frame that is sent: what is urgent waits no longer than one such frame takes.
    public static let contentFrameBytes = 256 << 10
    /// Packed bytes that are compressed together at most, and frames below which it isn't worth while.
    public static let packedBytes = 512 << 10
    public static let packedLeast = 512
    /// What a link is taken to carry in a second before it was measured: slow enough to begin with compression.
    public static let assumedLinkBytesPerSecond: UInt64 = 32_000_000
    /// Frames that are sent plain, at most, before what did not shrink is tried again.
    public static let plainFrames = 64
    /// Files kept open for serving, a connection, and how long without use.
    public static let servedFiles = 8
    public static let servedFileMilliseconds: UInt64 = 5_000
}
