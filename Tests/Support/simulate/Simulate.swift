import ArgumentParser
import SimulatedFolder
import Simulation

/// Runs histories of simulated devices, and looks for what must not be.
@main struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Whole devices on virtual time, in one thread: what happens is drawn from a seed.",
        discussion: """
            With a seed alone its histories run, each twice, to see that the same happens again. What fails is told \
            with its seed, the turns that are left when all is left out that can be, and the command that runs these \
            again.
            """)

    @Argument(help: "The first seed.") var seed: UInt64 = 0
    @Option(help: "How many seeds; each with every scenario, or the one that is named.") var seeds: UInt64?
    @Option(help: "For how many minutes, from the first seed on.") var minutes: Double?
    @Option(help: "The one scenario to run.") var scenario: SimulatedScenario?
    @Option(help: "Numbers of the turns to take, separated by commas; all others are left out.") var only: String?
    @Flag(help: "Print all that happens.") var trace = false
    @Flag(help: "End with the first failure, and leave out nothing of it.") var stop = false

    private var scenarios: [SimulatedScenario] { scenario.map { [$0] } ?? SimulatedScenario.allCases }

    func validate() throws {
        if seeds != nil || minutes != nil, only != nil || trace {
            throw ValidationError("--only and --trace are for one seed: leave out --seeds and --minutes.")
        }
        if only != nil, scenario == nil { throw ValidationError("--only needs the --scenario whose turns it names.") }
        if let minutes, !(minutes > 0 && minutes <= 10_000) {
            throw ValidationError("--minutes is more than 0 and at most 10000.")
        }
        if seed.addingReportingOverflow(seeds ?? 1).overflow { throw ValidationError("There are no such seeds.") }
    }

    func run() throws {
        if let only { return try runTurns(only) }
        var campaign = Campaign(seconds: minutes.map { $0 * 60 }, stopsAtFailure: stop)
        let count = seeds ?? (minutes == nil ? 1 : UInt64.max - seed)
        for seed in seed..<seed + count {
            if campaign.isOver { break }
            for scenario in scenarios where !campaign.isOver {
                campaign.run(scenario, seed, isTraced: seeds == nil && minutes == nil, printing: trace)
            }
        }
        campaign.report()
        if campaign.failures > 0 { throw ExitCode.failure }
    }

    private func runTurns(_ text: String) throws {
        let turns = text.split(separator: ",").compactMap { Int($0) }
        guard let scenario, turns.count == text.split(separator: ",").count else {
            throw ValidationError("--only takes numbers separated by commas.")
        }
        var history = Repetition(scenario, seed).history(only: turns)
        history.world.trace = trace ? [] : nil
        let failures = history.runOut()
        for line in history.world.trace ?? [] { print(line) }
        for failure in failures { print("FAILED \(failure)") }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}

extension SimulatedScenario: ExpressibleByArgument {}
