import SyncModel
import Testing
import WireProtocol

/// What comes of every kind of message when a part of it is missing or a bit of it is wrong.
@Suite struct DamageTests {
    /// Those that name authors in a table, which may name more than the records do.
    private static let tabled: Set<MessageType> = [.indexBatch, .records]

    @Test(arguments: MessageType.allCases)
    func whatIsCutAnywhereIsRefused(type: MessageType) throws {
        for seed in 0..<25 as Range<UInt64> {
            var sampler = Sampler(seed: seed << 8 | UInt64(type.rawValue))
            let frame = try WireCodec.encode(sampler.message(type))
            let taken = frame.payload.indices.filter { count in
                (try? WireCodec.decode(Frame(type: frame.type, payload: Array(frame.payload[..<count])))) != nil
            }
            #expect(taken.isEmpty, "seed \(seed): \(taken)")
        }
    }

    @Test(arguments: MessageType.allCases)
    func whatFollowsTheEndIsRefused(type: MessageType) throws {
        for seed in 0..<25 as Range<UInt64> {
            var sampler = Sampler(seed: seed << 8 | UInt64(type.rawValue))
            let frame = try WireCodec.encode(sampler.message(type))
            for byte in [0, 1, 0x80] as [UInt8] {
                let longer = Frame(type: frame.type, payload: frame.payload + [byte])
                #expect((try? WireCodec.decode(longer)) == nil, "seed \(seed), byte \(byte)")
            }
        }
    }

    /// One message has one form: what is taken with a wrong bit says something else, in exactly these bytes.
    @Test(arguments: MessageType.allCases)
    func aWrongBitIsRefusedOrSaysSomethingElse(type: MessageType) throws {
        for seed in 0..<6 as Range<UInt64> {
            var sampler = Sampler(seed: seed << 8 | UInt64(type.rawValue))
            let message = sampler.message(type)
            let frame = try WireCodec.encode(message)
            for bit in 0..<min(frame.payload.count * 8, 2_500) {
                var damaged = frame
                damaged.payload[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let other = try? WireCodec.decode(damaged) else { continue }
                let again = try WireCodec.encode(other)
                if DamageTests.tabled.contains(type) {
                    #expect(try WireCodec.decode(again) == other, "seed \(seed), bit \(bit)")
                } else {
                    #expect(again == damaged && other != message, "seed \(seed), bit \(bit)")
                }
            }
        }
    }

    /// A record that is signed or hashed has one form even where a message would not care.
    @Test func aMembershipRecordHasOneForm() throws {
        for seed in 0..<20 as Range<UInt64> {
            var sampler = Sampler(seed: seed)
            let record = sampler.membership(of: sampler.folder())
            let bytes = try record.encoded()
            #expect(try MembershipRecord(encoded: bytes) == record)
            let identity = try record.identity()
            for bit in 0..<bytes.count * 8 {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let other = try? MembershipRecord(encoded: damaged) else { continue }
                #expect(try other.encoded() == damaged, "seed \(seed), bit \(bit)")
                // The identity is of everything but the signature.
                var unsigned = other
                unsigned.signature = record.signature
                #expect(try (other.identity() == identity) == (unsigned == record), "seed \(seed), bit \(bit)")
            }
            let taken = bytes.indices.filter { (try? MembershipRecord(encoded: Array(bytes[..<$0]))) != nil }
            #expect(taken.isEmpty, "seed \(seed): \(taken)")
        }
    }
}
