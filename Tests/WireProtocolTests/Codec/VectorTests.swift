import SyncModel
import Testing
import WireProtocol
import WireVectors

@Suite struct VectorTests {
    /// One message of each kind, and extensions that are passed over.
    static var accepted: [VectorFile] {
        get throws {
            var vectors = try MessageType.allCases.map { type in
                var sampler = Sampler(seed: 1_000 + UInt64(type.rawValue))
                let frame = try WireCodec.encode(sampler.message(type))
                return VectorFile(name: "accept-\(type)", type: frame.type, refusal: nil, payload: frame.payload)
            }
            var sampler = Sampler(seed: 4)
            let batch = try WireCodec.encode(.indexBatch(sampler.batch(of: sampler.folder(), count: 24)))
            vectors.append(
                VectorFile(name: "accept-indexBatch-long", type: batch.type, refusal: nil, payload: batch.payload))
            return vectors
        }
    }

    static var optionalExtensions: [VectorFile] {
        let ping = [UInt8](repeating: 1, count: 8) + [5, 2, 1, 9, 4, 0]
        let record = RefusalVectors.batch(
            RefusalVectors.record([0xc2, 4], RefusalVectors.origin + [3, 2, 1, 0]), end: [2, 0x40, 0])
        return [
            VectorFile(name: "skip-extensions-ping", type: 3, refusal: nil, payload: ping),
            VectorFile(name: "skip-extensions-record", type: 36, refusal: nil, payload: record),
        ]
    }

    @Test func filesAreThoseOfTheTables() throws {
        let expected = try VectorTests.accepted + VectorTests.optionalExtensions + RefusalVectors.all
        if VectorFile.isWriting { for vector in expected { try vector.write() } }
        let files = try VectorFile.load()
        #expect(Set(files.map(\.name)) == Set(expected.map(\.name)))
        #expect(Set(files) == Set(expected))
        #expect(files.count > 120)
    }

    @Test func acceptedOnesAreReadAndWrittenAlike() throws {
        for vector in try VectorFile.load() where vector.name.hasPrefix("accept-") {
            let message = try #require(try WireCodec.decode(vector.frame), "\(vector.name)")
            #expect(try WireCodec.encode(message) == vector.frame, "\(vector.name)")
        }
    }

    @Test func optionalExtensionsArePassedOver() throws {
        let vectors = try VectorFile.load().filter { $0.name.hasPrefix("skip-") }
        #expect(vectors.count == 2)
        for vector in vectors {
            let message = try #require(try WireCodec.decode(vector.frame), "\(vector.name)")
            #expect(try WireCodec.encode(message).payload.count < vector.payload.count, "\(vector.name)")
        }
    }

    @Test func refusedOnesAreRefusedWithTheirCode() throws {
        var codes: Set<WireError.Code> = []
        for vector in try VectorFile.load() {
            guard let code = vector.refusal else { continue }
            codes.insert(code)
            do {
                _ = try WireCodec.decode(vector.frame)
                Issue.record("\(vector.name) is read")
            } catch {
                #expect(error.code == code, "\(vector.name): \(error)")
                #expect(error.offset <= vector.payload.count && error.message.hasSuffix("."), "\(vector.name)")
            }
        }
        let ofBytes: Set<WireError.Code> = [
            .truncated, .trailingBytes, .notCanonical, .overLimit, .invalidValue, .invalidText, .invalidPath,
            .notAscending, .inconsistent, .unknownExtension,
        ]
        #expect(codes == ofBytes)
    }

    @Test func everyTruncationIsRefused() throws {
        for vector in try VectorFile.load() where vector.refusal == nil {
            for length in vector.payload.indices {
                let frame = Frame(type: vector.type, payload: Array(vector.payload[..<length]))
                #expect(throws: WireError.self, "\(vector.name) cut to \(length)") { try WireCodec.decode(frame) }
            }
            let longer = Frame(type: vector.type, payload: vector.payload + [0])
            #expect(throws: WireError.self, "\(vector.name) with a byte more") { try WireCodec.decode(longer) }
        }
    }
}
