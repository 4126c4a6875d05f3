internal import CZstd

/// Compresses whole buffers, one after the other. For one thread at a time; keeps its memory for the next one.
public final class Compressor {
    private let context: OpaquePointer

    /// - Throws: `noRoom`.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(.noRoom, "There is no memory to compress with; free some.")
        }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// What `count` bytes take at most, however badly they compress.
    public static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// Writes one frame that holds `bytes` and declares their number; its length.
    /// - Parameter level: Of libzstd: 1 is fast, each higher one slower and denser.
    /// - Throws: `noRoom`; there is always room where `output` has `bound(bytes.count)` bytes.
    public func compress(
        _ bytes: UnsafeRawBufferPointer, level: Int, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let count = ZSTD_compressCCtx(
            context, output.baseAddress, output.count, bytes.baseAddress, bytes.count, Int32(clamping: level))
        guard ZSTD_isError(count) == 0 else {
            throw CompressionError(
                .noRoom, "\(bytes.count) bytes do not fit \(output.count) compressed; send them plain.")
        }
        return count
    }

    /// One frame that holds `bytes`.
    public func compress(_ bytes: [UInt8], level: Int) throws(CompressionError) -> [UInt8] {
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bound(bytes.count), alignment: 64)
        defer { output.deallocate() }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(CompressionError) in try compress(bytes, level: level, into: output) }
        }
        return Array(output[..<(try result.get())])
    }
}
