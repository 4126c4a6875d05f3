import LanHosts
import Testing

@Test func networksArePossibleOrTheirSkipIsAllowed() {
    #expect(LanHosts.skip.isPossible || LanHosts.skip.isAllowed, "\(LanHosts.skip.obstacles)")
}

/// What devices see of each other while all daemons run.
@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(5)))
struct AnnouncingTests {
    @Test func threeHostsSeeEachOtherOverIPv4AndIPv6() throws {
        let lan = try LanHosts(LanPlan(hosts: 3))
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        let third = try ProbeClient(on: lan[3], letter: "C", port: 30_000)
        try first.waitFor("B", "C")
        try second.waitFor("A", "C")
        try third.waitFor("A", "B")
        let seen = try #require(first.device("C"))
        #expect(seen.addresses.contains("198.18.0.3:30000"))
        #expect(seen.addresses.contains { $0.hasPrefix("[fe80:") && $0.hasSuffix("%2]:30000") }, "\(seen)")
        #expect(seen.host == "host3.local")
        #expect(seen.name == "-")

        #expect(try third.stop() == 0)
        try first.waitFor("B")
        try second.waitFor("A")
    }

    @Test func changesArePublished() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        try first.waitFor("B")
        second.order("pairing Kitchen")
        try first.wait("B was open for pairing") { $0.device("B")?.name == "Kitchen" }
        second.order("private")
        try first.wait("B was private again") { $0.device("B")?.name == "-" }
        second.order("port 30001")
        try first.wait("B had its new port") { probe in
            probe.device("B")?.addresses.sorted().first == "198.18.0.2:30001"
                && probe.device("B")?.addresses.count == 2
                && probe.device("B")?.addresses.allSatisfy { $0.hasSuffix(":30001") } == true
        }
        let before = try #require(first.devices.first { $0.value.letter == "B" }?.key)
        second.order("rotate")
        try first.wait("B had a new hint alone") { $0.devices[before] == nil && $0.device("B") != nil }
        second.order("withdraw")
        try first.wait("B was lost") { $0.devices.isEmpty }
    }

    @Test func aFixedServiceNameKeepsTheServiceWhenTheSaltChanges() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let first = try ProbeClient(on: lan[1], letter: "A")
        let second = try ProbeClient(on: lan[2], letter: "B", serviceName: "Lanyard")
        try first.waitFor("B")
        let before = try #require(first.devices.keys.first)
        second.order("rotate")
        try first.wait("B had a new hint alone") { $0.devices[before] == nil && $0.device("B") != nil }
        try first.waitFor("B")
        #expect(first.lost == [before])
    }

    @Test func equalServiceNamesBecomeDifferent() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let (first, second) = (
            try ProbeClient(on: lan[1], letter: "A", serviceName: "Lanyard"),
            try ProbeClient(on: lan[2], letter: "B", serviceName: "Lanyard")
        )
        try first.waitFor("B")
        try second.waitFor("A")
        // A second agent on the first host: its name collides within the daemon.
        let third = try ProbeClient(on: lan[1], letter: "C", port: 22_078, serviceName: "Lanyard")
        try third.waitFor("A", "B")
        try second.waitFor("A", "C")
        try first.waitFor("B", "C")
    }

    @Test func aDeviceOnTwoNetworksIsOneDevice() throws {
        let lan = try LanHosts(LanPlan(segments: [[0, 1], [0, 1]]))
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        try first.wait("B had the addresses of both networks") { probe in
            probe.devices.count == 1
                && ["198.18.0.2:22077", "198.18.1.2:22077"].allSatisfy { probe.device("B")?.has($0) == true }
                && ["%2]:22077", "%3]:22077"].allSatisfy { end in
                    probe.device("B")?.addresses.contains { $0.hasSuffix(end) } == true
                }
        }
        #expect(try second.stop() == 0)
        try first.wait("B was lost") { $0.devices.isEmpty }
        #expect(first.lost.count == 1)
    }
}
