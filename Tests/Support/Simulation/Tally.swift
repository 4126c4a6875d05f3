package import SimulatedFolder

/// What happened in many histories.
package struct Tally: CustomStringConvertible {
    private var devices = 0
    private var events = 0
    private var hours = 0.0
    private var incidents: [Incident: Int] = [:]

    package init() {}

    package mutating func add(_ world: SimulatedWorld) {
        devices += world.devices.count
        events += world.steps
        hours += Double(world.now) / 3.6e12
        incidents.merge(world.incidents, uniquingKeysWith: +)
    }

    package var description: String {
        let counts = Incident.allCases.map { "\(incidents[$0] ?? 0) \($0.rawValue)" }
        return "\(devices) devices, \(events) events, \(Int(hours)) virtual hours; " + counts.joined(separator: ", ")
    }
}
