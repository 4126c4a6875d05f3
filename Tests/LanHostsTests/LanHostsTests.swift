import Glibc
import LanHosts
import Testing

@Test func networksArePossibleOrTheirSkipIsAllowed() {
    #expect(LanHosts.skip.isPossible || LanHosts.skip.isAllowed, "\(LanHosts.skip.obstacles)")
}

@Suite(.serialized, .enabled(if: LanHosts.skip.isPossible, "no networks of hosts here"), .timeLimit(.minutes(3)))
struct LanHostsTests {
    @Test func aHostHasItsOwnNameAddressesAndRun() throws {
        let lan = try LanHosts(LanPlan(segments: [[0], [0, 1]], services: .none))
        #expect(try lan[2].run(["cat", "/proc/sys/kernel/hostname"]) == "host2")
        #expect(try lan[2].run(["ip", "-o", "-4", "address"]).contains("198.18.1.2/24"))
        #expect(try lan[2].run(["ip", "-o", "link", "show", "eth1"]).contains("mtu 1500"))
        #expect(try lan[1].run(["ip", "-o", "link"]).contains("eth1") == false)
        try lan[1].run(["touch", "/run/mine"])
        #expect(throws: LanError.self) { try lan[2].run(["test", "-e", "/run/mine"]) }
        #expect(access("/run/mine", F_OK) != 0)
    }

    @Test func aPulledCableTakesTheCarrier() throws {
        let lan = try LanHosts(LanPlan(hosts: 2, services: .none))
        let watch = try lan[1].start(["ip", "-o", "monitor", "link", "dev", "eth0"])
        // The monitor has no sign of being ready: changes are made until it shows one of each kind.
        func change(_ what: String, _ act: () throws -> Void, until: (String) -> Bool) throws {
            for _ in 0..<100 {
                try act()
                let line = try? watch.process.nextLine(within: 0.2)
                if let line, until(line) { return }
            }
            Issue.record("no \(what)")
        }
        try change(
            "loss of carrier",
            {
                try lan[1].plugCable(); try lan[1].pullCable()
            }
        ) { $0.contains("NO-CARRIER") }
        try change(
            "carrier",
            {
                try lan[1].pullCable(); try lan[1].plugCable()
            }
        ) { $0.contains("LOWER_UP") }
    }

    @Test func shapingIsSetOnBothSides() throws {
        let lan = try LanHosts(LanPlan(hosts: 1, services: .none))
        try lan[1].shape(rate: "20mbit")
        #expect(try lan[1].run(["tc", "qdisc", "show", "dev", "eth0"]).contains("rate 20Mbit"))
    }

    @Test func aCrashEndsTheHostsProcessesAndNoOthers() throws {
        let lan = try LanHosts(LanPlan(hosts: 2, services: .bus))
        let first = try lan[1].start(["sleep", "1000"])
        let second = try lan[2].start(["cat"])
        lan[1].crash()
        #expect(try first.process.waitForExit() == 128 + SIGKILL)
        second.process.write("alive")
        #expect(try second.process.nextLine(within: 45) == "alive")
    }

    @Test func tearingDownLeavesNothing() throws {
        let lan = try LanHosts(LanPlan(hosts: 2))
        let processes = try lan.hosts.map { try $0.start(["sleep", "1000"]) }
        let identifiers = lan.hosts.map(\.identifier)
        lan.tearDown()
        for identifier in identifiers { #expect(kill(identifier, 0) != 0) }
        for process in processes { #expect(try process.process.waitForExit() == 128 + SIGKILL) }
    }

    /// A test process that is killed can't tear down: its hosts end all the same.
    @Test func hostsDieWithTheirMaker() throws {
        let maker = try ChildProcess([try Programs.built("lan-hosts"), "2"])
        let line = try maker.line("the network was up") { $0.hasPrefix("up ") }
        let identifiers = line.split(separator: " ").dropFirst()
        #expect(identifiers.count == 2)
        // A process within a host ends with the host, and unlike the host's own it is a child of this process.
        let witnesses = try identifiers.map { identifier in
            let witness = try ChildProcess([
                "nsenter", "--target", "\(identifier)", "--mount", "--pid", "--", "sh", "-c", "echo here; sleep 1000",
            ])
            try witness.line("it entered the host") { $0 == "here" }
            return witness
        }
        maker.kill()
        for witness in witnesses { #expect(try witness.waitForExit() == 128 + SIGKILL) }
    }
}
