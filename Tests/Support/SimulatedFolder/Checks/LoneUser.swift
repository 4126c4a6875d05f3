package import ModelFolder

extension SimulatedWorld {
    /// What one person made alone is what all have, and no conflict. An attribute of an earlier entry of a path may
    /// come back (the architecture page, "What is not there yet").
    package mutating func checkLoneUser(made: ModelDisk) {
        failures += copies.map { "a conflict copy of one user: \($0)" }
        let differences = devices.flatMap { $0.disk.differences(from: made) }
        failures += differences.filter { !$0.hasPrefix("attributes of ") }
    }

    /// After nothing but a rename no content was transferred.
    package mutating func checkRename() {
        let transfers = incidents[.transfers] ?? 0
        if transfers > 0 { failures.append("a rename transferred \(transfers) contents") }
    }
}
