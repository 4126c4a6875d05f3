public import SyncModel
public import WireProtocol

/// What a link tells its observer. Called on the connection's thread, one at a time; to block is back-pressure on the
/// peer. `closed` comes exactly once, last of all.
public enum LinkEvent: Sendable {
    /// The other side's hello, and the version that both use. Once, first.
    case opened(Hello, version: UInt32)
    /// Both sides take each other for paired: folders may be offered.
    case paired
    /// What is for the engine to decide. Requests for content, chunk lists, records, buckets and index batches are
    /// answered by the link itself, answers to a fetch go to its fetcher.
    case message(Message)
    /// A part of the peer's log. Its entries hold no bytes: the contents that travelled along are verified and in the
    /// folder's `InlineStore`.
    /// `bytes` is what the batch cost of its stream's credit.
    case indexBatch(IndexBatch, inline: [InlineContent], bytes: Int)
    /// Nothing follows. `code` is that of the close message which either side sent; nil if there was none.
    case closed(reason: String, code: CloseCode?)
}

/// A content that came inside an index batch.
public struct InlineContent: Hashable, Sendable {
    /// The sequence of its entry in the batch.
    public let sequence: IndexSequence
    public let content: FileContent
    /// Where its bytes are until they are taken or released.
    public let handle: InlineHandle
    /// Its chunks, if it is more than one.
    public let chunks: [ChunkReference]?

    public init(sequence: IndexSequence, content: FileContent, handle: InlineHandle, chunks: [ChunkReference]?) {
        self.sequence = sequence
        self.content = content
        self.handle = handle
        self.chunks = chunks
    }
}

/// Names bytes in an `InlineStore`; never used again by the same store.
public struct InlineHandle: Hashable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}
