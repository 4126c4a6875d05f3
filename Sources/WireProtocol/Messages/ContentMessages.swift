public import SyncModel

/// In which order a side answers: lower first.
public enum RequestPriority: UInt8, Hashable, Sendable, CaseIterable {
    /// A small change that a person waits for.
    case urgent = 1
    case normal = 2
    case bulk = 3
}

/// Asks for a range of a file's content. Request numbers are the requester's own, one for each request under way.
public struct ContentRequest: Hashable, Sendable {
    public var request: UInt32
    public var folder: FolderID
    /// Where the receiver said that it has it.
    public var path: RelativePath
    public var content: FileContent
    /// In bytes; `offset + length` is at most the content's size.
    public var offset: UInt64
    /// 1 to `Limits.requestBytes`.
    public var length: UInt32
    public var priority: RequestPriority

    public init(
        request: UInt32, folder: FolderID, path: RelativePath, content: FileContent, offset: UInt64, length: UInt32,
        priority: RequestPriority
    ) {
        self.request = request
        self.folder = folder
        self.path = path
        self.content = content
        self.offset = offset
        self.length = length
        self.priority = priority
    }
}

/// A part of the answer to a `ContentRequest`: the parts follow one another without gap.
public struct ContentData: Hashable, Sendable {
    public var request: UInt32
    /// In the file.
    public var offset: UInt64
    /// Whether the requested range ends here.
    public var last: Bool
    /// At least one byte. After decoding a part of the frame's storage, not a copy.
    public var bytes: ArraySlice<UInt8>

    public init(request: UInt32, offset: UInt64, last: Bool, bytes: ArraySlice<UInt8>) {
        self.request = request
        self.offset = offset
        self.last = last
        self.bytes = bytes
    }
}

/// Asks for the chunk list of a content, or a part of it.
public struct ChunkListRequest: Hashable, Sendable {
    /// Which part is asked for.
    public enum Part: Hashable, Sendable {
        /// The node of the list's tree that has this hash; the root's is the content's.
        case node(Bytes32)
        /// The references from this number on, as many as one answer takes.
        case flat(first: UInt64)
    }

    public var request: UInt32
    public var folder: FolderID
    public var path: RelativePath
    public var content: FileContent
    public var part: Part

    public init(request: UInt32, folder: FolderID, path: RelativePath, content: FileContent, part: Part) {
        self.request = request
        self.folder = folder
        self.path = path
        self.content = content
        self.part = part
    }
}

/// The whole answer to a `ChunkListRequest`. What it says is verified against the content's hash by the receiver.
public struct ChunkListData: Hashable, Sendable {
    /// The part that was asked for.
    public enum Part: Hashable, Sendable {
        /// The bytes of the node as the chunking format has them; a part of the frame's storage.
        case node(ArraySlice<UInt8>)
        /// References from number `first` on, of `total`; at most `Limits.chunkReferences`.
        case flat(first: UInt64, total: UInt64, [ChunkReference])
    }

    public var request: UInt32
    public var part: Part

    public init(request: UInt32, part: Part) { (self.request, self.part) = (request, part) }
}

/// Why a request is not carried out.
public enum RequestFailure: UInt8, Hashable, Sendable, CaseIterable {
    /// The sender does not have it, or never had.
    case notFound = 1
    /// It had it, and the file has changed since.
    case changed = 2
    /// Not now; later perhaps.
    case busy = 3
    /// The receiver may not have it.
    case refused = 4
    /// Reading failed.
    case unreadable = 5
    /// It was cancelled.
    case cancelled = 6
}

/// Ends a request without a (further) answer.
public struct RequestFailed: Hashable, Sendable {
    public var request: UInt32
    public var code: RequestFailure

    public init(request: UInt32, code: RequestFailure) { (self.request, self.code) = (request, code) }
}
