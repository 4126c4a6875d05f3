import ControlAPI
import LanHosts
import Testing

/// Devices, cables and daemons that go and come back, under agents that are not restarted.
@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(8)))
struct LossLanTests {
    /// The third is paired with one of two, and knows both.
    @Test func threeDevicesOutliveTheLossOfOne() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 3))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents {
            try agent.save("of \(agent.name)\n", "\(agent.name).txt")
            try agent.start()
        }
        let (first, second, third) = (agents[0], agents[1], agents[2])
        try MetPair(first, second).confirm()
        try first.waitForEquality(with: second)
        try MetPair(first, third).confirm()
        // One of the two folders is shared already: that one is a person's decision.
        #expect(try first.run("folder", "share", "Documents", "host3").status == 0)
        try third.wait("the folder was offered") { try !$0.ask(FolderList.self, "folder", "list").offers.isEmpty }
        let taken = try third.run("folder", "accept", "Documents", third.folder)
        #expect(taken.status == 0, "\(taken.output)")
        try first.waitForEquality(with: second, third)
        try second.waitForEquality(with: first, third)
        try third.waitForEquality(with: first, second)
        #expect(agents.allSatisfy { $0.files.count == 3 })

        try lan[3].pullCable()
        try first.save("without the third\n", "first.txt")
        try third.save("alone\n", "third.txt")
        try second.wait("what the first saved came") { $0.read("first.txt") == "without the third\n" }
        #expect(third.read("first.txt") == nil)
        try lan[3].plugCable()
        try third.waitForEquality(with: first, second)
        #expect(third.read("first.txt") == "without the third\n")
        #expect(first.read("third.txt") == "alone\n")

        try second.crash()
        try first.save("without the second\n", "first.txt")
        try third.wait("what the first saved came") { $0.read("first.txt") == "without the second\n" }
        try second.save("while it was not watched\n", "second.txt")
        try second.start()
        try first.waitForEquality(with: second, third)
        try third.waitForEquality(with: first, second)
        #expect(third.read("second.txt") == "while it was not watched\n")
        #expect(first.files == second.files && second.files == third.files)
        #expect(first.files.count == 6, "\(first.files.keys)")
    }

    @Test func aDaemonThatComesBackIsUsedAgain() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 2))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents { try agent.start() }
        for kill in [false, true] {
            if kill { try lan[1].killAvahi() } else { try lan[1].stopAvahi() }
            try agents[0].wait("the daemon was missed") { try !$0.ask(AgentStatus.self, "status").problems.isEmpty }
            try lan[1].startAvahi()
            try agents[0].wait("the daemon was found") { try $0.ask(AgentStatus.self, "status").problems.isEmpty }
        }
        try MetPair(agents[0], agents[1]).confirm()
        // Paired devices keep what they have of each other without it.
        try agents[0].waitForEquality(with: agents[1])
        try lan[1].killAvahi()
        try agents[0].save("without a daemon\n", "file")
        try agents[0].waitForEquality(with: agents[1])
        #expect(agents[1].read("file") == "without a daemon\n")
    }

    @Test func withoutAvahiItRunsAndSaysWhatIsLost() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 2, services: .none))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents { try agent.start() }
        try agents[0].wait("the loss was noticed") { try !$0.ask(AgentStatus.self, "status").problems.isEmpty }
        let report = try agents[0].run("doctor")
        #expect(report.status == 1)
        #expect(report.output.contains("avahi-daemon"), "\(report.output)")

        // An address does where nothing is found.
        try agents[0].save("by address\n", "file")
        let address = "\(lan[2].address()):22077"
        let ends = try [agents[0].begin(["pair", address, "--json"]), agents[1].begin(["pair", "--json"])]
        let codes = try ends.map { end in
            let status = try end.process.waitForExit(within: 60)
            #expect(status == 0, "\(end.process.transcript)")
            return end.process.transcript.last?.split(separator: "\"").dropFirst(3).first
        }
        #expect(codes[0] != nil && codes[0] == codes[1])
    }

    @Test func twoNetworksAreOneConnection() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(segments: [[0, 1], [0, 1]]))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents { try agent.start() }
        try MetPair(agents[0], agents[1]).confirm()
        try agents[0].waitForEquality(with: agents[1])
        for segment in [0, 1] {
            try lan[2].pullCable(segment: segment)
            try agents[0].save("without \(segment)\n", "file")
            try agents[0].waitForEquality(with: agents[1])
            #expect(agents[1].read("file") == "without \(segment)\n")
            try lan[2].plugCable(segment: segment)
        }
    }
}
