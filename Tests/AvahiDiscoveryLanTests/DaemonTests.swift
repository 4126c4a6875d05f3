import LanHosts
import Testing

/// Daemons and buses that come late, go and come back, under an agent that isn't restarted.
@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(5)))
struct DaemonTests {
    @Test func aKilledDaemonIsFoundAgain() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        try first.waitFor("B")
        try second.waitFor("A")
        for kill in [true, false] {
            if kill { try lan[1].killAvahi() } else { try lan[1].stopAvahi() }
            try first.wait("the daemon was missed") { $0.state == "unavailable daemonAbsent" && $0.devices.isEmpty }
            if !kill { try second.wait("the goodbye came") { $0.devices.isEmpty } }
            try lan[1].startAvahi()
            try first.wait("the daemon was found") { $0.state == "running" }
            try first.waitFor("B")
            second.order("port 30001")
            try first.wait("news came") { $0.device("B")?.has("198.18.0.2:30001") == true }
            first.order("rotate")
            try second.waitFor("A")
            second.order("port 22077")
        }
    }

    @Test func busAndDaemonMayComeLate() throws {
        let lan = try LanHosts(LanPlan(hosts: 2, services: .none))
        try lan[2].startBus()
        try lan[2].startAvahi()
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        try first.wait("the bus was missed") { $0.state == "unavailable busAbsent" }
        try lan[1].startBus()
        try first.wait("the daemon was missed") { $0.state == "unavailable daemonAbsent" }
        try lan[1].startAvahi()
        try first.waitFor("B")
        try second.waitFor("A")
        #expect(first.state == "running")
    }

    @Test func aRestartedBusIsFoundAgain() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let (first, second) = (try ProbeClient(on: lan[1], letter: "A"), try ProbeClient(on: lan[2], letter: "B"))
        try first.waitFor("B")
        try lan[1].stopBus()
        try first.wait("the bus was missed") { $0.state == "unavailable busAbsent" && $0.devices.isEmpty }
        try lan[1].stopAvahi()
        try lan[1].startBus()
        try lan[1].startAvahi()
        try first.waitFor("B")
        first.order("rotate")
        try second.waitFor("A")
        #expect(first.state == "running")
        #expect(try first.stop() == 0)
        try second.wait("A was lost") { $0.devices.isEmpty }
    }

    @Test func aDaemonThatDoesNotPublishStillFinds() throws {
        let lan = try LanHosts(
            LanPlan(hosts: 1, avahiConfiguration: "disable-user-service-publishing=yes"))
        let first = try ProbeClient(on: lan[1], letter: "A")
        try first.wait("publishing was refused") { $0.state == "unavailable publishRefused" }
        first.order("withdraw")
        try first.wait("nothing was wanted any more") { $0.state == "running" }
    }

    @Test func anAgentStopsWhateverRuns() throws {
        let lan = try LanHosts(LanPlan(segments: [[0], [0], [0]], services: .none))
        try lan[2].startBus()
        try lan[3].startBus()
        try lan[3].startAvahi()
        for (host, state) in zip(lan.hosts, ["unavailable busAbsent", "unavailable daemonAbsent", "running"]) {
            let probe = try ProbeClient(on: host, letter: "A")
            try probe.wait("its state") { $0.state == state }
            #expect(try probe.stop() == 0)
        }
    }
}
