import CrashDisk

/// What came of one crash.
struct CrashReport {
    /// Whether the agent got as far as the effect before which it was to end.
    let isHit: Bool
    /// How many effects it had.
    let effects: Int
    let title: String
    /// What a loss of power took, as differences of the disk.
    var lost: [String] = []
    private let root: String
    private(set) var failures: [String] = []

    init(isHit: Bool, effects: EffectLog, seed: UInt64?, again: [Int], root: String) {
        (self.isHit, self.root) = (isHit, root)
        self.effects = effects.ofAgent
        let crash = effects.killed.map { "killed before effect \($0)" } ?? "killed when all was done"
        let more = again.map { ", then before effect \($0)" }.joined()
        title = crash + (seed.map { ", power lost with seed \($0)" } ?? "") + more
    }

    /// Notes that `what` doesn't hold, unless there is nothing against it.
    mutating func demand(_ what: String, _ against: [String]) {
        if !against.isEmpty { failures.append("not so: \(what): \(against.prefix(8).joined(separator: "; "))") }
    }

    var account: String {
        let lines = failures.isEmpty ? [] : failures + lost.prefix(60).map { "lost: \($0)" }
        return ([title] + lines).joined(separator: "\n  ").replacing("\(root)/", with: "")
    }
}
