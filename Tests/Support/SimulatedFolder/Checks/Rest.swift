import ModelFolder
import SyncEngine
import SyncModel

extension SimulatedWorld {
    /// Nobody has anything left to do, to hold or to tell of.
    mutating func checkRest() {
        for device in devices {
            guard let machine = device.machine else { continue }
            if !machine.isSettled || machine.activity != .idle {
                failures.append("\(device.name) is not idle: \(machine.activity)")
            }
            if !device.index.needs.isEmpty {
                failures.append("\(device.name) needs \(device.index.needs.values.map { "\($0.path) \($0.state)" })")
            }
            if !device.dirty.isEmpty { failures.append("\(device.name) has not flushed \(device.dirty.sorted())") }
            if !device.inline.isEmpty {
                failures.append("\(device.name) holds inline contents: \(device.inline.keys.sorted())")
            }
            if device.outstanding != 0 {
                failures.append("\(device.name): \(device.outstanding) batches are not taken")
            }
            if !machine.status.problems.isEmpty {
                failures.append("\(device.name) has problems: \(machine.status.problems)")
            }
        }
    }
}
