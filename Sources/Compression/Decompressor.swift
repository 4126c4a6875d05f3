internal import CZstd

/// Decompresses frames whose content's size is known beforehand. The bytes may be anybody's: whatever they say, nothing
/// beyond that size is written or allocated. For one thread at a time; keeps its memory for the next one.
public final class Decompressor {
    private let context: OpaquePointer

    /// - Throws: `noRoom`.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.noRoom, "There is no memory to decompress with; free some.")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// The content of the one frame that `frame` is.
    /// - Parameter count: Of bytes that it must hold, and that the frame itself must declare.
    /// - Throws: `wrongSize` before anything is allocated where it declares another size or none, `malformed`.
    public func decompress(_ frame: UnsafeRawBufferPointer, count: Int) throws(CompressionError) -> [UInt8] {
        try Self.check(frame, count: count)
        var failure: CompressionError?
        let content = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            // The output is the window: no memory beside it depends on what the frame says.
            let found = ZSTD_decompressDCtx(context, buffer.baseAddress, count, frame.baseAddress, frame.count)
            if ZSTD_isError(found) != 0 {
                failure = CompressionError(.malformed, "The frame is damaged; ask for it again.")
            } else if found != count {
                failure = CompressionError(.wrongSize, "The frame holds \(found) bytes instead of \(count).")
            } else {
                initialized = count
            }
        }
        if let failure { throw failure }
        return content
    }

    /// The content of the one frame that `frame` is.
    public func decompress(_ frame: ArraySlice<UInt8>, count: Int) throws(CompressionError) -> [UInt8] {
        let result = frame.withUnsafeBytes { bytes in
            Result { () throws(CompressionError) in try decompress(bytes, count: count) }
        }
        return try result.get()
    }

    /// Looks at headers only: that the frame declares so many bytes, and ends where the bytes end. What is skippable
    /// counts as declaring none.
    private static func check(_ frame: UnsafeRawBufferPointer, count: Int) throws(CompressionError) {
        let declared = lanyard_zstd_content_size(frame.baseAddress, frame.count)
        guard declared >= 0 else {
            throw CompressionError(.malformed, "The bytes are no frame of zstd that declares its size.")
        }
        guard declared == Int64(count) else {
            throw CompressionError(.wrongSize, "The frame declares \(declared) bytes instead of \(count).")
        }
        guard ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
            throw CompressionError(.malformed, "The bytes are not one whole frame of zstd and nothing else.")
        }
    }
}
