package import ModelFolder
import SeededRandom
package import SimulatedFolder

/// What happens to some devices, drawn from a seed: turns, and what must hold after them.
package protocol SimulatedHistory {
    var world: SimulatedWorld { get set }
    /// Which of its turns it takes.
    var script: TurnScript { get set }

    /// Lets it happen; what was wrong.
    mutating func runOut() -> [String]
}

/// The turns of a history as they were drawn: some can be left out, and the others stay what they are.
package struct TurnScript: Sendable {
    /// What each turn was drawn from, and each pause between turns.
    private var drawn: [SeededGenerator] = []
    /// The numbers of the turns that are taken; nil for all.
    private var kept: Set<Int>?
    private var next = 0
    /// The numbers of all turns.
    package private(set) var turns: [Int] = []

    package init() {}

    /// The same turns once more, only some of them.
    package init(repeating script: TurnScript, only kept: some Sequence<Int>) {
        (drawn, self.kept) = (script.drawn, Set(kept))
    }

    /// Begins what is drawn next; false if it is a turn that is left out. A pause never is.
    package mutating func begin(_ user: inout ModelUser, isTurn: Bool = true) -> Bool {
        defer { next += 1 }
        if isTurn { turns.append(next) }
        guard let kept else {
            drawn.append(user.generator)
            return true
        }
        if next < drawn.count { user.generator = drawn[next] }
        return !isTurn || kept.contains(next)
    }
}

extension SimulatedHistory {
    package func run() -> [String] {
        var history = self
        return history.runOut()
    }
}
