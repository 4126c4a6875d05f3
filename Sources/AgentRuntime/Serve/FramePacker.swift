internal import Compression
internal import Glibc
internal import SyncCore
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

/// Compresses frames that one thread sends on one link, if they are worth it. For that thread only.
final class FramePacker {
    /// What stands before the compressed bytes in a frame, at most.
    private static let headerRoom = 16
    /// For the headers of contents that fill what may be packed.
    private static let headersRoom = 1 << 10

    private var choice = CompressionChoice()
    private var compressor: Compressor?
    /// Frames one after the other, before they are compressed.
    private(set) var packed = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { packed.deallocate() }

    /// Gives memory back when nothing is to be sent.
    func rest() {
        compressor = nil
        packed.deallocate()
        packed = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    /// How the next frame of a subject is to be compressed; nil for plain.
    func level(of subject: CompressionSubject, bytes: Int, for link: PeerLink) -> CompressionLevel? {
        guard link.isCompressionAgreed else { return nil }
        let level = choice.level(
            of: subject, bytes: bytes, linkBytesPerSecond: link.connection.linkBytesPerSecond)
        guard level != nil else { return nil }
        do throws(CompressionError) {
            if compressor == nil { compressor = try Compressor() }
            return level
        } catch {
            return nil
        }
    }

    /// How many bytes may be packed together, and room for them.
    func room(of subject: CompressionSubject) -> Int {
        makeRoom(Limits.packedBytes + Self.headersRoom)
        return choice.packedBytes(of: subject, frameBytes: Limits.contentFrameBytes) + Self.headersRoom
    }

    private func makeRoom(_ count: Int) {
        guard packed.count < count else { return }
        packed.deallocate()
        packed = .allocate(byteCount: count, alignment: 64)
    }

    /// Compresses the first `count` bytes of `packed` into the payload of a `compressed` frame; its length, or nil if
    /// it finds no room.
    func compress(
        _ count: Int, _ subject: CompressionSubject, _ level: CompressionLevel,
        into payload: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let compressor, payload.count > Self.headerRoom else { return nil }
        let source = UnsafeRawBufferPointer(rebasing: packed[..<count])
        let body = UnsafeMutableRawBufferPointer(rebasing: payload[Self.headerRoom...])
        let begun = Self.workNanoseconds
        guard let compressed = try? compressor.compress(source, level: level.rawValue, into: body) else { return nil }
        choice.note(
            subject, level, bytes: count, compressed: compressed, nanoseconds: Self.workNanoseconds - begun)
        guard let header = try? CompressedFrames.header(count: count, compressed: compressed) else { return nil }
        payload.copyBytes(from: header)
        UnsafeMutableRawBufferPointer(rebasing: payload[header.count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: body[..<compressed]))
        return header.count + compressed
    }

    /// Time that this thread has worked: when others have the processor, the compressor is no slower for it.
    private static var workNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The frame as it is sent: compressed if that makes it shorter.
    func pack(_ frame: Frame, for link: PeerLink) -> Frame {
        let count = PackedFrames.headerBytes + frame.payload.count
        guard PackedFrames.mayHold(frame.type), count <= Limits.frameBytes,
            let level = level(of: .records, bytes: count, for: link)
        else { return frame }
        makeRoom(count)
        PackedFrames.writeHeader(type: frame.type, count: frame.payload.count, to: packed)
        UnsafeMutableRawBufferPointer(rebasing: packed[PackedFrames.headerBytes...]).copyBytes(from: frame.payload)
        // What grows finds no room.
        let payload = [UInt8](unsafeUninitializedCapacity: frame.payload.count) { buffer, initialized in
            initialized = compress(count, .records, level, into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
        }
        return payload.isEmpty ? frame : Frame(type: MessageType.compressed.rawValue, payload: payload)
    }
}
