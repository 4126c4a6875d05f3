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
                if !allFailures.isEmpty { return }
            }
            if !asking, devices.contains(where: { $0.machine?.activity == .held }) { return }
            // What comes later than this is a periodic scan.
            let next = devices.compactMap { $0.machine?.nextDeadline }.min()
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
        checkEqual()
        checkHeads()
        checkContents()
        checkAuthors()
        checkForgotten()
        checkGone()
    }

    /// Nobody took anything from one who may announce nothing, and it told nothing.
    private mutating func checkAuthors() {
        for reader in readers where isReader(reader) {
            for device in devices {
                for record in device.index.rows.values.compactMap(\.counted)
                where record.version.entries.contains(where: { $0.author.device == devices[reader].id }) {
                    failures.append("\(device.name) has \(record.path) of d\(reader), which announces nothing")
                }
            }
        }
    }

    private mutating func checkEqual() {
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

    /// Whoever is connected has read and acknowledged all of each other's log, and was told so.
    private mutating func checkHeads() {
        for link in links {
            for side in 0..<2 {
                let (one, other) = (devices[link.devices[side]], devices[link.devices[1 - side]])
                let head = one.index.mark.sequence
                let peer = other.index.peers[one.id]
                if peer?.receivedSequence ?? 0 != head {
                    failures.append("\(other.name) has \(peer?.receivedSequence ?? 0) of \(head) of \(one.name)")
                }
                guard let seen = one.machine?.status.members.first(where: { $0.member.device == other.id }) else {
                    continue
                }
                if seen.needFiles != 0 || seen.isUnflushed || seen.rootDigest != other.index.digest.live {
                    failures.append("\(one.name) was not told how \(other.name) stands: \(seen)")
                }
                let acknowledged = one.acknowledged[other.id] ?? 0
                if acknowledged != head {
                    failures.append("\(other.name) acknowledged \(acknowledged) of \(head) of \(one.name)")
                }
            }
        }
    }

    /// What a scan found and no user removed stands somewhere; copies come from conflicts only.
    private mutating func checkContents() {
        guard let first = devices.first else { return }
        let destroyed = devices.reduce(into: Set<Content>()) { $0.formUnion($1.disk.destroyed) }
        let seen = devices.reduce(into: Set<Content>()) { $0.formUnion($1.seen) }
        // What a reader made stays there, or goes to its history when it is taken back.
        let there = readers.reduce(into: Set(first.disk.entries.values.map(\.content))) { there, reader in
            there.formUnion(devices[reader].disk.entries.values.map(\.content))
            there.formUnion(devices[reader].disk.history)
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

    /// All have forgotten the same deletions, and those completely.
    private mutating func checkForgotten() {
        guard let first = devices.first else { return }
        for device in devices {
            if device.index.cut != first.index.cut { failures.append("cuts of d0 and \(device.name)") }
            for row in device.index.rows.values where row.counted?.isForgotten(by: device.index.cut) == true {
                failures.append("\(device.name) has not forgotten \(row.record.path)")
            }
        }
    }

    /// What was gone everywhere when all was quiet before, and nobody made since, is not back.
    private mutating func checkGone() {
        let there = Set(devices.flatMap { $0.disk.entries.values.map(\.content) })
        for content in gone.intersection(there).subtracting(made) where !content.isDirectory {
            failures.append("back: \(content)")
        }
        gone = devices.reduce(into: Set<Content>()) { $0.formUnion($1.seen) }.subtracting(there)
        made = []
    }

    /// Live conflict copies, as the first device has them.
    package var copies: [RelativePath] {
        devices[0].index.rows.values.filter { $0.record.conflictOf != nil && !$0.record.isDeleted }.map(\.record.path)
            .sorted()
    }
}
