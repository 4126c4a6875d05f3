import ModelFolder
import SyncCore
import SyncModel
import Testing

@Suite struct MergeLawTests {
    @Test func mergingIsAssociative() {
        for seed in 0..<400 as Range<UInt64> {
            var history = ModelHistory(seed: seed, steps: 14, deleting: false)
            for _ in 0..<8 {
                guard let (one, other) = inBothOrders(&history) else { continue }
                let isEqual = one.content == other.content && one.version == other.version
                if !isEqual || !meets(one, other) { Issue.record("seed \(seed): \(one) and \(other)") }
            }
        }
    }

    /// With deletions, two devices may hold different contents of equal versions until they meet: one has merged a
    /// content into a conflict before it heard of its deletion.
    @Test func withDeletionsMergedRecordsAgreeWhenTheyMeet() {
        for seed in 0..<400 as Range<UInt64> {
            var history = ModelHistory(seed: seed, steps: 14, deleting: true)
            for _ in 0..<8 {
                guard let (one, other) = inBothOrders(&history) else { continue }
                let isEqual = one.version == other.version
                if !isEqual || !meets(one, other) { Issue.record("seed \(seed): \(one) and \(other)") }
            }
        }
    }

    @Test func mergingIsCommutativeAndIdempotent() {
        for seed in 0..<400 as Range<UInt64> {
            var history = ModelHistory(seed: seed, steps: 14, deleting: true)
            guard let left = history.pick(), let right = history.pick() else { continue }
            #expect(merge(left, left).record == left)
            #expect(merge(left, right).record.agreed == merge(right, left).record.agreed, "seed \(seed)")
        }
    }

    private func inBothOrders(_ history: inout ModelHistory) -> (FileRecord, FileRecord)? {
        guard let left = history.pick(), let middle = history.pick(), let right = history.pick() else { return nil }
        return (merge(merge(left, middle).record, right).record, merge(left, merge(middle, right).record).record)
    }

    /// Whether both become the same by hearing of the other. Where equal contents were made twice, origin and
    /// metadata may differ before.
    private func meets(_ one: FileRecord, _ other: FileRecord) -> Bool {
        let met = merge(one, other).record
        return met.agreed == merge(other, one).record.agreed && merge(met, one).record.agreed == met.agreed
            && merge(met, other).record.agreed == met.agreed
    }

    @Test func mergingAgainChangesNothing() {
        for seed in 0..<500 as Range<UInt64> {
            var history = ModelHistory(seed: seed, steps: 12, deleting: true)
            guard let left = history.pick(), let right = history.pick() else { continue }
            let merged = merge(left, right)
            for part in [left, right] {
                let again = merge(merged.record, part)
                #expect(again.record.agreed == merged.record.agreed && again.loser == nil && again.relocation == nil)
            }
        }
    }

    @Test func losersAreTheSameInBothDirectionsAndOnlyOfConcurrentContents() {
        for seed in 0..<1_000 as Range<UInt64> {
            var history = ModelHistory(seed: seed, steps: 12, deleting: true)
            guard let left = history.pick(), let right = history.pick() else { continue }
            let (one, other) = (merge(left, right), merge(right, left))
            #expect(one.loser == other.loser && one.relocation == other.relocation)
            guard let loser = one.loser else { continue }
            let winner = loser == left ? right : left
            #expect(!winner.version.covers(loser.origin) || loser.version.covers(winner.origin))
            #expect(loser.content != winner.content && !winner.isDeleted)
        }
    }
}
