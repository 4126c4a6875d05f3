import ControlAPI
import LanHosts
import Testing

@Test func networksArePossibleOrTheirSkipIsAllowed() {
    #expect(LanHosts.skip.isPossible || LanHosts.skip.isAllowed, "\(LanHosts.skip.obstacles)")
}

/// Agents that find each other through Avahi alone, and people who pair them by code.
@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(5)))
struct PairingLanTests {
    /// Rule 18: two folders that were never shared become one, and nothing of either is lost.
    @Test func twoFoldersBecomeOne() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 2))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents {
            try agent.save("of \(agent.name)\n", "\(agent.name).txt")
            try agent.save("the same\n", "same.txt")
            try agent.save("another on \(agent.name)\n", "clash.txt")
            try agent.start()
        }
        let (first, second) = (agents[0], agents[1])
        try MetPair(first, second).confirm()
        for (agent, other) in [(first, second), (second, first)] { try agent.waitForEquality(with: other) }

        #expect(first.files == second.files)
        let files = first.files
        #expect(files["host1.txt"] == "of host1\n")
        #expect(files["host2.txt"] == "of host2\n")
        #expect(files["same.txt"] == "the same\n")
        #expect(files.count == 5, "\(files.keys)")
        let clashes = files.filter { $0.key.hasPrefix("clash") }.values.sorted()
        #expect(clashes == ["another on host1\n", "another on host2\n"])
        for agent in agents { #expect(agent.indexes.count == 1, "\(agent.name): \(agent.indexes)") }

        // The folder that took another's ID is found again after a restart, and both ways still work.
        for agent in agents {
            #expect(try agent.stop() == 0)
            try agent.start()
        }
        try first.save("after\n", "after.txt")
        try first.waitForEquality(with: second)
        #expect(second.read("after.txt") == "after\n")
        try second.save("back\n", "after.txt")
        try second.waitForEquality(with: first)
        #expect(first.read("after.txt") == "back\n")
    }

    @Test func anotherCodePairsNobody() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 2))
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents { try agent.start() }
        let met = try MetPair(agents[0], agents[1])
        let code = met.sessions[0].code == "000000" ? "000001" : "000000"
        let answer = try met.confirm(agents[0], code: code)
        #expect(answer.status == 4, "\(answer.output)")
        // The other's yes comes too late for it.
        let late = try met.confirm(agents[1], code: met.sessions[0].code)
        #expect(late.status == 4, "\(late.output)")
        for agent in agents { #expect(try agent.ask([DeviceReport].self, "devices").isEmpty) }

        // Nothing of it stays in the way of another try.
        try MetPair(agents[0], agents[1]).confirm()
        try agents[0].waitForEquality(with: agents[1])
    }

    /// On a network without IPv4, and so without anything that a person could type: link-local addresses.
    @Test func linkLocalAddressesSuffice() throws {
        let directory = try TestDirectory()
        let lan = try LanHosts(LanPlan(hosts: 2))
        for host in lan.hosts { try host.run(["ip", "-4", "address", "flush", "dev", "eth0"]) }
        let agents = try lan.hosts.map { try LanAgent(on: $0, in: directory) }
        for agent in agents { try agent.start() }
        try MetPair(agents[0], agents[1]).confirm()
        try agents[0].save("over IPv6\n", "file")
        try agents[0].waitForEquality(with: agents[1])
        #expect(agents[1].read("file") == "over IPv6\n")
    }
}
