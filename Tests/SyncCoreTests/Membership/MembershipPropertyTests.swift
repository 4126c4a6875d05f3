import ModelFolder
import SeededRandom
import SyncCore
import SyncModel
import Testing

/// Devices add and remove each other without pause, knowing more or less of what the others did.
@Suite struct MembershipPropertyTests {
    /// The records that a random history brings about.
    static func history(seed: UInt64) -> [(hash: Bytes32, record: MembershipRecord)] {
        var random = SeededGenerator(seed: seed)
        var sides = Array(repeating: SampleFolder.founded, count: 4)
        for _ in 0..<40 {
            let side = Int(random.next() % 4)
            if random.next() % 3 == 0 { sides[side].merge(sides[Int(random.next() % 4)]) }
            let signers = sides[side].members.filter { $0.role == .readWrite }.map(\.device)
            guard !signers.isEmpty else { continue }
            let signer = signers[Int(random.next() % UInt64(signers.count))]
            let target = sampleDevice(1 + random.next() % 7)
            let role: Role = random.next() % 4 == 0 ? .readOnly : .readWrite
            let record =
                random.next() % 2 == 0
                ? sides[side].adding(target, role: role, name: "n", signer: signer, signerKey: [1])
                : sides[side].removing(target, knownFrontier: VersionVector(), signer: signer, signerKey: [1])
            guard let record else { continue }
            _ = sides[side].insert(record, hash: sampleBytes(random.next()), isVerified: true)
        }
        for side in sides.dropFirst() { sides[0].merge(side) }
        return sides[0].records
    }

    @Test(arguments: 0..<60)
    func theResultDoesNotDependOnTheOrderOfArrival(seed: Int) {
        let records = MembershipPropertyTests.history(seed: UInt64(seed))
        var random = SeededGenerator(seed: UInt64(seed) + 500)
        var results: Set<[Member]> = []
        var heads: Set<[Bytes32]> = []
        for order in 0..<6 {
            var set = MembershipSet(folder: FolderID(high: 1, low: 1), founding: SampleFolder.hash(1))
            for (hash, record) in order == 0 ? records : records.shuffled(using: &random) {
                _ = set.insert(record, hash: hash, isVerified: true)
                if order % 2 == 1 { _ = set.insert(record, hash: hash, isVerified: true) }
            }
            #expect(set.count == records.count)
            results.insert(set.members)
            heads.insert(set.heads)
        }
        #expect(results.count == 1 && heads.count == 1)
    }

    /// A store gives records in the order of their hashes: however many, all stand.
    @Test func loadsInAnyOrder() {
        var set = SampleFolder.founded
        for number in 2..<400 as Range<UInt64> {
            if number % 2 == 0 { set.add(2, by: 1, hash: number) } else { set.remove(2, by: 1, hash: number) }
        }
        var random = SeededGenerator(seed: 1)
        let loaded = MembershipSet(
            folder: set.folder, founding: set.founding, verified: set.records.shuffled(using: &random))
        #expect(loaded.count == 399 && loaded.members == set.members && loaded.heads == set.heads)
    }

    /// Whoever is a member was added by a record, of that incarnation, that no holding removal names.
    @Test(arguments: 0..<60)
    func membersFollowFromRecords(seed: Int) {
        var set = SampleFolder.founded
        for (hash, record) in MembershipPropertyTests.history(seed: UInt64(seed) + 1_000) {
            _ = set.insert(record, hash: hash, isVerified: true)
        }
        for member in set.members {
            #expect(
                set.records.contains { entry in
                    entry.record.action == .add && entry.record.device == member.device
                        && entry.record.incarnation == member.incarnation
                })
        }
        #expect(Set(set.members.map(\.device)).count == set.members.count)
    }
}
