import SyncModel
import Testing

@testable import SyncCore

@Suite struct CompressionChoiceTests {
    private let content = CompressionSubject.content(ContentHash(.zero))
    private let frame = 262_144

    /// What a choice knows after some frames that shrank to so much of a thousand bytes, in so many nanoseconds a byte.
    private func choice(
        kept: Int = 400, cost: UInt64 = 4, _ subject: CompressionSubject? = nil, frames: Int = 20
    ) -> CompressionChoice {
        var choice = CompressionChoice()
        for _ in 0..<frames {
            for level in CompressionLevel.allCases {
                choice.note(
                    subject ?? content, level, bytes: frame, compressed: frame / 1_000 * kept,
                    nanoseconds: UInt64(frame) * cost * (level == .strong ? 2 : 1))
            }
        }
        return choice
    }

    /// The link's rate, what is left of a thousand, the compressor's nanoseconds a byte: what is chosen.
    @Test(
        arguments: [
            // 1 Gbit/s and more.
            (118_000_000, 400, 5, nil), (118_000_000, 250, 4, nil), (1_000_000_000, 50, 2, nil),
            // 500 Mbit/s: as the compressor can.
            (60_000_000, 400, 4, .fast), (60_000_000, 400, 8, nil), (60_000_000, 800, 4, nil),
            // 100 Mbit/s, and less.
            (12_000_000, 400, 4, .strong), (12_000_000, 400, 15, .fast), (12_000_000, 400, 30, nil),
            (2_500_000, 400, 15, .strong), (64_000, 890, 30, .strong),
        ] as [(UInt64, Int, UInt64, CompressionLevel?)])
    func theLinkMustBeSlowerThanTheCompressor(rate: UInt64, kept: Int, cost: UInt64, expected: CompressionLevel?) {
        var choice = choice(kept: kept, cost: cost)
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: rate) == expected)
    }

    @Test func aNewLinkBeginsWithCompression() {
        for subject in [content, .records, .smallContents] {
            var choice = CompressionChoice()
            let level = choice.level(
                of: subject, bytes: frame, linkBytesPerSecond: Limits.assumedLinkBytesPerSecond)
            #expect(level == .fast)
            #expect(choice.packedBytes(of: subject, frameBytes: frame) == frame)
        }
    }

    @Test func extremeRatesAreNoTrouble() {
        var choice = CompressionChoice()
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: 0) == .strong)
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: .max) == nil)
        choice.note(content, .fast, bytes: 0, compressed: 0, nanoseconds: 0)
        choice.note(content, .fast, bytes: frame, compressed: frame * 2, nanoseconds: 0)
        #expect(choice.level(of: .records, bytes: frame, linkBytesPerSecond: 1 << 40) == nil)
    }

    @Test func littleIsSentAsItIs() {
        var choice = CompressionChoice()
        #expect(choice.level(of: .records, bytes: Limits.packedLeast - 1, linkBytesPerSecond: 1_000) == nil)
        #expect(choice.level(of: .records, bytes: Limits.packedLeast, linkBytesPerSecond: 1_000) == .strong)
    }

    /// How many frames go plain between the attempts, for content that never shrinks.
    @Test func whatDoesNotShrinkIsTriedMoreAndMoreRarely() {
        var choice = CompressionChoice()
        var pauses: [Int] = []
        var pause = 0
        for _ in 0..<400 {
            if let level = choice.level(of: content, bytes: frame, linkBytesPerSecond: 1_000_000) {
                choice.note(content, level, bytes: frame, compressed: frame + 20, nanoseconds: 100_000)
                pauses.append(pause)
                pause = 0
            } else {
                pause += 1
            }
        }
        #expect(pauses == [0, 8, 16, 32, 64, 64, 64, 64, 64])
        #expect(Limits.plainFrames == 64)
        // Other content is tried at once.
        #expect(choice.level(of: .records, bytes: frame, linkBytesPerSecond: 1_000_000) != nil)
    }

    @Test func aContentThatBeginsToShrinkIsCompressedFromThenOn() {
        var choice = CompressionChoice()
        func next() -> CompressionLevel? {
            choice.level(of: content, bytes: frame, linkBytesPerSecond: 1_000_000)
        }
        choice.note(content, .fast, bytes: frame, compressed: frame / 100 * 95, nanoseconds: 1_000_000)
        for _ in 0..<8 { #expect(next() == nil) }
        #expect(next() == .strong)
        choice.note(content, .strong, bytes: frame, compressed: frame / 2, nanoseconds: 1_000_000)
        for _ in 0..<100 { #expect(next() == .strong) }
        // The count begins anew.
        choice.note(content, .fast, bytes: frame, compressed: frame, nanoseconds: 1_000_000)
        #expect((0..<9).map { _ in next() == nil } == [Bool](repeating: true, count: 8) + [false])
    }

    @Test func aShrinkOfATenthIsTheLeast() {
        for (kept, isKept) in [(899, true), (900, true), (901, false)] {
            var choice = CompressionChoice()
            choice.note(content, .fast, bytes: 1_000, compressed: kept, nanoseconds: 1_000)
            #expect((choice.level(of: content, bytes: frame, linkBytesPerSecond: 100_000) != nil) == isKept)
        }
    }

    @Test func moreIsPutTogetherWhereItHalves() {
        for (kept, bytes) in [(490, 2 * frame), (510, frame), (1_000, frame)] {
            #expect(choice(kept: kept).packedBytes(of: content, frameBytes: frame) == bytes)
        }
        #expect(choice(kept: 10).packedBytes(of: content, frameBytes: Limits.packedBytes) == Limits.packedBytes)
        #expect(choice(kept: 10).packedBytes(of: .records, frameBytes: frame) == frame)
    }

    /// One measurement among others that was interrupted for a second does not end compression, and what a busy machine
    /// made of it is forgotten while nothing is compressed.
    @Test func anInterruptionIsForgiven() {
        var choice = choice(cost: 4)
        choice.note(content, .fast, bytes: frame, compressed: frame / 3, nanoseconds: 1_000_000_000)
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: 12_000_000) != nil)
        for _ in 0..<20 {
            choice.note(content, .fast, bytes: frame, compressed: frame / 3, nanoseconds: 1_000_000_000)
        }
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: 12_000_000) == nil)
        let frames = (0..<5_000).first { _ in
            choice.level(of: content, bytes: frame, linkBytesPerSecond: 12_000_000) != nil
        }
        #expect(frames != nil)
    }

    /// Measurements of little are none.
    @Test func aFewBytesAreNoMeasure() {
        var choice = CompressionChoice()
        for _ in 0..<100 { choice.note(content, .fast, bytes: 1_000, compressed: 300, nanoseconds: 1_000_000) }
        #expect(choice.level(of: content, bytes: frame, linkBytesPerSecond: 12_000_000) != nil)
    }

    @Test func onlyTheLastFewContentsAreRemembered() {
        var choice = CompressionChoice()
        func subject(_ number: UInt8) -> CompressionSubject {
            .content(ContentHash(Bytes32([number] + [UInt8](repeating: 0, count: 31)) ?? .zero))
        }
        for number in 0..<9 as Range<UInt8> {
            choice.note(subject(number), .fast, bytes: frame, compressed: frame, nanoseconds: 1_000_000)
        }
        for (number, isTried) in [(8, false), (1, false), (0, true)] as [(UInt8, Bool)] {
            let level = choice.level(of: subject(number), bytes: frame, linkBytesPerSecond: 100_000)
            #expect((level != nil) == isTried, "\(number)")
        }
    }
}
