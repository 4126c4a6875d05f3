internal import SyncCore
internal import SyncModel

/// Makes needs of reconciled targets, with whom to ask for their contents.
struct NeedWriter {
    let view: IndexView
    /// What was announced together, by path and by content.
    let announced: [RelativePath: [Announced]]
    private let holders: [Content: [Announced]]
    /// Needs of files, as they were before this decision, by content.
    private let wanted: [Content: [Need]]
    /// Contents held in memory.
    let inline: Set<FileContent>
    /// Rows as this decision leaves them, where it changes them.
    let rows: [RelativePath: IndexRow]
    /// A member whose log is another than before: what it announced earlier counts for nothing.
    let renewed: DeviceID?
    /// Paths whose entry was seen again: their deletion is held no more.
    let returned: Set<RelativePath>
    /// Our log's last sequence, rows of this decision included.
    private var sequence: IndexSequence
    private(set) var decision: Decision

    init(
        view: IndexView, announced: [Announced] = [], inline: Set<FileContent>, rows: [RelativePath: IndexRow] = [:],
        renewed: DeviceID? = nil, returned: Set<RelativePath> = [], after sequence: IndexSequence,
        into decision: Decision = Decision()
    ) {
        self.view = view
        self.announced = Dictionary(grouping: announced, by: \.record.path)
        holders = Dictionary(grouping: announced.filter(\.record.isFile), by: \.record.content)
        wanted = Dictionary(
            grouping: view.known.values.compactMap(\.need).filter(\.target.isFile), by: \.target.content)
        self.inline = inline
        self.rows = rows
        self.renewed = renewed
        self.returned = returned
        self.sequence = sequence
        self.decision = decision
    }

    func row(_ path: RelativePath) -> IndexRow? { rows[path] ?? view.row(path) }

    /// Puts the need that leads to `target`, or takes away one that is no longer any.
    mutating func put(_ target: FileRecord) {
        let path = target.path
        let old = view.need(path)
        if let row = row(path), row.standing == .local { return put(target, beside: row) }
        if row(path)?.record == target {
            if let old { settle(old, as: target) }
            return
        }
        // A tombstone of what never was here is only to be remembered: that needs a row, and no work of the disk.
        var need = Need(target: target, sources: sources(of: target, old: old), state: state(of: target))
        // One deletion more, or other metadata, changes nothing for what a person is asked about.
        if let old, old.state == .held, !returned.contains(path) {
            let isStill =
                old.target.isDeleted ? DeletionBudget.counts(target.content) : target.content == old.target.content
            if isStill { need.state = .held }
        }
        if let old, old.target != target { decision.settled.append(path) }
        decision.transaction.needs.append(need)
    }

    /// What was made here stays, and the target is agreed beside it, unless a person takes it back.
    private mutating func put(_ target: FileRecord, beside row: IndexRow) {
        let path = target.path
        let reverting = view.need(path).flatMap { $0.state == .unflushed ? nil : $0 }
        sequence += 1
        let local = LocalPut(record: row.record, disk: row.disk)
        guard let kept = LocalRow.row(local, beside: target, sequence: sequence) else { return }
        decision.transaction.rows.append(kept)
        if reverting != nil { decision.settled.append(path) }
        if kept.standing == .local, reverting != nil || LocalRow.givesWay(row, to: target) {
            decision.transaction.needs.append(
                Need(target: target, sources: sources(of: target, old: reverting), state: state(of: target)))
        } else if reverting != nil {
            decision.transaction.droppedNeeds.append(path)
        }
    }

    /// The path is what it is to be. What is not flushed yet stays an intent.
    private mutating func settle(_ old: Need, as target: FileRecord) {
        decision.settled.append(target.path)
        guard sameContent(old.target, target) else { return decision.transaction.droppedNeeds.append(target.path) }
        decision.transaction.needs.append(
            Need(target: target, sources: sources(of: target, old: old), state: .unflushed))
    }

    /// Notes who else announced a path whose target stays as it is.
    mutating func note(_ path: RelativePath) {
        guard let old = view.need(path) else { return }
        var need = old
        need.sources = sources(of: old.target, old: old)
        if need.state == .wanted || need.state == .blocked { need.state = state(of: old.target) }
        if need != old { decision.transaction.needs.append(need) }
    }

    /// The content counted as at hand because it stood where the file came from: looks for it again.
    mutating func restate(_ path: RelativePath) {
        guard let old = view.need(path), old.state == .staged, state(of: old.target) != .staged else { return }
        put(old.target)
    }

    /// Whether the target's content is at hand, or it needs none.
    func state(of target: FileRecord) -> NeedState {
        guard case .file(let content) = target.content, content.size > 0 else { return .staged }
        if let row = row(target.path), row.disk != nil, row.record.content == target.content { return .staged }
        if inline.contains(content) { return .staged }
        // A move takes the content along where the old path still has it; the plan says if it can't.
        if let source = target.movedFrom, let row = row(source.path), row.disk != nil,
            row.record.content == target.content
        {
            return .staged
        }
        return .wanted
    }

    private func sources(of target: FileRecord, old: Need?) -> [NeedSource] {
        var sources: [DeviceID: NeedSource] = [:]
        let isDerived = target.conflictOf != nil || target.movedFrom != nil
        func add(_ source: NeedSource) {
            guard let known = sources[source.device] else { return sources[source.device] = source }
            // What a member says of this path says nothing of what it has of the content at another.
            if isDerived, known.match == .content, source.match == .none { return }
            // Of two places in one log the later one is what the member says now.
            if known.sequence <= source.sequence { sources[source.device] = source }
        }
        /// Of two places of which only one is this path's, the earlier: nothing beyond it is acknowledged.
        func addHolder(_ device: DeviceID, _ sequence: IndexSequence) {
            let known = sources[device]
            if known?.match == .record { return }
            let least = min(known?.sequence ?? sequence, sequence)
            sources[device] = NeedSource(device: device, sequence: least, match: .content)
        }
        for source in old?.sources ?? [] where source.device != renewed { add(rematched(source, old?.target, target)) }
        for announced in announced[target.path] ?? [] {
            add(
                NeedSource(
                    device: announced.device, sequence: announced.sequence, match: match(announced.record, target)))
        }
        guard case .file = target.content, isDerived else { return sorted(sources) }
        // A conflict's loser and an edit that follows a move were announced at another path: one that first followed a
        // move and then lost, at a path where nothing was announced of it.
        for announced in holders[target.content] ?? [] where announced.record.path != target.path {
            addHolder(announced.device, announced.sequence)
        }
        for other in wanted[target.content] ?? [] where other.path != target.path {
            for source in other.sources where source.hasContent && source.device != renewed {
                addHolder(source.device, source.sequence)
            }
        }
        return sorted(sources)
    }

    private func sorted(_ sources: [DeviceID: NeedSource]) -> [NeedSource] {
        sources.values.sorted { $0.device < $1.device }
    }

    private func match(_ record: FileRecord, _ target: FileRecord) -> NeedSource.Match {
        if record == target { return .record }
        return record.content == target.content ? .content : .none
    }

    private func rematched(_ source: NeedSource, _ old: FileRecord?, _ target: FileRecord) -> NeedSource {
        guard let old, old != target else { return source }
        let keeps = source.hasContent && old.content == target.content
        return NeedSource(device: source.device, sequence: source.sequence, match: keeps ? .content : .none)
    }
}
