import ModelFolder
import SyncCore
import SyncModel

/// A device made of the production functions around a disk and an index in memory: what the engine does, without its
/// messages.
struct ModelDevice {
    var disk = ModelDisk()
    var rows: [RelativePath: IndexRow] = [:]
    var needs: [RelativePath: Need] = [:]
    var context: EditContext
    var stage: Set<FileContent> = []
    /// How many paths that live below a directory are told at once.
    var listed = 3
    /// How many directories were renamed as a whole.
    private(set) var carried = 0
    /// Every content that a scan found.
    var seen: Set<Content> = []
    private(set) var sequence: UInt64 = 0
    /// How far each peer has our log.
    var sent: [Int: UInt64] = [:]
    let number: Int

    init(_ number: Int) {
        self.number = number
        context = EditContext(author: sampleAuthor(UInt64(number)), counter: 0, stampCounter: 0)
    }

    static func copyPath(_ record: FileRecord) -> RelativePath? {
        ConflictName.path(of: record, deviceName: deviceName(record.origin.author.device)) { target in
            sampleBytes(target.reduce(7) { $0 &* 31 &+ UInt64($1) })
        }
    }

    private static func deviceName(_ device: DeviceID) -> String {
        (0..<8).first { sampleDevice(UInt64($0)) == device }.map { "d\($0)" } ?? "device"
    }

    // MARK: Records

    mutating func put(_ record: FileRecord, disk: DiskState?, isSilent: Bool = false) {
        if isSilent, let row = rows[record.path] {
            rows[record.path] = IndexRow(record: record, sequence: row.sequence, disk: disk, source: row.source)
            return
        }
        sequence += 1
        rows[record.path] = IndexRow(record: record, sequence: sequence, disk: disk, source: nil)
    }

    /// Looks at the paths, or at all of them.
    mutating func observe(_ only: Set<RelativePath>? = nil) {
        var paths = only ?? Set(disk.entries.keys).union(rows.keys)
        for path in paths { paths.formUnion(disk.children(of: path)) }
        let observations = paths.sorted().map(disk.observe)
        for observation in observations { if let content = observation.content { seen.insert(content) } }
        let outcome = LocalChanges.decide(
            observations, rows: rows, targets: needs.mapValues(\.target), context: &context)
        for (path, state) in outcome.refreshes { rows[path]?.disk = state }
        for put in outcome.puts { self.put(put.record, disk: put.disk) }
        receive(outcome.puts.map(\.record) + outcome.unseen.map { conflictCopy(of: $0, at: Self.copyPathOrSame($0)) })
    }

    /// Takes announced records, or merges our own new ones with what is needed.
    mutating func receive(_ records: [FileRecord]) {
        for record in records { noteStamps(record) }
        var view: [RelativePath: FileRecord?] = [:]
        var result = reconcile(records, view: view, context: context, copyPath: Self.copyPathOrSame)
        while !result.missing.isEmpty {
            for path in result.missing { view[path] = .some(needs[path]?.target ?? rows[path]?.record) }
            result = reconcile(records, view: view, context: context, copyPath: Self.copyPathOrSame)
        }
        context = result.context
        for path in records.map(\.path) + result.targets.keys {
            guard let target = result.targets[path] ?? needs[path]?.target ?? rows[path]?.record else { continue }
            need(target)
        }
    }

    private static func copyPathOrSame(_ record: FileRecord) -> RelativePath { copyPath(record) ?? record.path }

    private mutating func need(_ target: FileRecord) {
        if rows[target.path]?.record == target {
            needs[target.path] = nil
            return
        }
        var state = NeedState.staged
        if case .file(let content) = target.content, !stage.contains(content) {
            let row = rows[target.path]
            if row?.disk == nil || row?.record.content != target.content { state = .wanted }
        }
        needs[target.path] = Need(target: target, sources: [], state: state)
    }

    private mutating func noteStamps(_ record: FileRecord) {
        let stamps = [record.modified?.stamp, record.mode?.stamp].compactMap { $0 }
        for stamp in stamps + record.attributes.map(\.value.stamp) {
            context.stampCounter = max(context.stampCounter, stamp.counter)
        }
    }

    // MARK: Waves

    mutating func stageContent(of path: RelativePath) {
        guard let need = needs[path], need.state == .wanted, case .file(let content) = need.target.content
        else { return }
        stage.insert(content)
        needs[path]?.state = .staged
    }

    /// The plan of a wave of these needs.
    func plan(_ needs: [Need]) -> Plan {
        var input = PlanInput(needs: needs, context: context)
        while true {
            let lookups = input.lookups(copyPath: Self.copyPath)
            if lookups.isEmpty { break }
            for path in lookups.paths { input.known[path] = KnownPath(row: rows[path], need: self.needs[path]) }
            for path in lookups.directories { input.below[path] = below(path) }
        }
        return Plan(input)
    }

    func below(_ directory: RelativePath) -> BelowDirectory {
        let live = rows.values.filter { $0.record.path.isBelow(directory) && !$0.record.isDeleted }
        let needed = needs.values.filter { $0.path.isBelow(directory) && !$0.target.isDeleted }
        let living = Set(needed.map(\.path)).union(live.map(\.record.path).filter { needs[$0] == nil })
        if !living.isEmpty { return .staying(Array(living.sorted().prefix(listed))) }
        return live.isEmpty ? .nothing : .leaving(live.count)
    }

    /// Settles the outcomes of a plan.
    mutating func settle(_ plan: Plan, _ outcomes: [ApplyOutcome]) -> Settlement {
        let result = plan.settle(outcomes)
        context = plan.context
        for row in result.rows { put(row.record, disk: row.disk, isSilent: row.need == nil) }
        for path in result.completed { needs[path] = nil }
        receive(plan.keepAlive.flatMap { $0.records(copyPath: Self.copyPathOrSame) } + plan.followers)
        if !result.reobserve.isEmpty { observe(result.reobserve) }
        return result
    }

    /// A wave of some of the needs. `between` runs before each step.
    mutating func wave(
        _ user: inout ModelUser, percent: Int, between: (inout ModelDevice, inout ModelUser) -> Void = { _, _ in }
    ) -> (plan: Plan, outcomes: [ApplyOutcome]) {
        carry(&user, between)
        for path in needs.keys.sorted() where user.chance(percent) { stageContent(of: path) }
        let ready = needs.values.sorted { $0.path < $1.path }
            .filter { $0.state == .staged || $0.target.movedFrom != nil }
        let plan = plan(ready.filter { _ in user.chance(percent) })
        var outcomes: [ApplyOutcome] = []
        for step in plan.steps {
            between(&self, &user)
            outcomes.append(execute(step))
        }
        _ = settle(plan, outcomes)
        for (path, reason) in plan.waiting where reason == .content { stageContent(of: path) }
        return (plan, outcomes)
    }

    /// Renames directories with all that is in them, the upper ones first.
    private mutating func carry(_ user: inout ModelUser, _ between: (inout ModelDevice, inout ModelUser) -> Void) {
        for path in needs.keys.sorted() {
            guard let need = needs[path], let directory = CarriedDirectory(need.target, replacing: rows[path]) else {
                continue
            }
            let ends = known(directory.paths)
            let below = known(Set(rows.keys).union(needs.keys).filter { $0.isBelow(path) })
            guard directory.isPossible(ends), let places = directory.places(of: below),
                directory.carries(below, to: known(places)), let step = directory.step(ends)
            else { continue }
            between(&self, &user)
            guard case .applied = execute(step) else {
                observe([directory.from, directory.to])
                continue
            }
            carried += 1
            take([directory.arrival(ends)].compactMap { $0 } + directory.arrivals(below, known(places)))
            take(directory.departures(known(below.keys), isLast: true))
            take([directory.departure(ends)].compactMap { $0 })
        }
    }

    private mutating func take(_ rows: [AppliedRow]) {
        for row in rows {
            put(row.record, disk: row.disk)
            needs[row.record.path] = nil
        }
    }

    private func known(_ paths: some Sequence<RelativePath>) -> [RelativePath: KnownPath] {
        Dictionary(uniqueKeysWithValues: Set(paths).map { ($0, KnownPath(row: rows[$0], need: needs[$0])) })
    }

    /// Our log beyond what `peer` has, at most `limit` records of it.
    mutating func log(for peer: Int, limit: Int) -> [FileRecord] {
        let page = rows.values.sorted { $0.sequence < $1.sequence }
            .filter { $0.sequence > sent[peer] ?? 0 }.prefix(limit)
        if let last = page.last { sent[peer] = last.sequence }
        return page.map(\.record)
    }

    mutating func execute(_ step: ApplyStep) -> ApplyOutcome {
        let stage = stage
        return disk.execute(step) { stage.contains($0.content) }
    }
}

extension Observation {
    var content: Content? {
        switch found {
        case .absent: nil
        case .directory: .directory
        case .symlink(_, let target): .symlink(target: target)
        case .file(_, let content, _): .file(content)
        }
    }
}
