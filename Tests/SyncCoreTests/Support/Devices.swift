import ModelFolder
import SyncCore
import SyncModel

/// Devices around one folder and the users at them.
struct Devices {
    var user: ModelUser
    var devices: [ModelDevice]
    var failures: [String] = []
    /// If set, users only make things in directories, and the first so many devices' rename directories.
    var renamers: Int?

    init(seed: UInt64, count: Int) {
        user = ModelUser(seed: seed)
        user.sharedContents = 5
        devices = (0..<count).map { ModelDevice($0) }
    }

    mutating func run(rounds: Int) {
        for _ in 0..<rounds { disturb() }
        settle()
        check()
    }

    /// One event at one device.
    private mutating func disturb() {
        let index = user.number(devices.count)
        switch user.number(8) {
        case 0, 1, 2: edit(index)
        case 3: devices[index].observe()
        case 4, 5: exchange(from: index, to: user.number(devices.count), limit: 1 + user.number(6))
        default:
            _ = devices[index].wave(&user, percent: 60) { device, user in
                if user.chance(15), renamers == nil { user.edit(&device.disk) }
            }
        }
    }

    private mutating func edit(_ index: Int) {
        guard let renamers else { return user.edit(&devices[index].disk) }
        user.rearrange(&devices[index].disk, renaming: index < renamers)
    }

    mutating func exchange(from: Int, to: Int, limit: Int) {
        if from == to { return }
        devices[to].receive(devices[from].log(for: to, limit: limit))
    }

    /// Without users, until nothing moves any more.
    mutating func settle() {
        for round in 0..<200 {
            var isQuiet = true
            for index in devices.indices {
                devices[index].observe()
                for other in devices.indices where other != index {
                    let log = devices[index].log(for: other, limit: .max)
                    if !log.isEmpty { isQuiet = false }
                    devices[other].receive(log)
                }
            }
            for index in devices.indices where !devices[index].needs.isEmpty {
                isQuiet = false
                _ = devices[index].wave(&user, percent: round > 10 ? 100 : 80)
            }
            if isQuiet { return }
        }
        let left = devices.map { $0.needs.values.map { "\($0.path) \($0.state)" } }
        failures.append("never quiet: \(left)")
    }

    mutating func check() {
        guard let first = devices.first else { return }
        for device in devices.dropFirst() {
            failures += first.disk.differences(from: device.disk).map { "0 and \(device.number): \($0)" }
            for path in Set(first.rows.keys).union(device.rows.keys).sorted() {
                let (left, right) = (first.rows[path]?.record.agreed, device.rows[path]?.record.agreed)
                if left != right { failures.append("records of \(path)") }
            }
        }
        let destroyed = devices.reduce(into: Set<Content>()) { $0.formUnion($1.disk.destroyed) }
        let saved = devices.reduce(into: Set<Content>()) { $0.formUnion($1.seen) }
        let there = Set(first.disk.entries.values.map(\.content))
        for content in saved.subtracting(destroyed).subtracting(there) where !content.isDirectory {
            failures.append("lost: \(content)")
        }
    }
}

extension FileRecord {
    /// Without what is outside the digest.
    var agreed: FileRecord {
        var record = self
        record.movedFrom = nil
        record.lineage = []
        return record
    }
}
