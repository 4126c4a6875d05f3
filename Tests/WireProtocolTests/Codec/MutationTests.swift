import SeededRandom
import SyncModel
import Testing
import WireProtocol
import WireVectors

@Suite struct MutationTests {
    /// A damaged payload is refused, or is another message that comes back as the same bytes; nothing grows out of
    /// proportion to what came in.
    @Test func damagedVectorsNeverCrash() throws {
        let vectors = try VectorFile.load()
        var random = SeededGenerator(seed: 42)
        var read = 0
        for _ in 0..<100_000 {
            let vector = random.pick(vectors)
            var payload = vector.payload
            for _ in 0...random.below(3) { MutationTests.damage(&payload, with: vectors, &random) }
            guard let message = try? WireCodec.decode(Frame(type: vector.type, payload: payload)) else { continue }
            read += 1
            #expect(MutationTests.heapBytes(message) <= 64 * payload.count + 4_096)
            let again = try WireCodec.encode(message)
            #expect(try WireCodec.decode(again) == message)
        }
        #expect(read > 1_000)
    }

    private static func damage(
        _ payload: inout [UInt8], with vectors: [VectorFile], _ random: inout SeededGenerator
    ) {
        guard !payload.isEmpty else {
            payload = random.octets(4)
            return
        }
        let place = random.below(payload.count)
        switch random.below(6) {
        case 0: payload[place] ^= 1 << UInt8(random.below(8))
        case 1: payload[place] = random.pick([0, 1, 0x7f, 0x80, 0xff])
        case 2: payload.remove(at: place)
        case 3: payload.insert(random.pick([0, 1, 0x80, 0xff]), at: place)
        case 4: payload.removeSubrange(place..<min(payload.count, place + 1 + random.below(8)))
        default:
            let other = random.pick(vectors).payload
            guard !other.isEmpty else { return }
            let start = random.below(other.count)
            payload.replaceSubrange(place..., with: other[start..<min(other.count, start + 64)])
        }
    }

    /// The bytes of the arrays that a message holds besides its frame: only index entries multiply what came in.
    private static func heapBytes(_ message: Message?) -> Int {
        switch message {
        case .indexBatch(let batch): batch.entries.reduce(0) { $0 + heapBytes($1) }
        case .records(let records): records.entries.reduce(0) { $0 + heapBytes($1) }
        case .recordsWanted(let wanted): wanted.paths.reduce(0) { $0 + $1.bytes.count }
        case .bucketListing(let listing): listing.items.count * MemoryLayout<BucketListing.Item>.stride
        default: 0
        }
    }

    private static func heapBytes(_ entry: IndexEntry) -> Int {
        guard case .record(let record, _) = entry.item else { return MemoryLayout<IndexEntry>.stride }
        let attributes = record.attributes.reduce(0) { $0 + $1.name.count + ($1.value.value?.count ?? 0) + 96 }
        return MemoryLayout<IndexEntry>.stride + record.path.bytes.count
            + record.version.entries.count * MemoryLayout<Origin>.stride + attributes
    }
}
