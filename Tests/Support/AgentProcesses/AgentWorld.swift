import FoundationEssentials
import Glibc
public import LanHosts

/// Agents of one test, with their homes and folders in one temporary directory, which goes with the world.
public final class AgentWorld {
    public let root: String
    /// The program under test: `LANYARD_BINARY`, or the one built beside the tests.
    public let program: String
    public private(set) var agents: [Agent] = []
    let watch: ProcessWatch

    public init() throws(LanError) {
        if let given = getenv("LANYARD_BINARY") {
            program = String(cString: given)
        } else {
            program = try Programs.built("lanyard")
        }
        let template: UnsafeMutablePointer<CChar>? = strdup("/tmp/lanyard-test.XXXXXX")
        defer { free(template) }
        guard let template, let made = mkdtemp(template) else {
            throw LanError("no temporary directory: \(String(cString: strerror(errno)))")
        }
        root = String(cString: made)
        watch = try ProcessWatch()
    }

    /// Ends the agents and removes everything. `LANYARD_KEEP` keeps the directories.
    public func tearDown() {
        for agent in agents { agent.kill() }
        if getenv("LANYARD_KEEP") == nil {
            try? FileManager.default.removeItem(atPath: root)
        }
    }

    /// An agent with a home and a folder of its own, not started.
    public func agent(_ name: String) throws(LanError) -> Agent {
        let agent = try Agent(name, in: self)
        agents.append(agent)
        return agent
    }

    /// Started agents that share one folder: the first one's, joined by each next one from the one before it.
    public func chain(_ names: String...) throws -> [Agent] {
        let chain = try names.map { name in
            let agent = try self.agent(name)
            try agent.start()
            return agent
        }
        try chain[0].call("folder", "add", chain[0].folder).succeeded()
        for (inviter, joiner) in zip(chain, chain.dropFirst()) { try joiner.join(inviter) }
        return chain
    }

    /// Waits until every agent says that it is in sync and the trees are equal.
    /// - Returns: the tree.
    /// - Throws: with the differences and what the agents say of themselves.
    @discardableResult
    public func settle(_ agents: [Agent]? = nil, within seconds: Double = 90) throws -> Tree {
        let agents = agents ?? self.agents
        let deadline = Clock.now() + seconds
        var last = "nothing was tried"
        while true {
            last = ""
            for agent in agents {
                let left = max(1, deadline - Clock.now())
                let answer = try agent.call("wait", "--timeout", "\(Int(left))", "--json", within: left + 30)
                if answer.status != 0 { last += "\(agent.name): \(answer.output)\n" }
            }
            if last.isEmpty {
                let trees = try agents.map { try Tree(of: $0.folder) }
                let differences = trees.dropFirst().flatMap { trees[0].differences(from: $0) }
                if differences.isEmpty { return trees[0] }
                last = "in sync, they say, but:\n" + differences.prefix(20).joined(separator: "\n")
            }
            if Clock.now() > deadline { break }
            usleep(250_000)
        }
        throw LanError("not equal within \(seconds) s: \(summary(last, agents))\n" + accounts(agents))
    }

    /// What failed and how each agent stands, with what it says of paths that are not the same everywhere: in one line,
    /// since that is what a list of failures shows.
    private func summary(_ what: String, _ agents: [Agent]) -> String {
        let trees = agents.compactMap { try? Tree(of: $0.folder) }
        let differing = trees.dropFirst().flatMap { trees[0].differingPaths(from: $0) }
        let paths = Set(differing).sorted().prefix(3)
        let said = agents.map { agent in
            let folder = try? agent.folderStatus()
            let members =
                folder?.members.map { "\($0.connected ? "connected" : "not connected") \($0.needFiles)" } ?? []
            let reasons = paths.map { path in
                "\(path): " + ((try? agent.call("why", "\(agent.folder)/\(path)", within: 10).output) ?? "no answer")
            }
            return "\(agent.name): \(folder?.state ?? "no answer"), needs \(folder?.needFiles ?? 0), members "
                + "\(members), \(folder?.problems.map(\.message) ?? []), \(reasons)"
        }
        return ([what] + said).joined(separator: " | ").split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func accounts(_ agents: [Agent]) -> String { agents.map(\.account).joined(separator: "\n") }

    /// Waits until `condition` holds.
    public func wait(
        _ what: String, within seconds: Double = 60, until condition: () throws -> Bool
    ) throws {
        let deadline = Clock.now() + seconds
        while try !condition() {
            if Clock.now() > deadline {
                throw LanError(
                    "not within \(seconds) s: \(summary(what, agents))\n" + accounts(agents))
            }
            usleep(20_000)
        }
    }
}

/// The clock that bounds every wait.
public enum Clock {
    public static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
