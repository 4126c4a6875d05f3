import LanHosts

/// A discovery-probe on a host, and what it says it knows.
final class ProbeClient {
    struct Device: Equatable {
        var letter: String
        var name: String
        var host: String
        var addresses: [String]
    }

    private let running: HostProcess
    /// By hint.
    private(set) var devices: [String: Device] = [:]
    /// `running`, or `unavailable` and the code.
    private(set) var state = ""
    private(set) var lost: [String] = []

    init(on host: LanHost, letter: String, port: Int = 22_077, serviceName: String? = nil) throws(LanError) {
        running = try host.start(
            [try Programs.built("discovery-probe"), letter, "\(port)"] + (serviceName.map { [$0] } ?? []))
    }

    func order(_ line: String) { running.process.write(line) }

    /// Reads events until `condition` holds of what is known.
    func wait(_ what: String, until condition: (ProbeClient) -> Bool) throws(LanError) {
        if condition(self) { return }
        try running.process.line(within: 60, what) { line in
            take(line)
            return condition(self)
        }
    }

    /// Waits until exactly these devices are known, each over IPv4 and IPv6 at least once.
    func waitFor(_ letters: String...) throws(LanError) {
        try wait("\(letters) were found") { probe in
            probe.devices.values.map(\.letter).sorted() == letters
                && probe.devices.values.allSatisfy { $0.has("198.18.") && $0.has("[fe80:") }
        }
    }

    func device(_ letter: String) -> Device? { devices.values.first { $0.letter == letter } }

    /// Ends it and waits for its last line.
    func stop() throws(LanError) -> Int32 {
        order("stop")
        return try running.process.waitForExit()
    }

    private func take(_ line: String) {
        let words = line.split(separator: " ").map { String($0) }
        switch words.first {
        case "found", "updated":
            guard words.count >= 5 else { return }
            devices[words[2]] = Device(
                letter: words[1], name: String(words[3].dropFirst("name=".count)),
                host: String(words[4].dropFirst("host=".count)), addresses: Array(words[5...]))
        case "lost":
            devices.removeValue(forKey: words[2])
            lost.append(words[2])
        case "state": state = words.dropFirst().prefix(2).joined(separator: " ")
        default: return
        }
    }
}

extension ProbeClient.Device {
    func has(_ prefix: String) -> Bool { addresses.contains { $0.hasPrefix(prefix) } }
}
