import SyncCore
import SyncModel

extension SimulatedWorld {
    /// All have forgotten the same deletions, and those completely.
    mutating func checkForgetting() {
        guard let first = devices.first else { return }
        for device in devices {
            if device.index.cut != first.index.cut { failures.append("cuts of d0 and \(device.name)") }
            for row in device.index.rows.values where row.counted?.isForgotten(by: device.index.cut) == true {
                failures.append("\(device.name) has not forgotten \(row.record.path)")
            }
        }
    }
}
