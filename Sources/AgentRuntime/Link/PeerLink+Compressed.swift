internal import Compression
internal import WireProtocol

/// Unpacks what comes compressed. Used on the connection's thread only, which is why it needs no lock.
final class FrameUnpacker: @unchecked Sendable {
    private var decompressor: Decompressor?

    /// The frames inside; what they are is looked at one by one.
    func unpack(_ frames: CompressedFrames) throws(CompressionError) -> PackedFrames {
        let used: Decompressor
        if let decompressor { used = decompressor } else { used = try Decompressor() }
        decompressor = used
        return PackedFrames(try used.decompress(frames.bytes, count: frames.count))
    }
}

extension PeerLink {
    /// Whether both sides can read compressed frames.
    var isCompressionAgreed: Bool { state.withLock { $0.session.agreed.contains(.zstd) } }

    /// Takes each of the frames as if it had come by itself.
    func receive(_ compressed: CompressedFrames) {
        var packed: PackedFrames
        do throws(CompressionError) { packed = try unpacker.unpack(compressed) } catch {
            return refuse("What came compressed can't be read: \(error)")
        }
        do throws(WireError) {
            while let frame = try packed.next() { take(frame) }
        } catch {
            refuse("What came compressed is wrong inside: \(error.message)")
        }
    }
}
