import ModelFolder
import SeededRandom
import SyncCore
import SyncModel
import Testing

@Suite struct DeletionBudgetTests {
    private static let minute: UInt64 = 60_000_000_000
    private let author = sampleAuthor(1)

    @Test(arguments: [
        (1_000, 1_000, DeletionBudget.Verdict.allowed),
        (1_001, 2_000, .held(count: 1_001, limit: 1_000)),
        (2_500, 10_000, .allowed),
        (2_501, 10_000, .held(count: 2_501, limit: 2_500)),
        (2_501, 10_003, .held(count: 2_501, limit: 2_500)),
        (0, 0, .allowed),
        (Int.max, 10_000, .held(count: Int.max, limit: 2_500)),
        (1, Int.max, .allowed),
    ])
    func aBurst(count: Int, live: Int, verdict: DeletionBudget.Verdict) {
        var budget = DeletionBudget()
        #expect(budget.admit(count, by: author.device, of: live, at: 0) == verdict)
    }

    @Test func aTrickleMeetsTheSameLimit() {
        var budget = DeletionBudget()
        var live = 10_000
        for step in 0..<2_500 {
            let verdict = budget.admit(1, by: author.device, of: live, at: UInt64(step) * 1_000_000_000)
            #expect(verdict == .allowed)
            live -= 1
        }
        let verdict = budget.admit(1, by: author.device, of: live, at: 2_500_000_000_000)
        #expect(verdict == .held(count: 2_501, limit: 2_500))
    }

    @Test func theHourRolls() {
        var budget = DeletionBudget(threshold: .files(10))
        #expect(budget.admit(6, by: author.device, of: 100, at: 0) == .allowed)
        #expect(budget.admit(4, by: author.device, of: 100, at: 30 * Self.minute) == .allowed)
        #expect(budget.admit(1, by: author.device, of: 100, at: 60 * Self.minute) == .held(count: 11, limit: 10))
        #expect(budget.admit(6, by: author.device, of: 100, at: 61 * Self.minute) == .allowed)
        #expect(budget.admit(1, by: author.device, of: 100, at: 90 * Self.minute) == .held(count: 11, limit: 10))
        #expect(budget.admit(10, by: author.device, of: 100, at: 500 * Self.minute) == .allowed)
    }

    @Test func whatIsHeldIsNotCounted() {
        var budget = DeletionBudget(threshold: .files(10))
        for _ in 0..<3 {
            #expect(budget.admit(11, by: author.device, of: 100, at: 0) == .held(count: 11, limit: 10))
        }
        #expect(budget.admit(10, by: author.device, of: 100, at: 0) == .allowed)
    }

    @Test func devicesAreCountedApartAndEpochsTogether() {
        var budget = DeletionBudget(threshold: .files(10))
        #expect(budget.admit(10, by: author.device, of: 100, at: 0) == .allowed)
        #expect(budget.admit(10, by: sampleAuthor(2).device, of: 100, at: 0) == .allowed)
        #expect(budget.admit(1, by: sampleAuthor(1, epoch: 9).device, of: 100, at: 0) == .held(count: 11, limit: 10))
    }

    @Test func aReleaseHoldsUpToItsCounter() {
        var budget = DeletionBudget(threshold: .files(10))
        budget.release(author, upTo: 50)
        budget.release(author, upTo: 40)
        #expect(budget.isReleased(Origin(author: author, counter: 50)))
        #expect(!budget.isReleased(Origin(author: author, counter: 51)))
        #expect(!budget.isReleased(Origin(author: sampleAuthor(1, epoch: 2), counter: 1)))
        // It is no wider budget for what comes later.
        #expect(budget.admit(11, by: author.device, of: 100, at: 0) == .held(count: 11, limit: 10))
    }

    @Test func offHoldsNothing() {
        var budget = DeletionBudget(threshold: .off)
        #expect(budget.admit(Int.max, by: author.device, of: 0, at: 0) == .allowed)
        #expect(budget.admit(Int.max, by: author.device, of: 0, at: 0) == .allowed)
    }

    @Test func aClockThatStepsBackGivesNoNewBudget() {
        var budget = DeletionBudget(threshold: .files(10))
        #expect(budget.admit(10, by: author.device, of: 100, at: 100 * Self.minute) == .allowed)
        #expect(budget.admit(1, by: author.device, of: 100, at: 0) == .held(count: 11, limit: 10))
    }

    @Test func theTableOfDevicesIsBounded() {
        var budget = DeletionBudget(threshold: .files(10))
        for number in 0..<UInt64(Limits.members) {
            #expect(budget.admit(1, by: sampleAuthor(number).device, of: 100, at: 0) == .allowed)
        }
        let late = sampleAuthor(5_000)
        #expect(budget.admit(1, by: late.device, of: 100, at: 0) == .held(count: 1, limit: 0))
        #expect(budget.admit(1, by: late.device, of: 100, at: 61 * Self.minute) == .allowed)
    }

    @Test func movesDoNotCount() throws {
        #expect(DeletionBudget.counts(.deleted(movedTo: nil)))
        #expect(try !DeletionBudget.counts(.deleted(movedTo: RelativePath("b"))))
        #expect(!DeletionBudget.counts(.directory))
    }

    /// Never more admitted in any hour than the limit, whatever the order of events.
    @Test(arguments: 0..<20)
    func noHourHoldsMoreThanTheLimit(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var budget = DeletionBudget(threshold: .files(50))
        var admitted: [(time: UInt64, count: Int)] = []
        var now: UInt64 = 0
        for _ in 0..<400 {
            now += UInt64.random(in: 0...(10 * Self.minute), using: &generator)
            let count = Int.random(in: 1...20, using: &generator)
            if budget.admit(count, by: author.device, of: 1_000, at: now) == .allowed {
                admitted.append((now, count))
            }
            let hour = admitted.filter { $0.time + 60 * Self.minute >= now }.reduce(0) { $0 + $1.count }
            #expect(hour <= 50)
        }
        #expect(admitted.count > 20)
    }
}
