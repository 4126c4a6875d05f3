package import ModelFolder
package import SyncCore
package import SyncEngine
package import SyncModel

/// One device: a folder's machine, and an interpreter of its effects around an index and a disk in memory.
///
/// What in production runs on threads of its own is here a queue, of which the world lets one item happen at a time.
/// What comes of it waits in `inbox`, like everything else that the machine is told.
package struct SimulatedDevice {
    package let number: Int
    package let id: DeviceID
    package let name: String
    package var disk: ModelDisk
    package internal(set) var index: SimulatedIndex
    /// Nil while the device is down.
    package internal(set) var machine: FolderMachine?
    /// The time when a thread of its own last did something.
    var clock: UInt64 = 0
    /// What the machine is to be told, in this order.
    var inbox: [FolderEvent] = []
    /// Effects with a ticket. The machine may have one under way.
    var lane: [FolderEffect] = []
    var awaited: Ticket?
    var wave: Wave?
    var walks: [RelativePath?] = []
    var walk: Walk?
    var reads: [[AdaptiveDeferral.Due]] = []
    /// Batches that were given and not yet taken.
    var outstanding = 0
    var fetches: [WantedContent] = []
    package internal(set) var stage: Set<FileContent> = []
    package internal(set) var inline: [UInt64: FileContent] = [:]
    var lastHandle: UInt64 = 0
    /// Members that the machine takes for connected.
    var connected: Set<Int> = []
    /// Whether no wave was begun since the folder was opened: what a crash left is being mended.
    var isRecovering = false
    /// By the clock of the disk.
    private var crashedAt = Timestamp(seconds: 0, nanoseconds: 0)
    /// The machine's last start, if there was one since the first.
    private var restart: MachineStart?
    /// Applied and not flushed; of these, names that were new.
    var dirty: Set<RelativePath> = []
    var fresh: Set<RelativePath> = []
    /// Directories that were renamed and not flushed, with their inodes.
    var unflushedMoves: [(from: RelativePath, to: RelativePath, inode: UInt64)] = []
    /// How many directories were renamed with all that was in them.
    package internal(set) var carried = 0
    /// Where in whose log a path was announced last.
    var announced: [DeviceID: [RelativePath: IndexSequence]] = [:]
    /// How far each member acknowledged this one's log.
    package internal(set) var acknowledged: [DeviceID: IndexSequence] = [:]
    /// How it answers what it ever held.
    package var witness = Witness.honest
    /// What it answers where records are compared.
    package var lister = Lister.honest
    /// Requests for buckets and records that it got.
    package internal(set) var comparisons = 0
    /// Why it cut connections off.
    package internal(set) var refusals: [String] = []
    /// Every file and link content that was found by a scan.
    package internal(set) var seen: Set<Content> = []
    package internal(set) var failures: [String] = []
    package internal(set) var eventCount = 0

    /// How a device answers whether it ever held something.
    package enum Witness: Sendable { case honest, affirming, failing, silent }

    /// How a device answers where records are compared: with what it has; with digests that it has no records to; with
    /// a page that begins anew; with records that nobody asked for; with a failure; not at all.
    package enum Lister: Sendable, CaseIterable { case honest, inventing, repeating, pushing, failing, silent }

    /// A wave under way.
    struct Wave {
        let ticket: Ticket
        let steps: [ApplyStep]
        var outcomes: [ApplyOutcome] = []
        var used: Set<FileContent> = []
    }

    package init(number: Int, folder: FolderID, epoch: UInt64 = 1) {
        self.number = number
        id = sampleDevice(UInt64(number))
        name = "d\(number)"
        disk = ModelDisk(clock: UInt32(number) * 10_000_000)
        index = SimulatedIndex(folder: folder, device: id, epoch: IndexEpoch(epoch + UInt64(number) * 1_000))
    }

    package var isUp: Bool { machine != nil }

    mutating func fail(_ text: String) { failures.append("\(name): \(text)") }

    /// The members of a folder of so many devices.
    package static func members(_ count: Int) -> [FolderMember] {
        (0..<count).map { FolderMember(device: sampleDevice(UInt64($0)), role: .readWrite, name: "d\($0)") }
    }

    // MARK: Life

    /// Starts the machine, with what is left of an earlier life.
    package mutating func start(members: [FolderMember], restarted: Bool, budget: DeletionBudget = DeletionBudget()) {
        machine = FolderMachine(
            folder: index.folder, device: id, isPaused: false, members: members, budget: budget, hashing: simulatedHash)
        isRecovering = true
        if restarted { restart = MachineStart(id: "\(crashedAt)", at: crashedAt) }
        inbox.append(.opened(recover()))
    }

    /// Like `FolderDisk.recover`.
    private mutating func recover() -> FolderOpening {
        let intents = index.needs.values.filter { $0.state == .applying || $0.state == .unflushed }
        var transaction = IndexTransaction()
        for need in index.needs(.staged, after: nil, limit: .max) {
            guard case .file(let content) = need.target.content, content.size > 0, !stage.contains(content) else {
                continue
            }
            transaction.needChanges.append(NeedChange(path: need.path, state: .wanted))
        }
        _ = index.commit(transaction)
        let committed = index.committed
        let carried = intents.compactMap { need -> CarriedDirectory? in
            guard need.state == .applying, let row = index.rows[need.path],
                let directory = CarriedDirectory(need.target, replacing: row),
                index.needs[directory.to]?.state == .applying, let disk = row.disk,
                self.disk[directory.to]?.state.sameContent(as: disk) == true
            else { return nil }
            return directory
        }
        let ends = Set(carried.flatMap { [$0.from, $0.to] })
        return FolderOpening(
            status: committed.status, digest: committed.digest,
            peers: index.peers.values.sorted { $0.device < $1.device },
            intents: intents.map(\.path).filter { !ends.contains($0) }.sorted().map { disk.observe($0) },
            returned: Set(
                intents.filter { need in
                    guard need.target.isDeleted, case .file(let content)? = disk[need.path]?.content else {
                        return false
                    }
                    return index.hasHeld(content, at: need.path)
                }.map(\.path)), carried: carried,
            releases: index.releases.values.sorted { $0.author < $1.author },
            restart: index.boot == restart?.id ? nil : restart)
    }

    /// The process dies: what is in memory is gone.
    mutating func crash() {
        machine = nil
        crashedAt = disk.time
        (inbox, lane, walks, reads, fetches) = ([], [], [], [], [])
        (awaited, wave, walk) = (nil, nil, nil)
        (inline, connected, outstanding) = ([:], [], 0)
    }

    /// While it is down, its index is lost: a new one takes its place.
    mutating func loseIndex(epoch: UInt64) {
        index = SimulatedIndex(
            folder: index.folder, device: id, epoch: IndexEpoch(epoch + UInt64(number) * 1_000), boot: restart?.id,
            rebuilding: true)
        (announced, acknowledged) = ([:], [:])
    }

    /// A row is lost, and nobody noticed. What others announced there goes with it.
    package mutating func loseRow(_ path: RelativePath) { index.lose(path) }

    /// Power fails: new names that were not flushed are torn or gone, and what was renamed may be where it was.
    mutating func tear(_ user: inout ModelUser) {
        for move in unflushedMoves.reversed() where disk[move.to]?.state.inode == move.inode && user.chance(50) {
            disk.rename(move.to, to: move.from)
        }
        unflushedMoves = []
        for path in fresh.sorted() {
            switch user.number(3) {
            case 0: disk.tear(path, to: FileContent(size: 9, hash: ContentHash(sampleBytes(user.generator.next()))))
            case 1: disk.tear(path, to: nil)
            default: break
            }
        }
        (dirty, fresh) = ([], [])
    }
}
