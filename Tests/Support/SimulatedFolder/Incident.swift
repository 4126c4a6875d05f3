/// What is done in a world, and what goes wrong there.
package enum Incident: String, CaseIterable, Sendable {
    case edits
    /// Contents that came from another device by themselves, not along with a record.
    case transfers
    case cutLinks = "cut links"
    case crashes
    case powerLosses = "losses of power"
    case lostIndices = "lost indices"
    case rolledBackIndices = "indices put back"
    /// Devices that were copied.
    case clones
    case removals
    case pauses
    case wrongClocks = "wrong clocks"
    case unreadableFiles = "unreadable files"
    /// Commits, flushes, steps and transfers that failed, and records that got lost.
    case failedEffects = "failed effects"
}

extension SimulatedWorld {
    /// How often which happened.
    package var incidents: [Incident: Int] {
        var incidents = counted
        incidents[.failedEffects, default: 0] += devices.reduce(0) { $0 + $1.failedEffects }
        return incidents
    }

    mutating func count(_ incident: Incident, _ times: Int = 1) { counted[incident, default: 0] += times }
}
