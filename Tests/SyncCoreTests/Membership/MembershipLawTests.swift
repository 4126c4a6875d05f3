import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Rules 18 to 20, a law a test.
@Suite struct MembershipLawTests {
    @Test func theFounderIsTheFirstMember() {
        let set = SampleFolder.founded
        #expect(set.numbers == [1] && set.heads == [SampleFolder.hash(1)])
        #expect(set.members.first?.role == .readWrite && set.members.first?.name == "device 1")
    }

    @Test func addedOnceKnownToAll() {
        var left = SampleFolder.founded
        left.add(2, by: 1, hash: 2)
        let right = SampleFolder.founded.merged(left)
        #expect(right.numbers == [1, 2] && right.heads == [SampleFolder.hash(2)])
    }

    @Test func onlyReadWriteMembersSign() {
        for role in Role.allCases where role != .readWrite {
            var set = SampleFolder.founded
            set.add(2, by: 1, role, hash: 2)
            #expect(set.add(3, by: 2, hash: 3) == nil && set.remove(1, by: 2, hash: 3) == nil)
            #expect(!set.canSign(sampleDevice(2)) && set.member(sampleDevice(2))?.role == role)
        }
    }

    @Test func additionAndRemovalAtOnceEndInRemoval() {
        var common = SampleFolder.founded
        common.add(2, by: 1, hash: 2)
        common.add(3, by: 1, hash: 3)
        // Both re-add 4 after its removal, and one removes it again.
        common.add(4, by: 1, hash: 4)
        common.remove(4, by: 1, hash: 5)
        var left = common
        var right = common
        left.add(4, by: 2, hash: 6)
        left.remove(4, by: 2, hash: 7)
        right.add(4, by: 3, hash: 8)
        #expect(right.numbers.contains(4))
        #expect(left.merged(right).numbers == [1, 2, 3] && right.merged(left).numbers == [1, 2, 3])
    }

    @Test func mutualRemovalTheSmallerHashHolds() {
        for (first, second, remains) in [(5, 6, 1), (6, 5, 2)] as [(UInt64, UInt64, UInt64)] {
            var common = SampleFolder.founded
            common.add(2, by: 1, hash: 2)
            var left = common
            var right = common
            left.remove(2, by: 1, hash: first)
            right.remove(1, by: 2, hash: second)
            #expect(left.merged(right).numbers == [remains] && right.merged(left).numbers == [remains])
        }
    }

    @Test func aRemovalByTheOneWhoIsNotRemovedWins() {
        // 1 removes 2, which at once removes 3 under a smaller hash: 2's removal is void.
        var common = SampleFolder.founded
        common.add(2, by: 1, hash: 2)
        common.add(3, by: 1, hash: 3)
        var left = common
        var right = common
        left.remove(2, by: 1, hash: 90)
        right.remove(3, by: 2, hash: 10)
        #expect(left.merged(right).numbers == [1, 3])
    }

    @Test func whatTheRemovedSignedUnknownIsVoidAndWhatFollowsFromIt() {
        var common = SampleFolder.founded
        common.add(2, by: 1, hash: 2)
        common.add(3, by: 1, hash: 3)
        var left = common
        var right = common
        left.remove(2, by: 1, hash: 4)
        right.add(5, by: 2, hash: 5)
        right.add(6, by: 5, hash: 6)
        right.remove(1, by: 6, hash: 7)
        right.add(8, by: 3, hash: 8)
        // 3 is honest and its addition stands, though it knew of void records.
        #expect(right.numbers == [2, 3, 5, 6, 8])
        #expect(left.merged(right).numbers == [1, 3, 8] && right.merged(left).numbers == [1, 3, 8])
    }

    @Test func whatTheRemovalKnewStays() {
        var set = SampleFolder.founded
        set.add(2, by: 1, hash: 2)
        set.add(3, by: 2, hash: 3)
        set.remove(2, by: 1, hash: 4)
        #expect(set.numbers == [1, 3])
    }

    @Test func aRingOfRemovalsIsDecidedAlikeEverywhere() {
        var common = SampleFolder.founded
        common.add(2, by: 1, hash: 2)
        common.add(3, by: 1, hash: 3)
        var sides = [common, common, common]
        sides[0].remove(2, by: 1, hash: 11)
        sides[1].remove(3, by: 2, hash: 12)
        sides[2].remove(1, by: 3, hash: 13)
        let results = [[0, 1, 2], [2, 1, 0], [1, 2, 0]].map { order in
            order.reduce(into: common) { $0.merge(sides[$1]) }.numbers
        }
        #expect(Set(results).count == 1 && results[0] == [1, 3])
    }

    @Test func aReturnIsANewIncarnation() {
        var set = SampleFolder.founded
        set.add(2, by: 1, hash: 2)
        set.remove(2, by: 1, hash: 3)
        #expect(set.numbers == [1])
        set.add(2, by: 1, .archive, hash: 4)
        #expect(
            set.member(sampleDevice(2))
                == Member(
                    device: sampleDevice(2), role: .archive, incarnation: 2, name: "device 2"))
    }

    @Test func aMemberMayLeave() {
        var set = SampleFolder.founded
        set.add(2, by: 1, hash: 2)
        set.remove(2, by: 2, hash: 3)
        #expect(set.numbers == [1])
    }

    @Test func editsBeyondTheKnownFrontierAreVoid() {
        var set = SampleFolder.founded
        set.add(2, by: 1, hash: 2)
        let (author, other) = (sampleAuthor(2), sampleAuthor(2, epoch: 9))
        let frontier = VersionVector([
            Origin(author: author, counter: 7), Origin(author: sampleAuthor(1), counter: 70),
        ])
        #expect(set.frontierLimit(of: author) == nil)
        var second = set
        let removal = set.remove(2, by: 1, frontier: frontier, hash: 3)
        #expect(removal?.1.knownFrontier.entries.count == 1)
        #expect(set.frontierLimit(of: author) == 7 && set.frontierLimit(of: other) == 0)
        #expect(set.frontierLimit(of: sampleAuthor(1)) == nil && set.frontierLimit(of: sampleAuthor(5)) == nil)
        second.remove(2, by: 1, frontier: VersionVector(Origin(author: author, counter: 9)), hash: 4)
        set.merge(second)
        #expect(set.frontierLimit(of: author) == 9)
        set.add(2, by: 1, hash: 5)
        #expect(set.frontierLimit(of: author) == 9 && set.frontierLimit(of: other) == nil)
    }
}
