import ModelFolder
import SyncCore
import SyncModel

/// Devices made of the production functions, and the deeds of the people at them.
package struct SmallWorld {
    /// What a device knows of deeds: from what it shows, and from what it has heard of as well.
    struct Knowledge: Hashable {
        var shown: Deed.Deeds = 0
        var heard: Deed.Deeds = 0
    }

    static let paths = ["p", "q"].map(samplePath)

    var devices: [ModelDevice]
    var knowledge: [Knowledge]
    /// By device.
    var deeds: [[Deed]]
    /// What was broken on the way: a record went back, or something was never done with.
    var failures: [String] = []
    private var user = ModelUser(seed: 1)

    /// - Parameter isReversed: whether the devices' identities have the other order. Some ties are settled by it.
    package init(devices count: Int, isReversed: Bool = false) {
        devices = (0..<count).map { ModelDevice(isReversed ? count - 1 - $0 : $0) }
        knowledge = Array(repeating: Knowledge(), count: count)
        deeds = Array(repeating: [], count: count)
    }

    var allDeeds: [Deed] { deeds.flatMap { $0 } }

    // MARK: Events

    /// - Returns: whether anything happened.
    package mutating func happen(_ event: ScopeEvent) -> Bool {
        switch event {
        case .write(let device, let path, let writing): write(device, Self.paths[path], content(device, writing))
        case .delete(let device, let path): delete(device, Self.paths[path])
        case .rename(let device, let from, let to): rename(device, Self.paths[from], Self.paths[to])
        case .hear(let device, let other): hear(device, from: other)
        case .take(let device, let other): take(device, from: other)
        }
    }

    /// Contents are numbered by device, so that what happens apart from each other leads to one state in any order.
    private func content(_ device: Int, _ writing: ScopeEvent.Writing) -> Content {
        let rank = UInt8(deeds[device].count * devices.count + device + 1)
        let first: UInt8 =
            switch writing {
            case .greater: 128 + rank
            case .x: 128
            case .y: 127
            case .smaller: 127 - rank
            }
        let bytes = [first] + Array(repeating: 0, count: 31)
        return .file(FileContent(size: 1, hash: ContentHash(bytes.withUnsafeBytes { Bytes32($0) })))
    }

    private mutating func write(_ device: Int, _ path: RelativePath, _ content: Content) -> Bool {
        let before = devices[device].disk[path]?.content
        if before == content { return false }
        devices[device].disk.put(content, at: path)
        did(device, placed: content, destroyed: before, isWriting: true)
        return true
    }

    private mutating func delete(_ device: Int, _ path: RelativePath) -> Bool {
        guard let before = devices[device].disk[path]?.content else { return false }
        devices[device].disk.remove(path)
        did(device, placed: nil, destroyed: before)
        return true
    }

    private mutating func rename(_ device: Int, _ path: RelativePath, _ target: RelativePath) -> Bool {
        guard let content = devices[device].disk[path]?.content, devices[device].disk[target] == nil else {
            return false
        }
        devices[device].disk.rename(path, to: target)
        did(device, placed: content, destroyed: nil)
        return true
    }

    private mutating func did(_ device: Int, placed: Content?, destroyed: Content?, isWriting: Bool = false) {
        let number = deeds[device].count
        precondition(number < Deed.greatestPerDevice, "a device's deeds have so many bits")
        let bit: Deed.Deeds = 1 << UInt64(device * Deed.greatestPerDevice + number)
        deeds[device].append(
            Deed(
                bit: bit, past: knowledge[device].shown, isWriting: isWriting, placed: placed, destroyed: destroyed))
        knowledge[device].shown |= bit
        knowledge[device].heard |= bit
        changing(device) { device, _ in device.observe() }
    }

    private mutating func hear(_ device: Int, from other: Int) -> Bool {
        let log = devices[other].log(for: device, limit: .max)
        if log.isEmpty { return false }
        knowledge[device].heard |= knowledge[other].shown
        changing(device) { device, _ in device.receive(log) }
        return true
    }

    mutating func take(_ device: Int, from other: Int) -> Bool {
        let isNews = hear(device, from: other)
        if !isNews, devices[device].needs.isEmpty { return false }
        changing(device) { device, user in
            for _ in 0..<20 where !device.needs.isEmpty {
                for path in device.needs.keys { device.stageContent(of: path) }
                _ = device.wave(&user, percent: 100)
            }
        }
        if !devices[device].needs.isEmpty {
            failures.append("device \(device) is never done with \(devices[device].needs.keys.sorted())")
        }
        knowledge[device].shown |= knowledge[device].heard
        return true
    }

    /// A device's records never go back.
    private mutating func changing(_ index: Int, _ change: (inout ModelDevice, inout ModelUser) -> Void) {
        let before = devices[index].rows
        change(&devices[index], &user)
        for (path, row) in before {
            guard let now = devices[index].rows[path]?.record, now.version.covers(row.record.version) else {
                failures.append("the record of \(path) went back on device \(index)")
                continue
            }
        }
    }

    // MARK: One state

    /// What can decide how it goes on: all but times, modes, inodes and the places of rows in logs.
    package func hash(into hasher: inout Hasher) {
        for (index, device) in devices.enumerated() {
            let rows = device.rows.values.sorted { $0.record.path < $1.record.path }
            for row in rows { hasher.combine(row.record.timeless) }
            for need in device.needs.values.sorted(by: { $0.path < $1.path }) {
                hasher.combine(need.target.timeless)
                hasher.combine(need.state == .staged)
            }
            for (path, entry) in device.disk.entries.sorted(by: { $0.key < $1.key }) {
                hasher.combine(path)
                hasher.combine(entry.content)
            }
            hasher.combine(device.context.counter)
            for peer in devices.indices where peer != index {
                let pending = device.rows.values.filter { $0.sequence > device.sent[peer] ?? 0 }
                hasher.combine(pending.sorted { $0.sequence < $1.sequence }.map(\.record.path))
            }
            hasher.combine(knowledge[index])
            hasher.combine(deeds[index])
        }
    }
}

extension FileRecord {
    /// Without times, modes and attributes, which decide nothing about contents.
    var timeless: FileRecord {
        var record = self
        (record.modified, record.mode, record.attributes) = (nil, nil, [])
        return record
    }

    /// What devices agree upon: `timeless`, without what is outside the digest.
    var agreed: FileRecord {
        var record = self
        record.movedFrom = nil
        record.lineage = []
        return record
    }
}
