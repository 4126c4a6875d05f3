import SeededRandom
import SyncModel
import Testing

/// Vectors form a semilattice under `joined`, ordered by `covers`: on random ones of many authors.
@Suite struct VersionVectorLawTests {
    /// Authors that differ in the device only, and in the epoch only.
    private static let authors: [Author] = (0..<12).map { (number: UInt8) in
        let device = DeviceID(Bytes32([UInt8](repeating: 0, count: 31) + [number / 3]) ?? .zero)
        return Author(device: device, epoch: IndexEpoch([0, 1, .max][Int(number % 3)]))
    }

    private static func vectors(_ count: Int, seed: UInt64) -> [VersionVector] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let entries = Int.random(in: 0...6, using: &generator)
            return VersionVector(
                (0..<entries).map { _ in
                    Origin(
                        author: authors.randomElement(using: &generator) ?? authors[0],
                        counter: [0, 1, 2, 3, Limits.counter].randomElement(using: &generator) ?? 0)
                })
        }
    }

    @Test func joinIsIdempotentCommutativeAndAssociative() {
        let vectors = Self.vectors(60, seed: 1)
        for left in vectors {
            #expect(left.joined(with: left) == left)
            #expect(left.joined(with: VersionVector()) == left && VersionVector().joined(with: left) == left)
            for right in vectors {
                let join = left.joined(with: right)
                #expect(join == right.joined(with: left))
                for third in vectors.prefix(20) {
                    #expect(join.joined(with: third) == left.joined(with: right.joined(with: third)))
                }
            }
        }
    }

    @Test func coversIsAPartialOrder() {
        let vectors = Self.vectors(70, seed: 2)
        var comparable = 0
        for left in vectors {
            #expect(left.covers(left) && left.covers(VersionVector()))
            for right in vectors {
                if left.covers(right) && right.covers(left) { #expect(left == right) }
                if left.covers(right) { comparable += 1 }
                for third in vectors where left.covers(right) && right.covers(third) { #expect(left.covers(third)) }
            }
        }
        #expect(comparable > 70)
    }

    @Test func orderAndJoinAgree() {
        let vectors = Self.vectors(120, seed: 3)
        for left in vectors {
            for right in vectors {
                #expect(left.covers(right) == (left.joined(with: right) == left))
            }
        }
    }

    @Test func relationsAreMirrored() {
        let mirror: [VersionVector.Relation: VersionVector.Relation] = [
            .equal: .equal, .before: .after, .after: .before, .concurrent: .concurrent,
        ]
        let vectors = Self.vectors(120, seed: 4)
        var seen: Set<VersionVector.Relation> = []
        for left in vectors {
            for right in vectors {
                let relation = left.compared(to: right)
                seen.insert(relation)
                #expect(right.compared(to: left) == mirror[relation])
                #expect((relation == .equal) == (left == right))
            }
        }
        #expect(seen.count == 4)
    }

    @Test func entriesAscendWhateverTheOrderOfInsertion() {
        var generator = SeededGenerator(seed: 5)
        for vector in Self.vectors(200, seed: 6) {
            #expect(VersionVector(ascending: vector.entries) == vector)
            let doubled = (vector.entries + vector.entries.map { Origin(author: $0.author, counter: $0.counter / 2) })
                .shuffled(using: &generator)
            #expect(VersionVector(doubled) == vector)
            #expect(vector.entries.allSatisfy { vector[$0.author] == $0.counter && $0.counter > 0 })
        }
    }

    @Test func insertingRaisesOneEntryAndNeverLowersIt() {
        var generator = SeededGenerator(seed: 7)
        for vector in Self.vectors(400, seed: 8) {
            let author = Self.authors.randomElement(using: &generator) ?? Self.authors[0]
            let origin = Origin(author: author, counter: UInt64.random(in: 0...4, using: &generator))
            let grown = vector.inserting(origin)
            #expect(grown.covers(origin) && grown.covers(vector))
            #expect(vector.covers(origin) == (grown == vector))
            for other in Self.authors where other != author { #expect(grown[other] == vector[other]) }
            #expect(grown == vector.joined(with: VersionVector(origin)))
        }
    }

    @Test func aCounterOfZeroIsNoEdit() {
        let origin = Origin(author: Self.authors[0], counter: 0)
        #expect(VersionVector(origin).isEmpty && VersionVector([origin]).isEmpty)
        #expect(VersionVector(origin) == VersionVector())
        #expect(VersionVector().covers(origin))
    }

    @Test func authorsAndOriginsAreOrderedByDeviceEpochCounter() {
        var origins: [Origin] = []
        for author in Self.authors { origins += [1, 2, .max].map { Origin(author: author, counter: $0) } }
        #expect(origins.shuffled().sorted() == origins)
        for (left, right) in zip(origins, origins.dropFirst()) { #expect(left < right && !(right < left)) }
    }
}
