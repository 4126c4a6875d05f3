import SyncModel
import Testing

@Suite struct VersionVectorTests {
    static func author(_ number: UInt8) -> Author {
        Author(device: DeviceID(Bytes32(Array(repeating: number, count: 32)) ?? .zero), epoch: IndexEpoch(1))
    }
    static func vector(_ counters: [UInt8: UInt64]) -> VersionVector {
        VersionVector(counters.map { Origin(author: author($0), counter: $1) })
    }

    /// Every vector over three authors with counters 0...2.
    static let all: [VersionVector] = (0..<27).map { (number: UInt64) -> VersionVector in
        let counters: [UInt8: UInt64] = [1: number % 3, 2: number / 3 % 3, 3: number / 9]
        return vector(counters)
    }

    @Test func ascendingEntriesAreTakenAsTheyAre() {
        let authors = (1...2).map { Author(device: DeviceID(.zero), epoch: IndexEpoch($0)) }
        let ascending = authors.map { Origin(author: $0, counter: 3) }
        #expect(VersionVector(ascending: ascending) == VersionVector(ascending))
        #expect(VersionVector(ascending: []) == VersionVector())
        #expect(VersionVector(ascending: ascending.reversed()) == nil)
        #expect(VersionVector(ascending: [ascending[0], ascending[0]]) == nil)
        #expect(VersionVector(ascending: [Origin(author: authors[0], counter: 0)]) == nil)
    }

    @Test func comparisonIsThatOfTheCounters() {
        for left in Self.all {
            for right in Self.all {
                let pairs = (1...3).map { (left[Self.author($0)], right[Self.author($0)]) }
                let before = pairs.contains { $0 < $1 }
                let after = pairs.contains { $0 > $1 }
                let expected: VersionVector.Relation =
                    before && after ? .concurrent : before ? .before : after ? .after : .equal
                #expect(left.compared(to: right) == expected)
            }
        }
    }

    @Test func joinIsTheLeastUpperBound() {
        for left in Self.all {
            for right in Self.all {
                let join = left.joined(with: right)
                #expect(join.covers(left) && join.covers(right))
                #expect(join == right.joined(with: left))
                for bound in Self.all where bound.covers(left) && bound.covers(right) { #expect(bound.covers(join)) }
            }
        }
    }

    @Test func anEditIsAfterItsParent() {
        for parent in Self.all {
            let edit = Origin(author: Self.author(2), counter: parent[Self.author(2)] + 1)
            #expect(parent.inserting(edit).compared(to: parent) == .after)
            #expect(!parent.covers(edit))
        }
    }
}
