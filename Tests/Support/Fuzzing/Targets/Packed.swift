import Compression
import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// Frames as they are packed before compression.
    static let packed = FuzzTarget("packed", heapBytes: { 512 * $0 + 1 << 20 }) {
        let vectors = try VectorFile.load().filter { PackedFrames.mayHold($0.type) }
        return vectors.map { packed([$0.frame]) } + [packed(vectors.map(\.frame))]
    } check: { input in
        try checkPacked(input)
    }

    /// What comes compressed: three bytes with the size that is promised, then a frame of zstd.
    static let zstd = FuzzTarget("zstd", heapBytes: { $0 + 4 << 20 }) {
        let vectors = try VectorFile.load().filter { PackedFrames.mayHold($0.type) }.map(\.frame)
        let whole = packed(vectors)
        return try (vectors.map { packed([$0]) } + [whole, [UInt8](repeating: 7, count: 1 << 20)]).flatMap { bytes in
            try [1, 3, 19].map { level in
                let frame = try Compressor().compress(bytes, level: level)
                return [16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + frame
            }
        }
    } check: { input in
        guard input.count > 3 else { return }
        let count = input[..<3].reduce(0) { $0 << 8 | Int($1) }
        guard count <= Limits.frameBytes, let bytes = try? Decompressor().decompress(input[3...], count: count) else {
            return
        }
        try hold(bytes.count == count, "\(bytes.count) bytes came of \(count)")
        let again = try Compressor().compress(bytes, level: 1)
        try hold(try Decompressor().decompress(again[...], count: count) == bytes, "zstd gives back something else")
    }

    private static func checkPacked(_ bytes: [UInt8]) throws {
        var frames = PackedFrames(bytes)
        var found: [Frame] = []
        do {
            while let frame = try frames.next() {
                found.append(frame)
                try checkFrame(frame)
            }
        } catch is WireError {
            return
        }
        try hold(packed(found) == bytes, "frames are packed in another way than they are unpacked")
    }

    private static func packed(_ frames: [Frame]) -> [UInt8] {
        frames.flatMap { frame -> [UInt8] in
            var header = [UInt8](repeating: 0, count: PackedFrames.headerBytes)
            header.withUnsafeMutableBytes {
                PackedFrames.writeHeader(type: frame.type, count: frame.payload.count, to: $0)
            }
            return header + frame.payload
        }
    }
}
