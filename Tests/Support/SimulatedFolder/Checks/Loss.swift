import ModelFolder
import SyncModel

extension SimulatedWorld {
    /// What a scan found and no user removed stands somewhere; copies come from conflicts only.
    mutating func checkLoss() {
        guard let first = devices.first else { return }
        let destroyed = (devices + devices.flatMap(\.twin)).reduce(into: Set<Content>()) {
            $0.formUnion($1.disk.destroyed)
        }
        let seen = devices.reduce(into: Set<Content>()) { $0.formUnion($1.seen) }
        // What a reader made stays there, or goes to its history when it is taken back.
        var there = readers.reduce(into: Set(first.disk.entries.values.map(\.content))) { there, reader in
            there.formUnion(devices[reader].disk.entries.values.map(\.content))
            there.formUnion(devices[reader].disk.history)
        }
        // So does what a copy of a device has, which nobody meets any more.
        for twin in devices.flatMap(\.twin) {
            there.formUnion(twin.disk.entries.values.map(\.content))
            there.formUnion(twin.disk.history)
        }
        for content in seen.subtracting(destroyed).subtracting(there) { failures.append("lost: \(content)") }
        let kept = devices.reduce(into: there) { $0.formUnion($1.disk.history) }
        for device in devices {
            for row in device.index.rows.values
            where device.disk[row.record.path] != nil && !kept.contains(row.record.content) {
                if !row.record.content.isDirectory { failures.append("nowhere: \(row.record.path)") }
            }
        }
    }
}
