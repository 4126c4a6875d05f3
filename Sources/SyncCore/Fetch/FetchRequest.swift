public import SyncModel

/// Neighbouring chunks of a content.
public struct ChunkSpan: Hashable, Sendable {
    /// Their numbers in the content's chunk list.
    public var chunks: Range<Int>
    /// Where the first begins, in bytes.
    public var offset: UInt64

    public init(chunks: Range<Int>, offset: UInt64) { (self.chunks, self.offset) = (chunks, offset) }
}

/// One thing to ask a peer for.
public struct FetchRequest: Hashable, Sendable {
    /// What is asked for.
    public enum Item: Hashable, Sendable {
        /// A node of the chunk list's tree.
        case node(Bytes32)
        /// Whole chunks, `length` bytes together: at most `Limits.requestBytes`.
        case chunks(ChunkSpan, length: UInt32)
    }

    /// Names the request to the machine; never used again.
    public let token: UInt64
    public let peer: DeviceID
    public let content: FileContent
    public let item: Item

    /// Bytes of content that it asks for.
    public var length: Int { if case .chunks(_, let length) = item { Int(length) } else { 0 } }
}

/// What may still be asked of a peer.
public struct FetchRoom: Hashable, Sendable {
    public var requests: Int
    public var bytes: Int

    public init(requests: Int, bytes: Int) { (self.requests, self.bytes) = (requests, bytes) }

    /// All that fetches may ask of one peer.
    public static let whole = FetchRoom(
        requests: Limits.requests - Limits.reservedRequests, bytes: Limits.requestedBytes)

    /// What contents larger than one request may use of it.
    var forLarge: FetchRoom {
        FetchRoom(requests: requests - Limits.smallRequests, bytes: bytes - Limits.smallRequestedBytes)
    }

    func limited(to other: FetchRoom) -> FetchRoom {
        FetchRoom(requests: min(requests, other.requests), bytes: min(bytes, other.bytes))
    }
}
