import ModelFolder
import SyncEngine
import SyncModel

extension SimulatedWorld {
    /// All have the same tree and the same digests, and each has what its rows say.
    mutating func checkConvergence() {
        guard let first = devices.first else { return }
        for device in devices.dropFirst() {
            let local = device.index.rows.values.filter { $0.standing == .local }.map(\.record.path)
            if !isReader(device.number), !local.isEmpty {
                failures.append("\(device.name) has local changes: \(local)")
            }
            failures += first.disk.differences(from: device.disk, without: Set(local))
                .map { "d0 and \(device.name): \($0)" }
            if device.index.digest.live != first.index.digest.live {
                failures.append("digests of d0 and \(device.name)")
            }
            if device.index.digest.tombstones != first.index.digest.tombstones {
                failures.append("digests of tombstones of d0 and \(device.name)")
            }
        }
        for device in devices {
            for row in device.index.rows.values {
                let entry = device.disk[row.record.path]
                if (entry?.content).map({ $0 != row.record.content }) ?? !row.record.isDeleted {
                    failures.append("\(device.name): \(row.record.path) is not what its row says")
                }
            }
            for path in device.disk.entries.keys where device.index.rows[path] == nil {
                failures.append("\(device.name): \(path) has no row")
            }
        }
    }
}
