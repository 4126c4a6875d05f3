import ArgumentParser
import SmallScope

/// Goes through all histories of few devices at few paths, depth by depth.
@main struct SmallScopeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "small-scope",
        abstract: "Every history of few devices at few paths: the laws of reconcile hold in each.")

    @Option(help: "How many devices, from 2 to 4.") var devices = 2
    @Option(help: "How many paths, 1 or 2.") var paths = 1
    @Option(help: "The greatest depth: how many events a history has.") var depth = 6
    @Option(help: "For how many minutes at most.") var minutes: Double = 10
    @Flag(help: "Give the devices' identities the other order.") var reversed = false

    func validate() throws {
        guard (2...4).contains(devices), (1...2).contains(paths), (1...16).contains(depth) else {
            throw ValidationError("There are 2 to 4 devices, 1 or 2 paths, and 1 to 16 events.")
        }
    }

    func run() throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(minutes * 60)
        var scope = SmallScope(devices: devices, paths: paths, isReversed: reversed) { clock.now < end }
        scope.run(depth: depth)
        for count in scope.counts {
            let histories = count.histories.map { "\($0) histories" } ?? "time ran out among the histories"
            print(
                "\(devices) devices, \(paths) paths, depth \(count.depth): \(histories), \(count.states) states so far")
        }
        for limitation in Limitation.allCases {
            guard let known = scope.known[limitation] else { continue }
            print("known, in \(known.states) states: \(limitation.rawValue), first after: \(text(known.history))")
        }
        for failure in scope.failures {
            print("FAILED after: \(text(failure.history))")
            for law in failure.broken { print("  \(law)") }
        }
        if !scope.failures.isEmpty { throw ExitCode.failure }
    }

    private func text(_ history: [ScopeEvent]) -> String { history.map(\.description).joined(separator: "; ") }
}
