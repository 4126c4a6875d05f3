import SyncModel
import Testing
import WireProtocol

@Suite struct PackedFramesTests {
    private static func packed(_ frames: [(type: UInt8, payload: [UInt8])]) -> [UInt8] {
        frames.flatMap { frame in
            [frame.type] + withUnsafeBytes(of: UInt32(frame.payload.count).bigEndian) { Array($0) } + frame.payload
        }
    }

    /// All frames before the end or the fault, and the fault.
    private static func read(_ bytes: [UInt8]) -> (frames: [Frame], fault: WireError.Code?) {
        var packed = PackedFrames(bytes)
        var frames: [Frame] = []
        do throws(WireError) {
            while let frame = try packed.next() { frames.append(frame) }
            return (frames, nil)
        } catch {
            return (frames, error.code)
        }
    }

    @Test func framesComeInTheirOrder() {
        let frames: [(UInt8, [UInt8])] = [(49, [1, 2, 3]), (36, []), (76, [UInt8](repeating: 7, count: 70_000))]
        let (found, fault) = Self.read(Self.packed(frames))
        #expect(found == frames.map { Frame(type: $0.0, payload: $0.1) })
        #expect(fault == nil)
    }

    @Test func whatIsWrittenIsRead() {
        var memory = [UInt8](repeating: 0xff, count: PackedFrames.headerBytes)
        memory.withUnsafeMutableBytes { PackedFrames.writeHeader(type: 49, count: 300, to: $0) }
        #expect(memory == [49, 0, 0, 1, 44])
        #expect(Self.read(memory + [UInt8](repeating: 1, count: 300)).frames.count == 1)
    }

    /// What stands before a fault has been taken; nothing after it is looked at.
    @Test func eachRefusalHasItsCode() {
        let good: [UInt8] = [49, 0, 0, 0, 1, 9]
        let rows: [(String, [UInt8], Int, WireError.Code)] = [
            ("nothing", [], 0, .truncated),
            ("a header cut", [49, 0, 0, 0], 0, .truncated),
            ("a header cut behind a frame", good + [49], 1, .truncated),
            ("a payload cut", [49, 0, 0, 0, 2, 9], 0, .truncated),
            ("a length of 4 GiB", [49, 0xff, 0xff, 0xff, 0xff, 9], 0, .truncated),
            ("a hello", good + [1, 0, 0, 0, 0] + good, 1, .invalidValue),
            ("a ping", [3, 0, 0, 0, 8] + [UInt8](repeating: 0, count: 8), 0, .invalidValue),
            ("packed frames in packed frames", [56, 0, 0, 0, 4, 1, 0, 1, 9], 0, .invalidValue),
            ("a type that is not known", [200, 0, 0, 0, 0], 0, .invalidValue),
        ]
        for (name, bytes, count, code) in rows {
            let (frames, fault) = Self.read(bytes)
            #expect(frames.count == count && fault == code, "\(name)")
        }
    }

    @Test func onlyContentsAndRecordsArePacked() {
        let held = (0...255).filter { PackedFrames.mayHold(UInt8($0)) }
        #expect(held == [36, 49, 76])
    }

    @Test func garbageEndsOrIsRefusedAndGivesNoMoreThanItIs() {
        for seed in 0..<2_000 as Range<UInt64> {
            var random = Sampler(seed: seed).random
            var bytes = random.octets(random.below(200))
            if !bytes.isEmpty { bytes.replaceSubrange(0..<min(4, bytes.count), with: [49, 0, 0, 0]) }
            let (frames, _) = Self.read(Array(bytes))
            #expect(frames.reduce(0) { $0 + $1.payload.count + PackedFrames.headerBytes } <= max(5, bytes.count))
        }
    }
}
