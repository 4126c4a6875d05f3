internal import SyncModel
internal import WireProtocol

/// One `wait` under way (rule 26).
struct Wait: Sendable {
    struct Barrier: Sendable {
        var token: UInt64
        var answer: BarrierReached?
    }

    struct Folder: Sendable {
        /// The scan that must be served.
        var scan: UInt64
        var barriers: [DeviceID: Barrier] = [:]
    }

    let order: WaitOrder
    var folders: [FolderID: Folder] = [:]
}

extension DeviceMachine {
    mutating func begin(_ order: WaitOrder, for command: CommandID) {
        waits[command] = Wait(order: order)
        for folder in (order.folders ?? folders.keys.sorted()) where folders[folder] != nil {
            give(.rescan, to: folder)
            let scan = folders[folder]?.status.scanRequests ?? 0
            waits[command]?.folders[folder] = Wait.Folder(scan: scan)
            for (device, _) in routes[folder] ?? [:] { ask(device, in: folder, for: command) }
        }
    }

    /// A member that connects while someone waits is asked, too.
    mutating func waitFor(_ device: DeviceID, in folder: FolderID) {
        for command in waits.keys where waits[command]?.folders[folder] != nil { ask(device, in: folder, for: command) }
    }

    private mutating func ask(_ device: DeviceID, in folder: FolderID, for command: CommandID) {
        guard let connection = routes[folder]?[device] else { return }
        lastToken += 1
        waits[command]?.folders[folder]?.barriers[device] = Wait.Barrier(token: lastToken)
        emit(.peers(.send(connection, .barrier(Barrier(folder: folder, token: lastToken)))))
    }

    mutating func noteBarrier(_ reached: BarrierReached, of device: DeviceID) {
        for command in waits.keys
        where waits[command]?.folders[reached.folder]?.barriers[device]?.token == reached.token {
            waits[command]?.folders[reached.folder]?.barriers[device]?.answer = reached
        }
    }

    mutating func evaluateWaits() {
        for (command, wait) in waits.sorted(by: { $0.key.number < $1.key.number }) {
            var reasons: [WaitOutcome.Reason] = []
            var isFinal = false
            for (folder, entry) in wait.folders.sorted(by: { $0.key < $1.key }) {
                let found = obstacle(wait, entry, folder)
                guard let found else { continue }
                reasons.append(WaitOutcome.Reason(folder: folder, message: found.message))
                isFinal = isFinal || found.isFinal
            }
            guard reasons.isEmpty || isFinal || now.monotonicNanoseconds >= wait.order.deadline else { continue }
            waits[command] = nil
            emit(.waited(command, WaitOutcome(reasons: reasons)))
        }
    }

    /// What keeps a folder from being equal everywhere; final where waiting can't help.
    private func obstacle(
        _ wait: Wait, _ entry: Wait.Folder, _ folder: FolderID
    ) -> (message: String, isFinal: Bool)? {
        guard let status = folders[folder]?.status else { return ("The folder was removed.", true) }
        switch status.activity {
        case .paused: return ("The folder is paused; run 'lanyard folder resume'.", true)
        case .held, .error: return (status.hold?.message ?? "The folder waits for a person.", true)
        default: break
        }
        if status.scansServed < entry.scan { return ("It is still being scanned here.", false) }
        let needs = status.index?.needFiles ?? 0
        if needs > 0 { return ("\(needs) entries are still needed here.", false) }
        if !status.isSettled { return ("Work is still under way here.", false) }
        let connected = status.members.filter(\.isConnected)
        for device in wait.order.devices where !connected.contains(where: { $0.member.device == device }) {
            let name = status.members.first { $0.member.device == device }?.member.name ?? device.short
            return ("\(name) is not connected.", false)
        }
        if connected.isEmpty, !status.members.isEmpty { return ("No other member is connected.", false) }
        for member in connected {
            if let obstacle = obstacle(of: member, entry, status) { return obstacle }
        }
        return nil
    }

    private func obstacle(
        of member: FolderStatus.Member, _ entry: Wait.Folder, _ status: FolderStatus
    ) -> (message: String, isFinal: Bool)? {
        let name = member.member.name
        guard let barrier = entry.barriers[member.member.device], let answer = barrier.answer else {
            // What it lacks says more than that it hasn't answered.
            if let needs = member.needFiles, needs > 0 { return ("\(name) still needs \(needs) entries.", false) }
            return ("\(name) has not finished looking at its files.", false)
        }
        if !answer.reached { return ("\(name): \(answer.reason)", true) }
        if let needs = member.needFiles, needs > 0 { return ("\(name) still needs \(needs) entries.", false) }
        if member.isUnflushed { return ("\(name) has not flushed everything yet.", false) }
        if member.rootDigest != status.rootDigest {
            return ("\(name) has other files (the root digests differ).", false)
        }
        return nil
    }
}
