internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// Directories that may be renamed with all that is in them, and those of which that is under way.
struct CarryBook: Sendable {
    /// By their old paths: looked at before the next wave, the upper ones first.
    private(set) var candidates: [RelativePath: CarriedDirectory] = [:]
    /// Renamed, and their rows not all there. After a crash the disk and the intents say so.
    private(set) var unfinished: [CarriedDirectory] = []
    /// While a directory's move is told, part by part, waves wait: once files were moved one by one, it can't be
    /// renamed any more.
    private(set) var told: Telling?

    struct Telling: Sendable {
        var devices: Set<DeviceID>
        let first: UInt64
        var last: UInt64
        /// Whether there were only new directories so far: where one came from is told after what is in it.
        var isVague = true
        /// Whether waves waited for as long as they may: they don't until nothing is left for them.
        var isOver = false
    }

    /// So many moved entries in one batch are what a directory's move may begin with.
    static let toldLeast = 8
    /// How long after a part another one is waited for in any case: what a member does now is told a little later.
    static let graceNanoseconds: UInt64 = 400_000_000
    /// How long, where there were only directories, for what is in them: as long as its member looks at its disk.
    static let vagueNanoseconds: UInt64 = 2_000_000_000
    /// How long waves wait at most.
    static let waitNanoseconds: UInt64 = 15_000_000_000

    mutating func note(_ directory: CarriedDirectory) {
        candidates[directory.from] = directory
        // Of too many the upper ones are kept.
        if candidates.count > Limits.waveRecords, let last = candidates.keys.max() { candidates[last] = nil }
    }

    mutating func takeCandidate() -> CarriedDirectory? {
        candidates.keys.min().flatMap { candidates.removeValue(forKey: $0) }
    }

    mutating func begin(_ directory: CarriedDirectory) {
        if !unfinished.contains(directory) { unfinished.append(directory) }
    }

    mutating func end(_ directory: CarriedDirectory) { unfinished.removeAll { $0 == directory } }

    // MARK: Waiting

    mutating func tell(by device: DeviceID, vaguely isVague: Bool, at now: UInt64) {
        if told == nil { told = Telling(devices: [], first: now, last: now) }
        told?.devices.insert(device)
        told?.last = now
        if !isVague { told?.isVague = false }
    }

    /// What followed the directories has nothing to do with a move.
    mutating func tellOther() { if told?.isVague == true { told = nil } }

    /// When waiting ends by itself; nil if nothing is waited for.
    func deadline(at now: UInt64) -> UInt64? {
        guard let told, !told.isOver else { return nil }
        let end = told.first + Self.waitNanoseconds
        let early = told.last + (told.isVague ? Self.vagueNanoseconds : Self.graceNanoseconds)
        let next = now < early || told.isVague ? min(early, end) : end
        return now < next ? next : nil
    }

    mutating func beginWave(at now: UInt64) {
        guard let first = told?.first else { return }
        if now >= first + Self.waitNanoseconds { told?.isOver = true } else { told = nil }
    }

    mutating func endPass() { if told?.isOver == true { told = nil } }
}

extension FolderMachine {
    /// What a batch told may be a part of a directory's move.
    mutating func noteMoves(_ task: MergeTask) {
        for need in task.decision.transaction.needs {
            if let directory = CarriedDirectory(need.target, replacing: task.view.row(need.path)) {
                carries.note(directory)
            }
        }
        guard let remote = task.remote else { return }
        let along = task.records.lazy.filter { record in
            guard let source = record.movedFrom?.path else { return false }
            return source.name == record.path.name && source.parent != record.path.parent
        }
        let isMove = along.prefix(CarryBook.toldLeast).count == CarryBook.toldLeast
        let mayFollow = remote.batch.upTo < remote.batch.head || members[remote.device]?.state?.activity == .scanning
        let isVague = mayFollow && task.records.allSatisfy(\.content.isDirectory)
        if isMove || isVague {
            carries.tell(by: remote.device, vaguely: !isMove, at: now.monotonicNanoseconds)
        } else {
            carries.tellOther()
        }
    }

    /// Whether more of a directory's move may come.
    var awaitsMoves: Bool {
        let time = now.monotonicNanoseconds
        guard let told = carries.told, carries.deadline(at: time) != nil else { return false }
        if !told.isVague, time < told.last + CarryBook.graceNanoseconds { return true }
        return told.devices.contains { device in
            guard let member = members[device], member.isConnected else { return false }
            return !member.isCaughtUp || member.state?.activity == .scanning
        }
    }
}
