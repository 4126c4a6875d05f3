public import SyncModel

/// A row as a wave left it; its sequence is given by the index.
public struct AppliedRow: Hashable, Sendable {
    public var record: FileRecord
    public var disk: DiskState?
    /// The need that it completes; nil when only the stat changed, because a step in the middle failed.
    public var need: Need?
}

/// Why a need can't be applied now.
public struct PlanProblem: Hashable, Sendable {
    public var kind: Problem.Kind
    /// One sentence for people.
    public var message: String

    public init(kind: Problem.Kind, message: String) { (self.kind, self.message) = (kind, message) }
}

/// What the outcomes of a wave make of the index.
public struct Settlement: Hashable, Sendable {
    /// In the order of the log.
    public var rows: [AppliedRow] = []
    /// Paths whose need is no more.
    public var completed: Set<RelativePath> = []
    /// Needs to be planned again, without anything being wrong.
    public var retry: Set<RelativePath> = []
    /// Needs that can't be applied until something changes.
    public var blocked: [RelativePath: PlanProblem] = [:]
    /// Paths that are not what the index says: to be observed before their needs are planned again.
    public var reobserve: Set<RelativePath> = []
}

extension Plan {
    /// - Parameter outcomes: one a step.
    public func settle(_ outcomes: [ApplyOutcome]) -> Settlement {
        precondition(outcomes.count == steps.count, "an outcome a step")
        var result = Settlement()
        for item in unchanged { complete(item, disk: item.need.target.isDeleted ? nil : item.row?.disk, &result) }
        for item in items { settle(item, outcomes, &result) }
        result.rows = LocalChanges.inLogOrder(result.rows, record: \.record)
        return result
    }

    private func complete(_ item: PlanItem, disk: DiskState?, _ result: inout Settlement) {
        result.completed.formUnion(item.paths)
        result.rows.append(AppliedRow(record: item.need.target, disk: disk, need: item.need))
        if let left = item.left { result.rows.append(AppliedRow(record: left.target, disk: nil, need: left)) }
    }

    private func settle(_ item: PlanItem, _ outcomes: [ApplyOutcome], _ result: inout Settlement) {
        var disk = item.row?.disk
        for index in item.steps {
            if case .applied(let state) = outcomes[index] {
                disk = state.map { steps[index].noticed($0) }
                continue
            }
            if let row = item.row, row.disk != disk {
                result.rows.append(AppliedRow(record: row.record, disk: disk, need: nil))
            }
            return fail(item, at: steps[index], outcomes[index], &result)
        }
        complete(item, disk: disk, &result)
    }

    private func fail(_ item: PlanItem, at step: ApplyStep, _ outcome: ApplyOutcome, _ result: inout Settlement) {
        let paths = item.paths
        switch outcome {
        case .applied: return
        case .changed, .undone:
            result.retry.formUnion(paths)
            result.reobserve.formUnion(paths)
        case .notEmpty where items.contains { hasFailed($0, below: step.path, result) }:
            result.retry.formUnion(paths)
        case .notEmpty:
            result.reobserve.insert(step.path)
            let message = "The directory '\(step.path)' stays: it holds entries that are not synced."
            block(paths, .notEmpty, message, &result)
        case .openForWriting:
            block(paths, .openForWriting, "Another program has '\(step.path)' open for writing.", &result)
        case .noParent:
            result.retry.formUnion(paths)
            for parent in paths.compactMap(\.parent) where !items.contains(where: { $0.need.path == parent }) {
                result.reobserve.insert(parent)
            }
        case .failed(let kind, let message):
            block(paths, kind, message, &result)
        }
    }

    /// Whether the directory is not empty only because a step of this wave failed.
    private func hasFailed(_ item: PlanItem, below directory: RelativePath, _ result: Settlement) -> Bool {
        item.paths.contains { $0.isBelow(directory) && !result.completed.contains($0) }
    }

    private func block(
        _ paths: [RelativePath], _ kind: Problem.Kind, _ message: String, _ result: inout Settlement
    ) {
        for path in paths { result.blocked[path] = PlanProblem(kind: kind, message: message) }
    }
}

extension ApplyStep {
    /// The stat after the step, with the mode from before it where the step set none: a change of mode that no scan has
    /// seen yet is then still seen as one. (Files with such a change are not even touched, but directories are.)
    fileprivate func noticed(_ state: DiskState) -> DiskState {
        if case .createDirectory = action {
            // It may have stood there already, with attributes of its own: the next look at it reads them.
            var noticed = state
            noticed.changed = Timestamp(seconds: 0, nanoseconds: 0)
            return noticed
        }
        guard case .entry(let before) = expected else { return state }
        if before.kind == .directory, state.kind == .directory, state.inode == before.inode {
            // Nor is a change of attributes overlooked: to be seen, the entry must not be as it is known.
            var noticed = state
            noticed.changed = before.changed
            if !action.setsMode { noticed.mode = before.mode }
            return noticed
        }
        switch action {
        case .setMetadata(let metadata) where metadata.mode == nil, .move(_, let metadata) where metadata.mode == nil:
            var noticed = state
            noticed.mode = before.mode
            return noticed
        default: return state
        }
    }
}

extension ApplyAction {
    fileprivate var setsMode: Bool {
        switch self {
        case .setMetadata(let metadata), .move(_, let metadata): metadata.mode != nil
        default: true
        }
    }
}
