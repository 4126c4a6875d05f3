import BlackBox
import CLinux
import ControlAPI
import Foundation
import Glibc
import LanHosts
import Testing

/// Real agents on hosts of their own that share one folder, and people who do at them what a list of actions says.
final class OracleLan {
    let agents: [LanAgent]
    private let directory: TestDirectory
    private let lan: LanHosts
    private var histories = 0
    private var files = 0
    /// The devices whose cables are pulled.
    private var alone: Set<Int> = []

    init(devices: Int) throws {
        directory = try TestDirectory()
        lan = try LanHosts(LanPlan(hosts: devices))
        var agents: [LanAgent] = []
        for host in lan.hosts { agents.append(try LanAgent(on: host, in: directory)) }
        for agent in agents {
            try FileManager.default.createDirectory(atPath: Self.aside(agent), withIntermediateDirectories: true)
            try agent.start()
        }
        try Self.join(agents)
        self.agents = agents
        try rest()
    }

    /// All share the folder of the first.
    private static func join(_ agents: [LanAgent]) throws {
        for (index, agent) in agents.enumerated().dropFirst() {
            try MetPair(agents[0], agent).confirm()
            guard index > 1 else {
                try agents[0].waitForEquality(with: agent)
                continue
            }
            // One of the two folders is shared already: that one is a person's decision.
            let shared = try agents[0].run("folder", "share", "Documents", agent.name)
            guard shared.status == 0 else { throw LanError(shared.output) }
            try agent.wait("the folder was offered") { try !$0.ask(FolderList.self, "folder", "list").offers.isEmpty }
            let taken = try agent.run("folder", "accept", "Documents", agent.folder)
            guard taken.status == 0 else { throw LanError(taken.output) }
        }
    }

    /// Does it all, at paths that nothing stood at before.
    /// - Returns: what was seen, by path.
    func run(_ actions: [Action]) throws -> [[Observation]] {
        histories += 1
        let count = 1 + (actions.compactMap(\.path).max() ?? 0)
        var seen: [[Observation]] = Array(repeating: [], count: count)
        for action in actions {
            switch action {
            case .write(let device, let path, let value):
                let over = try put(value, path, agents[device])
                seen[path].append(.wrote(device: device, value: value, over: over))
            case .delete(let device, let path):
                seen[path].append(.deleted(device: device, over: try remove(path, agents[device])))
            case .read(let device, let path):
                seen[path].append(.read(device: device, value: value(agents[device].read(name(path)))))
            case .pause(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
            case .cut(let device):
                if alone.insert(device).inserted { try lan[device + 1].pullCable() }
            case .join(let device): try plug(device)
            case .stabilise:
                try rest()
                for path in seen.indices { seen[path].append(stable(path)) }
            }
        }
        return seen
    }

    private func plug(_ device: Int) throws {
        if alone.remove(device) != nil { try lan[device + 1].plugCable() }
    }

    private func rest() throws {
        for device in agents.indices { try plug(device) }
        for agent in agents {
            let others = agents.filter { $0 !== agent }.flatMap { ["--for", $0.name] }
            let answer = try agent.run(["wait", "--timeout", "80"] + others)
            guard answer.status == 0 else {
                throw LanError("\(agent.name): \(answer.output)\n\(try agent.run("status").output)\n\(agent.logTail)")
            }
        }
    }

    private func stable(_ path: Int) -> Observation {
        let stem = "h\(histories)-p\(path)"
        var copies: [Set<Int>] = []
        for agent in agents {
            var found: Set<Int> = []
            for (name, text) in agent.files(startingWith: stem) where name != self.name(path) {
                found.insert(isCopy(name, of: stem) ? value(text) ?? foreign : foreign)
            }
            copies.append(found)
        }
        return .stable(values: agents.map { value($0.read(name(path))) }, copies: copies)
    }

    /// `h1-p0 (conflict host2 0123abcd).txt`
    private func isCopy(_ name: String, of stem: String) -> Bool {
        agents.contains { agent in
            let (opening, ending) = ("\(stem) (conflict \(agent.name) ", ").txt")
            guard name.hasPrefix(opening), name.hasSuffix(ending) else { return false }
            let digits = name.dropFirst(opening.count).dropLast(ending.count)
            return digits.count == 8 && digits.allSatisfy(\.isHexDigit)
        }
    }

    // MARK: Files

    /// What no person wrote.
    private let foreign = -1

    private func name(_ path: Int) -> String { "h\(histories)-p\(path).txt" }

    private func text(_ value: Int) -> String { "history \(histories), value \(value)\n" }

    private func value(_ text: String?) -> Int? {
        guard let text else { return nil }
        let prefix = "history \(histories), value "
        guard text.hasPrefix(prefix), text.hasSuffix("\n") else { return foreign }
        return Int(text.dropFirst(prefix.count).dropLast()) ?? foreign
    }

    /// Where a person's files come from and go to: beside the folder, on the same file system.
    private static func aside(_ agent: LanAgent) -> String { "\(agent.folder)/../aside" }

    /// A place of its own beside the folder.
    private func fresh(_ agent: LanAgent) -> String {
        files += 1
        return "\(Self.aside(agent))/\(files)"
    }

    /// What stood there is exchanged for the new file, so that nothing can come in between.
    private func put(_ value: Int, _ path: Int, _ agent: LanAgent) throws -> Int? {
        let (new, place) = (fresh(agent), "\(agent.folder)/\(name(path))")
        try Data(text(value).utf8).write(to: URL(filePath: new))
        while true {
            var failure = -linux_renameat2(AT_FDCWD, new, AT_FDCWD, place, linux_RENAME_EXCHANGE)
            if failure == 0 { return try taken(new) }
            if failure == ENOENT { failure = -linux_renameat2(AT_FDCWD, new, AT_FDCWD, place, linux_RENAME_NOREPLACE) }
            if failure == 0 { return nil }
            // What was not there has come, or gone.
            guard failure == EEXIST || failure == ENOENT else {
                throw LanError("\(place): \(String(cString: strerror(failure)))")
            }
        }
    }

    private func remove(_ path: Int, _ agent: LanAgent) throws -> Int? {
        let (old, place) = (fresh(agent), "\(agent.folder)/\(name(path))")
        guard rename(place, old) == 0 else {
            guard errno == ENOENT else { throw LanError("\(place): \(String(cString: strerror(errno)))") }
            return nil
        }
        return try taken(old)
    }

    private func taken(_ file: String) throws -> Int? {
        defer { unlink(file) }
        return value(String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self))
    }
}

extension LanAgent {
    /// Names in the folder that begin so, with their contents.
    func files(startingWith prefix: String) -> [String: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Dictionary(names.filter { $0.hasPrefix(prefix) }.map { ($0, read($0) ?? "") }) { first, _ in first }
    }
}
