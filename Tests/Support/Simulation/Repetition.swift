/// A history that is run again with some of its turns only.
package struct Repetition {
    private let scenario: SimulatedScenario
    private let seed: UInt64
    private let script: TurnScript

    /// Runs the whole history once.
    package init(_ scenario: SimulatedScenario, _ seed: UInt64) {
        (self.scenario, self.seed) = (scenario, seed)
        var history = scenario.history(seed: seed)
        _ = history.runOut()
        script = history.script
    }

    /// The numbers of all turns.
    package var turns: [Int] { script.turns }

    package func history(only turns: [Int]) -> any SimulatedHistory {
        var history = scenario.history(seed: seed)
        history.script = TurnScript(repeating: script, only: turns)
        return history
    }

    /// Turns of which no single one can be left out, with which the same is still wrong, or all where that is not found
    /// in 400 attempts.
    package func shortest(like failure: String) -> [Int] {
        var shrinking = Shrinking(attempts: 400)
        return shrinking.shrink(turns) { turns in
            history(only: turns).run().first.map { Self.kind($0) == Self.kind(failure) } ?? false
        }
    }

    /// What is wrong, without the paths, contents and devices with which it is.
    private static func kind(_ failure: String) -> Substring { failure.filter { !$0.isNumber }.prefix(16)[...] }
}
