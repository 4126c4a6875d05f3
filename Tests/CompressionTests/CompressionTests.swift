import SeededRandom
import Testing

@testable import Compression

@Suite struct CompressionTests {
    /// What bytes may look like: nothing, one byte, noise, words, one byte over and over.
    private static func samples() -> [[UInt8]] {
        var generator = SeededGenerator(seed: 1)
        let words = (0..<500).map { _ in generator.bytes(2 + Int(generator.next() % 9)).map { 97 + $0 % 26 } }
        let text = (0..<40_000).flatMap { _ in words[Int(generator.next() % 500)] + [32] }
        return [
            [], [7], generator.bytes(300), generator.bytes(262_144), text, [UInt8](repeating: 0, count: 1 << 20),
            Array("a zstd frame of a sentence".utf8),
        ]
    }

    @Test func whatIsCompressedComesBack() throws {
        let compressor = try Compressor()
        let decompressor = try Decompressor()
        for level in [1, 3] {
            for bytes in Self.samples() {
                let frame = try compressor.compress(bytes, level: level)
                #expect(frame.count <= Compressor.bound(bytes.count))
                #expect(try decompressor.decompress(frame[...], count: bytes.count) == bytes)
            }
        }
    }

    @Test func textShrinksAndNoiseHardlyGrows() throws {
        let compressor = try Compressor()
        let samples = Self.samples()
        #expect(try compressor.compress(samples[4], level: 1).count < samples[4].count / 2)
        #expect(try compressor.compress(samples[4], level: 3).count < compressor.compress(samples[4], level: 1).count)
        #expect(try compressor.compress(samples[3], level: 1).count < samples[3].count + 100)
        #expect(try compressor.compress(samples[5], level: 1).count < 200)
    }

    @Test func whatDoesNotFitIsAnError() throws {
        var generator = SeededGenerator(seed: 2)
        let bytes = generator.bytes(5_000)
        var room = [UInt8](repeating: 0, count: 1_000)
        #expect(throws: CompressionError(.noRoom, "")) {
            try bytes.withUnsafeBytes { bytes in
                try room.withUnsafeMutableBytes { try Compressor().compress(bytes, level: 1, into: $0) }
            }
        }
    }

    // MARK: Hostile frames

    /// Each refusal with a frame that meets it. The frames are made byte by byte (RFC 8878).
    @Test func eachRefusalHasItsCode() throws {
        let good = try Compressor().compress(Array("hello, hello, hello, hello, hello".utf8), level: 1)
        let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
        // One segment of 4 bytes; a block of so many equal bytes, the last one.
        let run: [UInt8] = magic + [0x20, 4, 0x23, 0, 0, 9]
        let rows: [(String, [UInt8], Int, CompressionError.Code?)] = [
            ("a run of four", run, 4, nil),
            ("empty", [], 4, .malformed),
            ("no frame", [1, 2, 3, 4, 5, 6, 7, 8, 9], 4, .malformed),
            ("the magic alone", magic, 4, .malformed),
            ("another size", run, 5, .wrongSize),
            ("a size of 2^63", magic + [0xe0] + [UInt8](repeating: 0xff, count: 8) + [1, 0, 0], 4, .malformed),
            ("a size of a terabyte", magic + [0xe0, 0, 0, 0, 0, 0, 1, 0, 0] + [1, 0, 0], 4, .wrongSize),
            ("no size", magic + [0, 0x58, 0x23, 0, 0, 9], 4, .malformed),
            ("more than it declares", magic + [0x20, 4, 0x03, 0x80, 0, 9], 4, .malformed),
            ("less than it declares", magic + [0x20, 4, 0x1b, 0, 0, 9], 4, .malformed),
            ("a block type that is reserved", magic + [0x20, 4, 0x27, 0, 0, 9], 4, .malformed),
            ("a dictionary", magic + [0x21, 77, 4, 0x23, 0, 0, 9], 4, .malformed),
            ("two frames", run + run, 4, .malformed),
            ("a byte more", run + [0], 4, .malformed),
            ("a skippable frame behind", run + [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], 4, .malformed),
            ("a skippable frame", [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4], 4, .wrongSize),
            ("cut", Array(good.dropLast()), 33, .malformed),
        ]
        let decompressor = try Decompressor()
        for (name, frame, count, code) in rows {
            var found: CompressionError.Code?
            do { _ = try decompressor.decompress(frame[...], count: count) } catch { found = error.code }
            #expect(found == code, "\(name)")
        }
        // One refusal leaves nothing behind.
        #expect(try decompressor.decompress(good[...], count: 33) == Array("hello, hello, hello, hello, hello".utf8))
    }

    @Test func everyCutIsRefused() throws {
        let bytes = Self.samples()[4].prefix(3_000)
        let frame = try Compressor().compress(Array(bytes), level: 3)
        let decompressor = try Decompressor()
        for length in frame.indices {
            #expect(throws: CompressionError.self) { try decompressor.decompress(frame[..<length], count: bytes.count) }
        }
    }

    /// Noise, and sound frames with some bytes changed: a result is of the size that was asked for, or there is none.
    @Test func garbageGivesAnErrorOrExactlyTheSize() throws {
        let compressor = try Compressor()
        let decompressor = try Decompressor()
        for seed in 0..<4_000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let source = generator.bytes(1 + Int(generator.next() % 40))
            let bytes = (0..<60).flatMap { _ in source }
            var frame = seed.isMultiple(of: 4) ? generator.bytes(60) : try compressor.compress(bytes, level: 1)
            for _ in 0...generator.next() % 4 {
                frame[Int(generator.next() % UInt64(frame.count))] = generator.bytes(1)[0]
            }
            if let result = try? decompressor.decompress(frame[...], count: bytes.count) {
                #expect(result.count == bytes.count)
            }
        }
    }
}
