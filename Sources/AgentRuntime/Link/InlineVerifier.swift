internal import Chunking
internal import SyncModel

/// Tells whether bytes are a content, and of which chunks. For one thread at a time.
final class InlineVerifier {
    private let builder = ChunkListBuilder()

    /// The chunks of `bytes`, if they are `content`; nil if they are not.
    func chunks(of bytes: ArraySlice<UInt8>, as content: FileContent) -> [ChunkReference]? {
        bytes.withUnsafeBytes { chunks(of: $0, as: content) }
    }

    func chunks(of bytes: UnsafeRawBufferPointer, as content: FileContent) -> [ChunkReference]? {
        guard UInt64(bytes.count) == content.size else { return nil }
        builder.update(bytes)
        let list = builder.finish()
        return list.contentHash == content.hash ? Array(list) : nil
    }
}
