package import ModelFolder
package import SyncCore
package import SyncEngine
package import SyncModel
package import WireProtocol

/// Devices that share one folder, the connections between them, and time: everything that happens is drawn from a seed.
///
/// One thing happens at a time, any of those that could happen next: a machine takes what it was told, a thread does a
/// piece of its work, a message arrives. Only the order within one queue is kept.
package struct SimulatedWorld {
    package private(set) var seed: UInt64
    package var user: ModelUser
    package var devices: [SimulatedDevice]
    package var interference = Interference()
    /// Monotonic nanoseconds.
    package var now: UInt64 = 1_000_000_000
    package internal(set) var failures: [String] = []
    /// What happened, if it is to be kept.
    package var trace: [String]?
    /// Things that happened.
    package internal(set) var steps = 0
    /// How a link is: fast ones deliver at once, slow ones seldom.
    package var slowness = 6
    /// Records in a batch, at most; nil where each link has its own.
    package var batchRecords: Int?
    /// Batches in which one entry stood for the records of a directory's move.
    package internal(set) var foldedMoves = 0
    /// Requests for logs that tell of them by their records.
    package internal(set) var declinedMoves = 0
    /// Answers to barriers, by who asked.
    package internal(set) var barrierAnswers: [(device: Int, answer: BarrierReached)] = []
    var counted: [Incident: Int] = [:]
    var links: [SimulatedLink] = []
    /// Contents that stood somewhere and were gone when all was quiet last, and what users made since.
    var gone: Set<Content> = []
    var made: Set<Content> = []
    package internal(set) var members: [FolderMember]
    /// Devices that were removed from the folder.
    package internal(set) var removed: Set<Int> = []
    /// Pairs that can't connect.
    var parted: Set<[Int]> = []
    /// Who has not noticed yet that a link is gone, and to whom.
    var unnoticed: [(device: Int, other: Int)] = []
    /// Devices that could announce nothing from the start on.
    package private(set) var readers: Set<Int> = []
    package var budget = DeletionBudget()
    /// For how long a cut is known before deletions are forgotten by it.
    package var collectionSeconds = Limits.collectionSeconds
    /// The epochs of indices that were made.
    private var epochs: UInt64 = 1

    package static let folder = FolderID(high: 7, low: 7)

    package init(seed: UInt64, count: Int) {
        self.seed = seed
        user = ModelUser(seed: seed, file: simulatedFile)
        members = SimulatedDevice.members(count)
        devices = (0..<count).map { SimulatedDevice(number: $0, folder: Self.folder) }
    }

    /// The same world at the same moment: what happens from now on is drawn from another seed, and counted anew.
    package func drawn(from seed: UInt64) -> SimulatedWorld {
        var world = self
        world.user = ModelUser(seed: seed, file: simulatedFile)
        (world.seed, world.steps, world.counted) = (seed, 0, [:])
        return world
    }

    static func id(_ number: Int) -> DeviceID { sampleDevice(UInt64(number)) }

    func number(of device: DeviceID) -> Int? { devices.firstIndex { $0.id == device } }

    /// All that went wrong so far.
    package var allFailures: [String] { failures + devices.flatMap(\.failures) }
    /// Whether that is nothing: asked at every step.
    var isSound: Bool { failures.isEmpty && devices.indices.allSatisfy { devices[$0].failures.isEmpty } }

    package mutating func fail(_ text: String) { failures.append(text) }

    mutating func note(_ text: @autoclosure () -> String) {
        if trace != nil { trace?.append("\(now / 1_000_000) \(text())") }
    }

    // MARK: Roles

    /// Gives a device another role; everyone hears of it at once.
    package mutating func setRole(_ role: Role, of index: Int) {
        note("d\(index) is \(role)")
        members[index].role = role
        if role != .readWrite { readers.insert(index) }
        for other in devices.indices { tell(other, .membersChanged(present)) }
    }

    func isReader(_ index: Int) -> Bool { members[index].role != .readWrite }

    // MARK: Life and connections

    package mutating func startAll() { for index in devices.indices { start(index) } }

    package mutating func start(_ index: Int, restarted: Bool = false) {
        if devices[index].mark?.isAhead(of: devices[index].index.status) == true { renewIndex(index) }
        note("d\(index) starts")
        devices[index].start(
            members: present, restarted: restarted, budget: budget,
            collectionSeconds: collectionSeconds)
    }

    /// The process ends at once; links go down.
    package mutating func crash(_ index: Int, powerFails: Bool = false) {
        note("d\(index) crashes, power fails: \(powerFails)")
        for other in devices.indices { disconnect(index, other) }
        noticeCuts { $0 == index || $1 == index }
        devices[index].crash()
        count(powerFails ? .powerLosses : .crashes)
        if powerFails { devices[index].losePower(&user) }
    }

    /// The process ends, and its index is lost. Others forget how far that was acknowledged.
    package mutating func loseIndex(_ index: Int) {
        crash(index)
        renewIndex(index)
    }

    /// Another index takes the place of a device's, which is down.
    mutating func renewIndex(_ index: Int) {
        note("d\(index) loses its index")
        count(.lostIndices)
        epochs += 1
        devices[index].loseIndex(epoch: epochs)
        forgetAcknowledgements(of: index)
    }

    /// Its log is another one from now on.
    mutating func forgetAcknowledgements(of index: Int) {
        for other in devices.indices { devices[other].acknowledged[devices[index].id] = nil }
    }

    package func areConnected(_ first: Int, _ second: Int) -> Bool {
        links.contains { $0.devices.contains(first) && $0.devices.contains(second) }
    }

    package mutating func connect(_ first: Int, _ second: Int) {
        guard first != second, !areConnected(first, second), devices[first].isUp, devices[second].isUp,
            !parted.contains([first, second].sorted()), removed.isDisjoint(with: [first, second])
        else { return }
        noticeCuts { [$0, $1].sorted() == [first, second].sorted() }
        note("d\(first) and d\(second) connect")
        let drawn = user.chance(50) ? Limits.batchRecords : 1 + user.number(4)
        links.append(
            SimulatedLink(
                first, second, slowness: [1 + user.number(slowness), 1 + user.number(slowness)],
                batchRecords: batchRecords ?? drawn))
        devices[first].inbox.append(.memberConnected(devices[second].id))
        devices[second].inbox.append(.memberConnected(devices[first].id))
    }

    package mutating func disconnect(_ first: Int, _ second: Int) {
        guard first != second, areConnected(first, second) else { return }
        note("d\(first) and d\(second) disconnect")
        count(.cutLinks)
        links.removeAll { $0.devices.contains(first) && $0.devices.contains(second) }
        devices[first].inbox.append(.memberDisconnected(devices[second].id))
        devices[second].inbox.append(.memberDisconnected(devices[first].id))
    }

    package mutating func connectAll() {
        for first in devices.indices { for second in devices.indices where second > first { connect(first, second) } }
    }

    /// Tells a machine something.
    package mutating func tell(_ index: Int, _ event: FolderEvent) {
        if devices[index].isUp { devices[index].inbox.append(event) }
    }

    // MARK: Users

    /// Changes a disk; the watcher tells of it.
    package mutating func edit(_ index: Int, _ change: (inout ModelDisk, inout ModelUser) -> Void) {
        let before = devices[index].disk.entries
        change(&devices[index].disk, &user)
        let after = devices[index].disk.entries
        var notices: [WatchNotice] = []
        for path in Set(before.keys).union(after.keys).sorted() where before[path] != after[path] {
            if let content = after[path]?.content { made.insert(content) }
            // It is the user's now, and no longer what was applied; and whoever saves a file flushes all before it.
            devices[index].instants = []
            devices[index].dirty.remove(path)
            devices[index].fresh.remove(path)
            note(
                "d\(index) edits \(path) \(after[path].map { "\($0.content)" } ?? "gone")"
                    + (after[path].map { " \(String($0.state.mode, radix: 8)) \($0.attributes)" } ?? ""))
            notices += SimulatedWorld.notices(of: path, before: before[path], after: after[path])
        }
        count(.edits, notices.isEmpty ? 0 : 1)
        guard devices[index].isUp, !notices.isEmpty else { return }
        // Where events are lost the watcher says so.
        if interference.losesEvents, user.chance(5) { notices = [.rescan(nil)] }
        devices[index].inbox.append(.watched(notices))
    }

    /// A reader sees at a path what a wave put there and took away again, or what stands there; other paths it can't
    /// observe.
    package mutating func glimpse(
        _ index: Int, of content: Content, at paths: RelativePath..., begun: UInt64? = nil,
        unobserved: [RelativePath] = [], because kind: Problem.Kind = .permissionDenied
    ) {
        var disk = devices[index].disk
        for path in paths { disk.put(content, at: path) }
        let problems = unobserved.map { Problem(path: $0, kind: kind, message: "simulated") }
        devices[index].inbox.append(
            .observed(
                ObservedBatch(
                    observations: paths.map { disk.observe($0) }, begun: begun ?? now, problems: problems)))
    }

    private static func notices(
        of path: RelativePath, before: ModelDisk.Entry?, after: ModelDisk.Entry?
    ) -> [WatchNotice] {
        let isDirectory = (before ?? after)?.content.isDirectory == true || after?.content.isDirectory == true
        if isDirectory, after == nil { return [.changed(path), .left(path)] }
        if isDirectory, before == nil { return [.changed(path), .rescan(path)] }
        guard let before, let after, before.content != after.content else { return [.changed(path)] }
        return [.modified(path), .closed(path)]
    }
}
