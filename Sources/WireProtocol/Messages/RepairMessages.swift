public import SyncModel

/// Which of the two digests of rule 7.
public enum DigestDomain: UInt8, Hashable, Sendable, CaseIterable {
    case live = 1
    case tombstones = 2
}

/// The digests of the sender's records by the first byte of their path's hash, where the root digests differ.
public struct BucketDigests: Hashable, Sendable {
    public var folder: FolderID
    public var domain: DigestDomain
    /// Exactly 256.
    public var digests: [Bytes32]

    public init(folder: FolderID, domain: DigestDomain, digests: [Bytes32]) {
        self.folder = folder
        self.domain = domain
        self.digests = digests
    }
}

/// Asks for a bucket's records, a page at a time.
public struct BucketRequest: Hashable, Sendable {
    public var request: UInt32
    public var folder: FolderID
    public var domain: DigestDomain
    public var bucket: UInt8
    /// The last path hash that the requester has of this bucket; nil for the first page.
    public var after: Bytes16?

    public init(request: UInt32, folder: FolderID, domain: DigestDomain, bucket: UInt8, after: Bytes16?) {
        self.request = request
        self.folder = folder
        self.domain = domain
        self.bucket = bucket
        self.after = after
    }
}

/// A page of a bucket: the whole answer to a `BucketRequest`.
public struct BucketListing: Hashable, Sendable {
    /// A record of the bucket.
    public struct Item: Hashable, Sendable {
        /// The first sixteen bytes of the path's SHA-256; its first byte is the bucket.
        public var pathHash: Bytes16
        /// The first sixteen bytes of the record's digest.
        public var recordDigest: Bytes16

        public init(pathHash: Bytes16, recordDigest: Bytes16) {
            (self.pathHash, self.recordDigest) = (pathHash, recordDigest)
        }
    }

    public var request: UInt32
    /// By path hash, ascending; at most `Limits.bucketItems`.
    public var items: [Item]
    /// Whether the bucket ends here.
    public var last: Bool

    public init(request: UInt32, items: [Item], last: Bool) {
        self.request = request
        self.items = items
        self.last = last
    }
}

/// Asks for records by the hash of their path, known from a `BucketListing`, or by their path.
public struct RecordsWanted: Hashable, Sendable {
    public var request: UInt32
    public var folder: FolderID
    /// Sorted, each once; at most `Limits.batchRecords` with `pathHashes`.
    public var paths: [RelativePath]
    /// Sorted, each once.
    public var pathHashes: [Bytes16]

    public init(request: UInt32, folder: FolderID, paths: [RelativePath], pathHashes: [Bytes16]) {
        self.request = request
        self.folder = folder
        self.paths = paths
        self.pathHashes = pathHashes
    }
}

/// The answer to `RecordsWanted`, in one or more messages: entries by sequence, without inline content. What was
/// wanted and is in none of them, the sender has no record of.
public struct Records: Hashable, Sendable {
    public var request: UInt32
    /// The sender's epoch.
    public var epoch: IndexEpoch
    public var entries: [IndexEntry]
    /// Whether the answer ends here.
    public var last: Bool

    public init(request: UInt32, epoch: IndexEpoch, entries: [IndexEntry], last: Bool) {
        self.request = request
        self.epoch = epoch
        self.entries = entries
        self.last = last
    }
}

/// Asks whether contents ever stood at paths, for the rebuild of a lost index (rule 8).
public struct EverHeldQuery: Hashable, Sendable {
    /// A content that is asked about, by its path.
    public struct Item: Hashable, Sendable {
        public var path: RelativePath
        public var content: FileContent

        public init(path: RelativePath, content: FileContent) { (self.path, self.content) = (path, content) }
    }

    public var request: UInt32
    public var folder: FolderID
    /// At most `Limits.batchRecords`.
    public var items: [Item]

    public init(request: UInt32, folder: FolderID, items: [Item]) {
        self.request = request
        self.folder = folder
        self.items = items
    }
}

/// The answer to an `EverHeldQuery`: one truth value an item, in its order.
public struct EverHeldAnswer: Hashable, Sendable {
    public var request: UInt32
    public var held: [Bool]

    public init(request: UInt32, held: [Bool]) { (self.request, self.held) = (request, held) }
}
