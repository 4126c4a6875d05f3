import BlackBox
import Foundation
import LanHosts
import Simulation
import Testing

/// What real agents do, explained by a model that knows nothing of their code (`Explanation`).
///
/// `LANYARD_ORACLE_SECONDS` makes it last so long for each number of devices, and `LANYARD_ORACLE_SEED` says where it
/// begins (`Tests/README.md`).
@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(240)))
struct OracleLanTests {
    @Test(arguments: [(2, 10), (3, 12)])
    func whatIsSeenCanBeExplained(devices: Int, histories: Int) {
        var run = OracleRun(devices: devices)
        defer { print(run.summary) }
        let environment = ProcessInfo.processInfo.environment
        let first = environment["LANYARD_ORACLE_SEED"].flatMap { UInt64($0) } ?? 0
        let deadline = environment["LANYARD_ORACLE_SECONDS"].flatMap { Double($0) }.map {
            Date(timeIntervalSinceNow: $0)
        }
        var seed = first
        while run.mayGoOn, deadline.map({ Date() < $0 }) ?? (seed < first + UInt64(histories)) {
            if let failure = run.history(seed) { Issue.record("\(failure)") }
            seed += 1
        }
    }
}

/// Histories on one network after another.
struct OracleRun {
    /// A folder that grew by so many histories is left for a new one.
    private static let historiesALan = 100
    /// How often a failing history is done again with fewer actions, and how often each of these.
    private static let (attempts, repetitions) = (40, 3)

    private let devices: Int
    private var lan: OracleLan?
    private var used = 0
    private var (histories, actions, conflicts, failures, undecided, width) = (0, 0, 0, 0, 0, 0)

    init(devices: Int) { self.devices = devices }

    /// A few failures say enough: each takes minutes.
    var mayGoOn: Bool { failures < 3 }

    /// - Returns: what can't be explained, with the actions that are left when others are left out.
    mutating func history(_ seed: UInt64) -> String? {
        let drawn = RandomActions.draw(seed: seed, devices: devices)
        histories += 1
        actions += drawn.count
        guard let failure = attempt(drawn) else { return nil }
        failures += 1
        var shrinking = Shrinking(attempts: Self.attempts)
        var (least, last) = (drawn, failure)
        _ = shrinking.shrink(Array(drawn.indices)) { left in
            let fewer = left.map { drawn[$0] } + [.stabilise]
            for _ in 0..<Self.repetitions {
                guard let failure = attempt(fewer) else { continue }
                (least, last) = (fewer, failure)
                return true
            }
            return false
        }
        return """
            seed \(seed), \(devices) devices: \(failure)
            of \(drawn.count) actions are left \(least.count): \(least)
            \(last)
            """
    }

    /// - Returns: what can't be explained.
    private mutating func attempt(_ actions: [Action]) -> String? {
        do {
            if used >= Self.historiesALan { lan = nil }
            let lan = try self.lan ?? OracleLan(devices: devices)
            (self.lan, used) = (lan, self.lan == nil ? 1 : used + 1)
            return explain(try lan.run(actions))
        } catch {
            // Whatever hangs is left behind.
            lan = nil
            return "\(error)"
        }
    }

    private mutating func explain(_ seen: [[Observation]]) -> String? {
        for (path, observations) in seen.enumerated() {
            var explanation = Explanation(devices: devices)
            for observation in observations { explanation.take(observation) }
            if explanation.isUndecided { undecided += 1 }
            width = max(width, explanation.width)
            if case .stable(_, let copies)? = observations.last { conflicts += copies.first?.count ?? 0 }
            guard let failure = explanation.failure else { continue }
            return "path \(path): \(failure)\n" + observations.map { "  \($0)" }.joined(separator: "\n")
        }
        return nil
    }

    var summary: String {
        """
        oracle: \(devices) devices, \(histories) histories, \(actions) actions, \(conflicts) conflict copies, \
        \(failures) not explained, \(undecided) undecided, at most \(width) states
        """
    }
}
