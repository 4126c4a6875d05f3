import SeededRandom
import SyncModel
import Testing
import WireProtocol

@Suite struct RoundTripTests {
    @Test(arguments: MessageType.allCases)
    func everyMessageComesBack(type: MessageType) throws {
        for seed in 0..<200 {
            var sampler = Sampler(seed: UInt64(seed) << 8 | UInt64(type.rawValue))
            let message = sampler.message(type)
            #expect(message.type == type)
            let frame = try WireCodec.encode(message)
            #expect(frame.type == type.rawValue)
            #expect(try WireCodec.decode(frame) == message, "seed \(seed)")
            let again = try WireCodec.decode(frame).map { try WireCodec.encode($0) }
            #expect(again == frame, "seed \(seed)")
        }
    }

    @Test func fullBatchFitsAFrame() throws {
        var sampler = Sampler(seed: 7)
        let batch = sampler.batch(of: sampler.folder(), count: Limits.batchRecords)
        let frame = try WireCodec.encode(.indexBatch(batch))
        #expect(frame.payload.count < Limits.batchBytes)
        #expect(try WireCodec.decode(frame) == .indexBatch(batch))
    }

    @Test func inlineContentIsAPartOfTheFrame() throws {
        var sampler = Sampler(seed: 3)
        let bytes = sampler.random.octets(1_000)
        let frame = try WireCodec.encode(
            .contentData(ContentData(request: 1, offset: 5, last: true, bytes: bytes[...])))
        guard case .contentData(let data) = try WireCodec.decode(frame) else { throw WireError(.invalidValue, "type") }
        #expect(data.bytes.startIndex == frame.payload.count - 1_000)
        #expect(Array(data.bytes) == bytes)
        let shared = frame.payload.withUnsafeBytes { whole in
            data.bytes.withUnsafeBytes { $0.baseAddress == whole.baseAddress?.advanced(by: whole.count - 1_000) }
        }
        #expect(shared)
    }

    @Test func contentHeaderPrecedesTheBytes() throws {
        let bytes = [UInt8](repeating: 9, count: 300)
        let header = try ContentData.header(request: 8, offset: 1 << 40, last: false, count: 300)
        let frame = Frame(type: MessageType.contentData.rawValue, payload: header + bytes)
        let data = ContentData(request: 8, offset: 1 << 40, last: false, bytes: bytes[...])
        #expect(try WireCodec.decode(frame) == .contentData(data))
        #expect(try WireCodec.encode(.contentData(data)) == frame)
    }

    @Test func recordsByThemselves() throws {
        for seed in 0..<500 {
            var sampler = Sampler(seed: UInt64(seed))
            let record = sampler.record(at: sampler.path())
            let bytes = try RecordEncoding.encode(record)
            #expect(try RecordEncoding.decode(bytes) == record)
            for length in bytes.indices {
                #expect(throws: WireError.self) { try RecordEncoding.decode(Array(bytes[..<length])) }
            }
        }
    }

    @Test func unknownTypes() throws {
        #expect(try WireCodec.decode(Frame(type: 128, payload: [1, 2, 3])) == nil)
        #expect(try WireCodec.decode(Frame(type: 255, payload: [])) == nil)
        #expect(throws: WireError(.unknownType, "")) { try WireCodec.decode(Frame(type: 0, payload: [])) }
        #expect(throws: WireError(.unknownType, "")) { try WireCodec.decode(Frame(type: 127, payload: [])) }
        #expect(throws: WireError(.overLimit, "")) {
            try WireCodec.decode(Frame(type: 200, payload: [UInt8](repeating: 0, count: Limits.frameBytes + 1)))
        }
    }
}
