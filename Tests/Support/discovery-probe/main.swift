import AvahiDiscovery
import Glibc
import SyncModel

// discovery-probe LETTER PORT [SERVICE-NAME]: a device whose DeviceID is made of LETTER announces itself and prints
// what it finds, a line an event. Devices A to Z are told apart by their hints. Orders come as lines:
// `pairing NAME`, `private`, `rotate`, `port NUMBER`, `withdraw`, `stop`.

let arguments = CommandLine.arguments
guard arguments.count >= 3, let letter = arguments[1].utf8.first, let firstPort = UInt16(arguments[2]) else {
    Probe.say("usage: discovery-probe LETTER PORT [SERVICE-NAME]")
    exit(64)
}
var probe = Probe(port: firstPort, serviceName: arguments.count > 3 ? arguments[3] : nil)
let discovery = try Discovery(device: Probe.device(letter)) { Probe.say(Probe.line($0)) }
discovery.announce(try probe.announcement)
orders: while let line = readLine() {
    let words = line.split(separator: " ", maxSplits: 1).map { String($0) }
    switch words.first {
    case "pairing": probe.pairingName = words.last
    case "private": probe.pairingName = nil
    case "rotate": probe.salt = .random()
    case "port": probe.port = words.last.flatMap { UInt16($0) } ?? probe.port
    case "withdraw":
        discovery.announce(nil)
        continue
    case "stop": break orders
    default: continue
    }
    discovery.announce(try probe.announcement)
}
discovery.stop()
Probe.say("stopped")
