import Glibc

/// One host of a pretended network. Segments are counted within the host: 0 is what `eth0` is plugged into.
public final class LanHost {
    /// From 1.
    public let number: Int
    private let segments: [Int]
    private let network: LanSwitch
    private let space: LanSpace
    private var bus: HostProcess?
    private var avahi: HostProcess?

    /// Its name, and with `.local` its name by mDNS.
    public var name: String { "host\(number)" }

    init(number: Int, segments: [Int], network: LanSwitch, plan: LanPlan) throws(LanError) {
        (self.number, self.segments, self.network) = (number, segments, network)
        space = try LanSpace(
            name: "host\(number)", busConfiguration: HostFiles.bus,
            avahiConfiguration: HostFiles.avahi(
                hostName: "host\(number)", ipv6: plan.ipv6, extra: plan.avahiConfiguration))
        for (index, segment) in segments.enumerated() {
            let interface = "eth\(index)"
            try network.plug(port(index), segment: segment, interface: interface, of: space.identifier)
            // Without the search for duplicates, link-local addresses stand at once.
            let setting = plan.ipv6 ? "accept_dad" : "disable_ipv6"
            let file = "/proc/sys/net/ipv6/conf/\(interface)/\(setting)"
            try run(["sh", "-c", "if [ -e \(file) ]; then echo \(plan.ipv6 ? 0 : 1) > \(file); fi"])
            try run(["ip", "address", "add", "\(address(segment: index))/24", "dev", interface])
            try run(["ip", "link", "set", interface, "up"])
        }
    }

    /// The identifier of its first process, as this machine sees it: what `nsenter --target` wants.
    public var identifier: Int32 { space.identifier }

    /// Its IPv4 address; 198.18.0.0/15 is set aside for tests (RFC 2544).
    public func address(segment: Int = 0) -> String { "198.18.\(segments[segment]).\(number)" }

    // MARK: Commands

    /// Starts a command; its output comes as lines.
    public func start(_ command: [String], environment: [String: String] = [:]) throws(LanError) -> HostProcess {
        try HostProcess(command, environment: environment, space: space)
    }

    /// Runs a command to its end. Throws with its output if it fails.
    @discardableResult
    public func run(_ command: [String]) throws(LanError) -> String { try LanHosts.run(space.entering(command)) }

    // MARK: Services

    public func startBus() throws(LanError) {
        try run(["rm", "-f", "/run/dbus/system_bus_socket"])
        let bus = try start([
            "dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile", "--print-address",
        ])
        try bus.process.line("the bus of \(name) listened") { $0.hasPrefix("unix:") }
        self.bus = bus
    }

    public func stopBus() throws(LanError) {
        try bus?.end(with: SIGTERM)
        bus = nil
    }

    /// Starts the Avahi daemon and waits until its host name stands.
    public func startAvahi() throws(LanError) {
        try beginAvahi()
        try awaitAvahi()
    }

    func beginAvahi() throws(LanError) {
        // A killed daemon leaves both behind.
        try run(["rm", "-f", "/run/avahi-daemon/pid", "/run/avahi-daemon/socket"])
        avahi = try start([
            "avahi-daemon", "--file=/run/avahi.conf", "--no-drop-root", "--no-chroot", "--no-rlimits",
            "--no-proc-title",
        ])
    }

    func awaitAvahi() throws(LanError) {
        try avahi?.process.line("Avahi on \(name) ran") { $0.contains("Server startup complete") }
    }

    /// Ends the Avahi daemon, which says goodbye to the network.
    public func stopAvahi() throws(LanError) { try endAvahi(with: SIGTERM) }

    /// Ends the Avahi daemon without a goodbye.
    public func killAvahi() throws(LanError) { try endAvahi(with: SIGKILL) }

    private func endAvahi(with signal: Int32) throws(LanError) {
        try avahi?.end(with: signal)
        avahi = nil
    }

    // MARK: Cables and power

    /// Pulls a cable at the switch's side: the host sees that it has no carrier.
    public func pullCable(segment: Int = 0) throws(LanError) { try network.ip("link", "set", port(segment), "down") }

    public func plugCable(segment: Int = 0) throws(LanError) { try network.ip("link", "set", port(segment), "up") }

    /// Limits what it sends and receives on a segment: `rate` as tc has it, `100mbit`.
    public func shape(segment: Int = 0, rate: String) throws(LanError) {
        try run(Self.shaping("eth\(segment)", rate: rate))
        try network.shape(port(segment), rate: rate)
    }

    /// Ends all its processes at once, without a goodbye. It doesn't come back.
    public func crash() { space.end() }

    static func shaping(_ device: String, rate: String) -> [String] {
        ["tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "256kb", "latency", "50ms"]
    }

    private func port(_ index: Int) -> String { "h\(number)e\(index)" }
}

/// A process on a host.
public final class HostProcess {
    /// Lines of its output, lines to its input.
    public let process: ChildProcess
    /// As the host sees it.
    public let identifier: Int32
    private let space: LanSpace

    init(_ command: [String], environment: [String: String], space: LanSpace) throws(LanError) {
        self.space = space
        // The shell becomes the command, so its identifier is the command's.
        process = try ChildProcess(
            space.entering(["sh", "-c", "echo $$; exec \"$@\"", "sh"] + command), environment: environment)
        guard let line = try process.nextLine(within: 45), let identifier = Int32(line) else {
            throw LanError("\(command) could not be started: \(process.transcript)")
        }
        self.identifier = identifier
    }

    public func signal(_ signal: Int32) throws(LanError) {
        try LanHosts.run(space.entering(["sh", "-c", "kill -\(signal) \(identifier)"]))
    }

    /// Sends a signal and waits for the end, which may have come by itself: the Avahi daemon goes with its bus.
    /// - Returns: the exit status as a shell has it.
    @discardableResult
    public func end(with signal: Int32) throws(LanError) -> Int32 {
        try LanHosts.run(space.entering(["sh", "-c", "kill -\(signal) \(identifier) 2> /dev/null || :"]))
        return try process.waitForExit()
    }
}
