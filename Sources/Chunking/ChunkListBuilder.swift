internal import Cryptography
internal import SyncModel

/// Cuts and hashes the bytes of one file after the other.
///
/// The list depends on the bytes alone, not on the sizes of the buffers that they come in. Not for use by two threads
/// at once.
public final class ChunkListBuilder {
    private var cutter = Cutter()
    private let hasher = SHA256()
    private var packed: [UInt8] = []
    private var chunkBytes = 0

    /// Bytes added since the last `finish` or `reset`.
    public private(set) var size: UInt64 = 0

    public init() {}

    /// Adds the next bytes of the file. All of them together must stay within `Limits.fileBytes`.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let end = cutter.cut(rest)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
            hasher.update(part)
            chunkBytes += part.count
            size += UInt64(part.count)
            if end != nil { closeChunk() }
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
    }

    /// Adds bytes to the file.
    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The list of everything added. The builder is then empty, ready for another file.
    public func finish() -> ChunkList {
        if chunkBytes > 0 { closeChunk() }
        let list = ChunkList(trusted: packed, size: size)
        cutter.reset()
        packed = []
        size = 0
        return list
    }

    /// Forgets what was added.
    public func reset() { _ = finish() }

    private func closeChunk() {
        let reference = ChunkReference(length: UInt32(chunkBytes), hash: hasher.finish())
        ChunkList.append(reference, to: &packed)
        chunkBytes = 0
    }

    /// The list of `bytes`.
    public static func list(of bytes: [UInt8]) -> ChunkList {
        let builder = ChunkListBuilder()
        builder.update(bytes)
        return builder.finish()
    }
}
