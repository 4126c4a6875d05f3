package import SyncCore
package import SyncModel

/// A device made of the production functions around a disk and an index in memory: what the engine does, without its
/// messages.
package struct ModelDevice {
    package var disk = ModelDisk()
    package var rows: [RelativePath: IndexRow] = [:]
    package var needs: [RelativePath: Need] = [:]
    package var context: EditContext
    package var stage: Set<FileContent> = []
    /// How many paths that live below a directory are told at once.
    package var listed = 3
    /// How many directories were renamed as a whole.
    package private(set) var carried = 0
    /// Every content that a scan found.
    package var seen: Set<Content> = []
    package private(set) var sequence: UInt64 = 0
    /// How far each peer has our log.
    package var sent: [Int: UInt64] = [:]
    package let number: Int

    package init(_ number: Int) {
        self.number = number
        context = EditContext(author: sampleAuthor(UInt64(number)), counter: 0, stampCounter: 0)
    }

    package static func copyPath(_ record: FileRecord) -> RelativePath? {
        ConflictName.path(of: record, deviceName: deviceName(record.origin.author.device)) { target in
            sampleBytes(target.reduce(7) { $0 &* 31 &+ UInt64($1) })
        }
    }

    private static func deviceName(_ device: DeviceID) -> String {
        (0..<8).first { sampleDevice(UInt64($0)) == device }.map { "d\($0)" } ?? "device"
    }

    // MARK: Records

    package mutating func put(_ record: FileRecord, disk: DiskState?, isSilent: Bool = false) {
        if isSilent, let row = rows[record.path] {
            rows[record.path] = IndexRow(record: record, sequence: row.sequence, disk: disk, source: row.source)
            return
        }
        sequence += 1
        rows[record.path] = IndexRow(record: record, sequence: sequence, disk: disk, source: nil)
    }

    /// Looks at the paths, or at all of them.
    package mutating func observe(_ only: Set<RelativePath>? = nil) {
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
    package mutating func receive(_ records: [FileRecord]) {
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

    package mutating func stageContent(of path: RelativePath) {
        guard let need = needs[path], need.state == .wanted, case .file(let content) = need.target.content
        else { return }
        stage.insert(content)
        needs[path]?.state = .staged
    }

    /// The plan of a wave of these needs.
    package func plan(_ needs: [Need], inline: [FileContent: UInt64] = [:]) -> Plan {
        var input = PlanInput(needs: needs, context: context)
        (input.staged, input.inline) = (stage, inline)
        while true {
            let lookups = input.lookups(copyPath: Self.copyPath)
            if lookups.isEmpty { break }
            for path in lookups.paths { input.known[path] = KnownPath(row: rows[path], need: self.needs[path]) }
            for path in lookups.directories { input.below[path] = below(path) }
        }
        return Plan(input)
    }

    package func below(_ directory: RelativePath) -> BelowDirectory {
        let live = rows.values.filter { $0.record.path.isBelow(directory) && !$0.record.isDeleted }
        let needed = needs.values.filter { $0.path.isBelow(directory) && !$0.target.isDeleted }
        let living = Set(needed.map(\.path)).union(live.map(\.record.path).filter { needs[$0] == nil })
        if !living.isEmpty { return .staying(Array(living.sorted().prefix(listed))) }
        if live.isEmpty { return .nothing }
        guard case .deleted(let target?) = needs[directory]?.target.content else { return .leaving(live.count) }
        let isCarried = live.allSatisfy { row in
            guard let place = try? row.record.path.rebased(from: directory, to: target), let need = needs[place] else {
                return false
            }
            return needs[row.record.path]?.target.content == .deleted(movedTo: place)
                && need.target.movedFrom?.path == row.record.path && need.target.content == row.record.content
        }
        return isCarried ? .carried(live.count) : .leaving(live.count)
    }

    /// Settles the outcomes of a plan.
    package mutating func settle(_ plan: Plan, _ outcomes: [ApplyOutcome]) -> Settlement {
        let result = plan.settle(outcomes)
        context = plan.context
        for row in result.rows { put(row.record, disk: row.disk, isSilent: row.need == nil) }
        for path in result.completed { needs[path] = nil }
        receive(plan.keepAlive.flatMap { $0.records(copyPath: Self.copyPathOrSame) } + plan.followers)
        if !result.reobserve.isEmpty { observe(result.reobserve) }
        return result
    }

    /// A wave of some of the needs. `between` runs before each step.
    package mutating func wave(
        _ user: inout ModelUser, percent: Int, between: (inout ModelDevice, inout ModelUser) -> Void = { _, _ in }
    ) -> (plan: Plan, outcomes: [ApplyOutcome]) {
        for path in needs.keys.sorted() where user.chance(percent) { stageContent(of: path) }
        let ready = needs.values.sorted { $0.path < $1.path }
            .filter { $0.state == .staged || $0.target.movedFrom != nil }
        let plan = plan(ready.filter { _ in user.chance(percent) })
        carried += plan.carried.count
        var outcomes: [ApplyOutcome] = []
        for step in plan.steps {
            between(&self, &user)
            outcomes.append(execute(step))
        }
        _ = settle(plan, outcomes)
        for directory in plan.carried { finish(directory, &user, between) }
        for (path, reason) in plan.waiting where reason == .content { stageContent(of: path) }
        return (plan, outcomes)
    }

    /// Waves of what was carried along with a directory.
    private mutating func finish(
        _ directory: CarriedDirectory, _ user: inout ModelUser,
        _ between: (inout ModelDevice, inout ModelUser) -> Void
    ) {
        for _ in 0..<20 {
            let rest = needs.values.filter { $0.path.isBelow(directory.from) }.sorted { $0.path < $1.path }
            let plan = plan(Array(rest.prefix(2)))
            if plan.steps.isEmpty { return }
            var outcomes: [ApplyOutcome] = []
            for step in plan.steps {
                between(&self, &user)
                outcomes.append(execute(step))
            }
            _ = settle(plan, outcomes)
        }
    }

    /// Our log beyond what `peer` has, at most `limit` records of it.
    package mutating func log(for peer: Int, limit: Int) -> [FileRecord] {
        let page = rows.values.sorted { $0.sequence < $1.sequence }
            .filter { $0.sequence > sent[peer] ?? 0 }.prefix(limit)
        if let last = page.last { sent[peer] = last.sequence }
        return page.map(\.record)
    }

    package mutating func execute(_ step: ApplyStep) -> ApplyOutcome {
        let stage = stage
        return disk.execute(step) { stage.contains($0.content) }
    }
}

extension Observation {
    package var content: Content? {
        switch found {
        case .absent: nil
        case .directory: .directory
        case .symlink(_, let target): .symlink(target: target)
        case .file(_, let content, _): .file(content)
        }
    }
}
