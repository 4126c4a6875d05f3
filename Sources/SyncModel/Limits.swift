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
    /// Pairing attempts in a minute, all peers together.
    public static let pairingAttemptsPerMinute = 6

    // MARK: Folders and devices
    public static let deviceNameBytes = 64
    public static let folderNameBytes = 255
    public static let folders = 1_024
    public static let members = 256
    /// Entries of the problem list that are kept; further ones are counted.
    public static let problems = 1_000

    // MARK: Batches inside the device
    /// Records decided on, applied or committed at once.
    public static let waveRecords = 1_024
    /// Bytes staged for one wave before it is applied.
    public static let waveBytes: UInt64 = 64 << 20
    /// Changed paths remembered from the watcher before a rescan is asked for instead.
    public static let dirtyPaths = 16_384

    // MARK: Safety
    /// A folder's deletions in a rolling hour that are held and asked about: more than both (rule 15).
    public static let deletionBudgetFiles = 1_000
    public static let deletionBudgetPercent = 25
    /// Free bytes of the file system that are never used up.
    public static let diskReserveBytes: UInt64 = 64 << 20
    /// Days that replaced and deleted content is kept.
    public static let historyDays = 30

    // MARK: Membership
    /// Membership records of one folder that are considered; each device re-added costs two more.
    public static let membershipRecords = 1_024
    /// Predecessors that one membership record names.
    public static let membershipPredecessors = 256

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
}
