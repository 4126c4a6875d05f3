import Glibc
import SimulatedFolder
import Simulation

/// Very many histories, and what came of them.
struct Campaign {
    private let start = ContinuousClock.now
    private let seconds: Double?
    private let stopsAtFailure: Bool
    private var histories = 0
    private var tally = Tally()
    private(set) var failures = 0

    init(seconds: Double?, stopsAtFailure: Bool) { (self.seconds, self.stopsAtFailure) = (seconds, stopsAtFailure) }

    private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

    var isOver: Bool { stopsAtFailure && failures > 0 || seconds.map { elapsed >= $0 } ?? false }

    /// Runs one history; traced, twice.
    mutating func run(_ scenario: SimulatedScenario, _ seed: UInt64, isTraced: Bool, printing: Bool) {
        var history = scenario.history(seed: seed)
        history.world.trace = isTraced ? [] : nil
        let found = history.runOut()
        histories += 1
        tally.add(history.world)
        if printing { for line in history.world.trace ?? [] { print(line) } }
        if isTraced { compare(history, with: scenario.history(seed: seed)) }
        guard let first = found.first else { return }
        failures += 1
        print("FAILED \(scenario.rawValue), seed \(seed): \(first)")
        if stopsAtFailure { return }
        let repetition = Repetition(scenario, seed)
        let turns = repetition.shortest(like: first)
        let numbers = turns.map { "\($0)" }.joined(separator: ",")
        print("  \(turns.count) of \(repetition.turns.count) turns are enough; to see them:")
        print("  swift run -c release simulate \(seed) --scenario \(scenario.rawValue) --only \(numbers) --trace")
        // Seen at once, also where the output goes to a file.
        fflush(nil)
    }

    /// The same seed is the same history, or nothing that it shows can be shown again.
    private mutating func compare(_ history: any SimulatedHistory, with another: any SimulatedHistory) {
        var another = another
        another.world.trace = []
        _ = another.runOut()
        let (one, other) = (history.world.trace ?? [], another.world.trace ?? [])
        guard one != other else { return }
        failures += 1
        let line = zip(one, other).first { $0 != $1 }
        print("FAILED: the second time another thing happens:\n  \(line?.0 ?? "nothing")\n  \(line?.1 ?? "nothing")")
    }

    func report() {
        print("RAN \(histories) histories in \(Int(elapsed)) s, \(Int(Double(histories) / elapsed)) a second:")
        print("  \(tally)")
        print(failures == 0 ? "  All that must hold held." : "  \(failures) FAILED.")
    }
}
