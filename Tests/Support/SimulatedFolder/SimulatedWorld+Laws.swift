import ModelFolder
import SyncCore
package import SyncModel
import SyncEngine

extension SimulatedWorld {
    /// Lets everything happen, time included, until nothing is left to do; text if that never comes.
    /// - Parameters:
    ///   - limit: of events, all devices together.
    ///   - asking: whether it goes on while a device asks a person; others may then wait for what is gone there.
    package mutating func settle(limit: Int = 20_000, asking: Bool = true) {
        let end = steps + limit
        while true {
            while step() {
                if steps > end { return failures.append("never quiet: \(obstacles)") }
                if !isSound { return }
            }
            if !asking, devices.contains(where: { $0.machine?.activity == .held }) { return }
            // What comes later than this is a periodic scan.
            let next = devices.indices.compactMap { devices[$0].deadline }.min()
            guard let next, next < now + Self.longNanoseconds else { return }
            now = max(now + 1, next)
            steps += 10
        }
    }

    private static let longNanoseconds: UInt64 = 600_000_000_000

    private var obstacles: [String] {
        devices.map { device in
            let needs = device.index.needs.values.map { "\($0.path) \($0.state)" }
            return "\(device.name) \(device.machine?.activity.rawValue ?? "down") needs \(needs)"
        }
    }

    /// What must hold once all is quiet and everyone is connected, directly or not.
    package mutating func checkQuiet() {
        checkRest()
        checkConvergence()
        checkAcknowledgement()
        checkLoss()
        checkReaders()
        checkForgetting()
        checkResurrection()
    }

    /// Live conflict copies, as the first device has them.
    package var copies: [RelativePath] {
        devices[0].index.rows.values.filter { $0.record.conflictOf != nil && !$0.record.isDeleted }.map(\.record.path)
            .sorted()
    }
}
