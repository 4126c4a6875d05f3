import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Records that somebody made to get in: none has an effect.
@Suite struct MembershipHostileTests {
    static var household: MembershipSet {
        var set = SampleFolder.founded
        set.add(2, by: 1, hash: 2)
        set.add(3, by: 1, .readOnly, hash: 3)
        set.add(4, by: 1, hash: 4)
        set.remove(4, by: 1, hash: 5)
        return set
    }

    static func record(
        _ device: UInt64, by signer: UInt64, after predecessors: [UInt64], incarnation: UInt64 = 1,
        action: MembershipRecord.Action = .add
    ) -> MembershipRecord {
        MembershipRecord(
            folder: FolderID(high: 1, low: 1), action: action, device: sampleDevice(device), incarnation: incarnation,
            role: .readWrite, deviceName: "x", predecessors: predecessors.map(SampleFolder.hash),
            knownFrontier: VersionVector(), signer: sampleDevice(signer), signerKey: [1], signature: [1])
    }

    static var cases: [(String, MembershipRecord, MembershipSet.Insertion)] {
        var foreign = record(9, by: 1, after: [5])
        foreign.folder = FolderID(high: 2, low: 2)
        return [
            ("unknown signer", record(9, by: 8, after: [5]), .refused(.signerNotAllowed)),
            ("self-promotion of a stranger", record(9, by: 9, after: [5]), .refused(.signerNotAllowed)),
            ("self-promotion of a reader", record(3, by: 3, after: [5], incarnation: 2), .refused(.signerNotAllowed)),
            ("signed after removal", record(9, by: 4, after: [5]), .refused(.signerNotAllowed)),
            ("signed before its membership", record(9, by: 2, after: [1]), .refused(.signerNotAllowed)),
            ("another founding", record(9, by: 9, after: []), .refused(.notTheFounding)),
            ("re-added as the same incarnation", record(4, by: 1, after: [5]), .refused(.withoutEffect)),
            ("an incarnation skipped", record(4, by: 1, after: [5], incarnation: 3), .refused(.withoutEffect)),
            (
                "first membership with incarnation 2", record(9, by: 1, after: [5], incarnation: 2),
                .refused(.withoutEffect)
            ),
            ("a member again, with another role", record(3, by: 1, after: [5]), .refused(.withoutEffect)),
            ("removal of no member", record(9, by: 1, after: [5], action: .remove), .refused(.withoutEffect)),
            ("removal of an old incarnation", record(4, by: 1, after: [5], action: .remove), .refused(.withoutEffect)),
            ("of another folder", foreign, .refused(.forged)),
            ("its own predecessor", record(9, by: 1, after: [99]), .waiting),
        ]
    }

    @Test func haveNoEffect() {
        for (name, record, expected) in MembershipHostileTests.cases {
            var set = MembershipHostileTests.household
            #expect(set.insert(record, hash: SampleFolder.hash(99), isVerified: true) == expected, "\(name)")
            #expect(set.members == MembershipHostileTests.household.members, "\(name)")
            #expect(set.heads == MembershipHostileTests.household.heads, "\(name)")
        }
    }

    @Test func theForgedIsRefusedAndTheRightOneTakenLater() {
        var set = MembershipHostileTests.household
        let record = MembershipHostileTests.record(9, by: 1, after: [5])
        #expect(set.insert(record, hash: SampleFolder.hash(9), isVerified: false) == .refused(.forged))
        #expect(!set.numbers.contains(9))
        #expect(set.insert(record, hash: SampleFolder.hash(9), isVerified: true) == .added)
        #expect(set.insert(record, hash: SampleFolder.hash(9), isVerified: true) == .known)
        #expect(set.numbers.contains(9))
    }

    @Test func aCycleOfPredecessorsWaitsForEver() {
        var set = MembershipHostileTests.household
        let (first, second) = (
            MembershipHostileTests.record(8, by: 1, after: [11]), MembershipHostileTests.record(9, by: 1, after: [10])
        )
        #expect(set.insert(first, hash: SampleFolder.hash(10), isVerified: true) == .waiting)
        #expect(set.insert(second, hash: SampleFolder.hash(11), isVerified: true) == .waiting)
        #expect(set.members == MembershipHostileTests.household.members)
    }

    @Test func aBackdatedAdditionByTheRemovedIsVoid() {
        // 4 signs as if it did not know of its removal (hash 5).
        var set = MembershipHostileTests.household
        #expect(
            set.insert(
                MembershipHostileTests.record(9, by: 4, after: [4]), hash: SampleFolder.hash(9), isVerified: true)
                == .added)
        #expect(set.members == MembershipHostileTests.household.members)
        #expect(
            set.insert(
                MembershipHostileTests.record(1, by: 9, after: [9], action: .remove), hash: SampleFolder.hash(10),
                isVerified: true) == .added)
        #expect(set.members == MembershipHostileTests.household.members)
    }

    @Test func waitingRecordsAreBoundedAndGiveWay() {
        var set = SampleFolder.founded
        for number in 0..<UInt64(Limits.membershipRecords) {
            let record = MembershipHostileTests.record(number + 100, by: 1, after: [1_000_000])
            let result = set.insert(record, hash: SampleFolder.hash(number + 10_000), isVerified: true)
            #expect(result == .waiting || result == .refused(.full))
        }
        set.add(2, by: 1, hash: 2)
        #expect(set.numbers == [1, 2])
    }

    @Test func membersAndRecordsAreBounded() {
        var set = SampleFolder.founded
        for number in 2...UInt64(Limits.members + 1) { set.add(number, by: 1, hash: number) }
        #expect(set.members.count == Limits.members)
        #expect(set.add(9_999, by: 1, hash: 9_999) == nil)
        var number: UInt64 = 10_000
        while set.count < Limits.membershipRecords {
            set.remove(2, by: 1, hash: number)
            set.add(2, by: 1, hash: number + 1)
            number += 2
        }
        #expect(set.count == Limits.membershipRecords)
        set.remove(3, by: 1, hash: number)
        #expect(set.count == Limits.membershipRecords && set.member(sampleDevice(3)) != nil)
    }
}
