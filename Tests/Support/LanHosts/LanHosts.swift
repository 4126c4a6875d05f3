import Glibc

/// What a pretended network is made of.
public struct LanPlan: Sendable {
    public enum Services: Sendable {
        case none
        /// A message bus, but no Avahi.
        case bus
        case busAndAvahi
    }

    /// The segments (bridges) that each host is plugged into; its interfaces are `eth0`, `eth1`, … in this order.
    public var segments: [[Int]]
    /// What runs on every host at first.
    public var services: Services
    public var ipv6: Bool
    /// Further lines at the end of avahi-daemon.conf, in its section `[publish]`.
    public var avahiConfiguration: String

    /// `hosts` on one segment.
    public init(
        hosts: Int, services: Services = .busAndAvahi, ipv6: Bool = true, avahiConfiguration: String = ""
    ) {
        self.init(
            segments: Array(repeating: [0], count: hosts), services: services, ipv6: ipv6,
            avahiConfiguration: avahiConfiguration)
    }

    public init(
        segments: [[Int]], services: Services = .busAndAvahi, ipv6: Bool = true, avahiConfiguration: String = ""
    ) {
        (self.segments, self.services, self.ipv6) = (segments, services, ipv6)
        self.avahiConfiguration = avahiConfiguration
    }
}

/// Hosts on local networks, all on this machine: each has its own network, mounts, processes, name and `/run`, and
/// if wanted its own message bus and Avahi daemon; bridges join them (MTU 1500). Used by one thread.
///
/// Nothing outlives this process or `tearDown`: a host's first process ends when its input does, and all others of the
/// host end with it. Nothing is written outside the hosts' own `/run`, and no network is named.
public final class LanHosts {
    public let hosts: [LanHost]
    private let network: LanSwitch

    public init(_ plan: LanPlan) throws(LanError) {
        let network = try LanSwitch(segments: (plan.segments.joined().max() ?? 0) + 1)
        self.network = network
        var hosts: [LanHost] = []
        for (index, segments) in plan.segments.enumerated() {
            hosts.append(try LanHost(number: index + 1, segments: segments, network: network, plan: plan))
        }
        self.hosts = hosts
        if plan.services != .none { for host in hosts { try host.startBus() } }
        guard plan.services == .busAndAvahi else { return }
        for host in hosts { try host.beginAvahi() }
        for host in hosts { try host.awaitAvahi() }
    }

    /// Host `number`, from 1.
    public subscript(number: Int) -> LanHost { hosts[number - 1] }

    /// Ends every process of every host and waits until all are gone.
    public func tearDown() {
        hosts.forEach { $0.crash() }
        network.space.end()
    }

    deinit { tearDown() }

    /// Runs a program of this machine to its end. Throws with its output if it fails.
    @discardableResult
    static func run(_ arguments: [String]) throws(LanError) -> String {
        let process = try ChildProcess(arguments)
        let status = try process.waitForExit()
        let output = process.transcript.joined(separator: "\n")
        guard status == 0 else { throw LanError("\(arguments) ended with \(status): \(output)") }
        return output
    }
}

/// A set of namespaces, held by its first process.
final class LanSpace {
    private let holder: ChildProcess
    /// Of the first process, as this process sees it.
    let identifier: pid_t
    private var isEnded = false

    init(name: String, busConfiguration: String = "", avahiConfiguration: String = "") throws(LanError) {
        holder = try ChildProcess([
            "unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "sh", "-c",
            HostFiles.firstProcess, "sh", name, busConfiguration, avahiConfiguration,
        ])
        let ready = try holder.line("\(name) was ready") { $0.hasPrefix("ready ") }
        guard let identifier = pid_t(ready.dropFirst("ready ".count)) else { throw LanError("\(name) said \(ready)") }
        self.identifier = identifier
    }

    /// The command that runs `arguments` in these namespaces.
    func entering(_ arguments: [String]) -> [String] {
        ["nsenter", "--target", "\(identifier)", "--mount", "--net", "--pid", "--uts", "--ipc", "--"] + arguments
    }

    /// The command that runs `arguments` in this network, and otherwise where this process is: identifiers of processes
    /// outside mean what they do here.
    func enteringNetwork(_ arguments: [String]) -> [String] {
        ["nsenter", "--target", "\(identifier)", "--net", "--"] + arguments
    }

    /// The kernel ends all processes of the space before the first one counts as ended.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        Glibc.kill(identifier, SIGKILL)
        _ = holder.reap()
    }

    deinit { end() }
}

/// The bridges: a host of their own, without services.
final class LanSwitch {
    let space: LanSpace

    init(segments: Int) throws(LanError) {
        space = try LanSpace(name: "switch")
        for segment in 0..<segments {
            try ip("link", "add", "segment\(segment)", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
            try ip("link", "set", "segment\(segment)", "up")
        }
    }

    /// Plugs `interface` of the namespaces of process `identifier` into a segment.
    func plug(_ port: String, segment: Int, interface: String, of identifier: pid_t) throws(LanError) {
        try ip("link", "add", port, "type", "veth", "peer", "name", interface, "netns", "\(identifier)")
        try ip("link", "set", port, "master", "segment\(segment)", "up")
    }

    func ip(_ arguments: String...) throws(LanError) { try LanHosts.run(space.enteringNetwork(["ip"] + arguments)) }

    func shape(_ port: String, rate: String) throws(LanError) {
        try LanHosts.run(space.enteringNetwork(LanHost.shaping(port, rate: rate)))
    }
}
