package import ModelFolder
package import SyncCore
package import SyncEngine
package import SyncModel

/// One device: a folder's machine, and an interpreter of its effects around an index and a disk in memory.
///
/// What in production runs on threads of its own is here a queue, of which the world lets one item happen at a time.
/// What comes of it waits in `inbox`, like everything else that the machine is told.
package struct SimulatedDevice: Sendable {
    package let number: Int
    package let id: DeviceID
    package let name: String
    package var disk: ModelDisk
    package internal(set) var index: SimulatedIndex
    /// Nil while the device is down.
    package internal(set) var machine: FolderMachine?
    /// When the machine is to be woken next: it changes only with what the machine is told.
    private(set) var deadline: UInt64?
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
    /// By directories out of which files went under their names: into which.
    var carried: [RelativePath: RelativePath] = [:]
    var reads: [[AdaptiveDeferral.Due]] = []
    var read: Read?
    var looks: [Look] = []
    /// In how many of a thousand cases a file is looked at twice, because its stat may hide a change.
    var secondLooks = 0
    /// Batches that were given and not yet taken.
    var outstanding = 0
    /// Whether walks get nowhere meanwhile: of a huge folder they take long.
    package var holdsWalks = false
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
    private var hasLostPower = false
    /// The machine's last start, if there was one since the first.
    private var restart: MachineStart?
    /// Applied and not flushed; of these, names that were new.
    var dirty: Set<RelativePath> = []
    var fresh: Set<RelativePath> = []
    /// The index as a power failure may leave it, where the last commits were not flushed.
    var flushedIndex: SimulatedIndex?
    /// The disk before each step since the last flush: a power failure leaves one of these.
    var instants: [ModelDisk] = []
    /// Whether a power failure may leave each path as it was at another of these instants.
    package var mixesInstants = false
    /// Files that can't be read.
    var unreadable: Set<RelativePath> = []
    /// Files that could not be read once: they are read whenever that is asked for, as by `PathReader`.
    var onceUnreadable: Set<RelativePath> = []
    /// What the folder knows of how far its index has come.
    var mark: IndexMark?
    /// A copy of this device, on another machine that is off: one at most.
    var twin: [SimulatedDevice] = []
    /// What the index was when it was copied.
    var backup: SimulatedIndex?
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
    /// Effects that were made to fail.
    var failedEffects = 0
    /// Ready needs that were looked at, each time counted.
    package internal(set) var looked = 0
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

    mutating func handle(_ event: FolderEvent, at moment: Moment) -> [FolderEffect] {
        let effects = machine?.handle(event, at: moment) ?? []
        deadline = machine?.nextDeadline
        return effects
    }

    mutating func fail(_ text: String) { failures.append("\(name): \(text)") }

    /// The members of a folder of so many devices.
    package static func members(_ count: Int) -> [FolderMember] {
        (0..<count).map { FolderMember(device: sampleDevice(UInt64($0)), role: .readWrite, name: "d\($0)") }
    }

    // MARK: Life

    /// Starts the machine, with what is left of an earlier life.
    package mutating func start(
        members: [FolderMember], restarted: Bool, budget: DeletionBudget = DeletionBudget(),
        collectionSeconds: Int64 = Limits.collectionSeconds
    ) {
        machine = FolderMachine(
            folder: index.folder, device: id, isPaused: false, members: members, budget: budget,
            collectionSeconds: collectionSeconds, hashing: simulatedHash)
        deadline = machine?.nextDeadline
        isRecovering = true
        if restarted || hasLostPower { restart = MachineStart(id: "\(crashedAt)", at: crashedAt) }
        hasLostPower = false
        inbox.append(.opened(recover()))
    }

    /// Like `FolderDisk.recover`.
    mutating func recover(doubting: Bool = false) -> FolderOpening {
        if index.isRebuilding { flushed() }
        let intents = index.needs.values.filter { $0.state == .applying || $0.state == .unflushed }
        var transaction = IndexTransaction()
        for need in index.needs(.staged, after: nil, limit: .max) {
            guard case .file(let content) = need.target.content, content.size > 0, !stage.contains(content) else {
                continue
            }
            transaction.needChanges.append(NeedChange(path: need.path, state: .wanted))
        }
        _ = index.commit(transaction)
        if !transaction.isEmpty { flushedIndex = nil }
        let committed = index.committed
        return FolderOpening(
            status: committed.status, digest: committed.digest,
            peers: index.peers.values.sorted { $0.device < $1.device },
            intents: intents.map(\.path).sorted().map { disk.observe($0) },
            returned: Set(
                intents.filter { need in
                    guard need.state == .unflushed,
                        let content = disk[need.path]?.content.trace(hashing: simulatedHash)
                    else { return false }
                    return index.hasHeld(content, at: need.path)
                }.map(\.path)),
            releases: index.releases.values.sorted { $0.author < $1.author },
            restart: index.boot == restart?.id ? nil : restart, afterFailedFlush: doubting)
    }

    /// A flush fails: of what has new names some bytes never reach the disk, and the next flush says nothing of them.
    mutating func loseWrites(_ user: inout ModelUser) {
        for path in fresh.sorted() where user.chance(30) {
            guard case .file(let file)? = disk[path]?.content, file.size > 0 else { continue }
            let lost = FileContent(size: file.size, hash: ContentHash(sampleBytes(user.generator.next())))
            disk.tear(path, to: lost)
        }
        fresh = []
    }

    /// The process dies: what is in memory is gone.
    mutating func crash() {
        (machine, deadline) = (nil, nil)
        crashedAt = disk.time
        (inbox, lane, walks, reads, fetches, carried) = ([], [], [], [], [], [:])
        (awaited, wave, walk, read, looks) = (nil, nil, nil, nil, [])
        (inline, connected, outstanding) = ([:], [], 0)
    }

    /// While it is down, its index is lost: a new one takes its place.
    mutating func loseIndex(epoch: UInt64) {
        index = SimulatedIndex(
            folder: index.folder, device: id, epoch: IndexEpoch(epoch + UInt64(number) * 1_000), boot: restart?.id,
            rebuilding: true)
        mark = IndexMark(index.status)
        flushedIndex = nil
        (announced, acknowledged) = ([:], [:])
    }

    /// While it is down, its index is put back to what it was. Nobody does so before the system has written all.
    mutating func putBack(_ backup: SimulatedIndex) {
        index = backup
        flushedIndex = nil
        flushed()
    }

    /// Another copy of the same device takes this one's place, while both are down.
    mutating func giveWay(to next: SimulatedDevice) {
        var own = self
        own.twin = []
        self = next
        twin = [own]
        (announced, acknowledged, backup) = ([:], [:], nil)
        // What was found stays to be accounted for, and what went wrong, too.
        seen.formUnion(own.seen)
        failures = own.failures
        disk.skew = own.disk.skew
        (clock, eventCount) = (own.clock, own.eventCount)
    }

    /// A row is lost, and nobody noticed. What others announced there goes with it.
    package mutating func loseRow(_ path: RelativePath) {
        index.lose(path)
        flushedIndex = nil
    }

    /// Power fails: the disk is as it was at some instant since the last flush, and of its new names some are torn. The
    /// last commits may be gone.
    mutating func losePower(_ user: inout ModelUser) {
        if let flushedIndex, user.chance(50) { index = flushedIndex }
        flushedIndex = nil
        let instant = user.number(instants.count + 1)
        let latest = disk
        if instant < instants.count { disk.revert(to: instants[instant]) }
        if mixesInstants {
            for path in dirty.sorted() {
                let other = user.number(instants.count + 1)
                disk.mix(path, as: other < instants.count ? instants[other] : latest)
            }
        }
        for path in fresh.sorted() where disk[path] != nil {
            switch user.number(3) {
            case 0:
                let torn = FileContent(size: 9, hash: ContentHash(sampleBytes(user.generator.next())))
                // Nobody wrote bytes of an empty file that could be others now.
                if case .file(let file)? = disk[path]?.content, file.size == 0 { continue }
                disk.tear(path, to: torn)
            case 1: disk.tear(path, to: nil)
            default: break
            }
        }
        flushed()
        hasLostPower = true
    }

    mutating func flushed() { (dirty, fresh, instants) = ([], [], []) }
}
