public import SyncModel

/// What a wave does to the disk so that rows become what needs say.
///
/// A plan never fails by itself: without interference each step finds what it expects. What can't be done now is in
/// `waiting`, with what it waits for. Nothing is removed from its path as long as a need still wants it from there.
public struct Plan: Sendable {
    /// In the order in which they are to be carried out.
    public internal(set) var steps: [ApplyStep] = []
    /// What the steps complete.
    public internal(set) var items: [PlanItem] = []
    /// Needs that no step is needed for: their rows only take the record.
    public internal(set) var unchanged: [PlanItem] = []
    /// Needs that have to wait, by path.
    public internal(set) var waiting: [RelativePath: PlanWait] = [:]
    /// Directories that must stay, or come back, because something lives in them, and files that would go from each
    /// end of their moves: new edits of ours, to be reconciled like announced records before the next wave. Their needs
    /// wait for that.
    public internal(set) var keepAlive: [KeepAlive] = []
    /// What lives in directories that were moved away goes along (rule 6): records at the new places and tombstones at
    /// the old ones, to be reconciled like announced records before the next wave. Every device makes the same ones.
    public internal(set) var followers: [FileRecord] = []
    /// Directories that the steps rename with all that is in them. The rows below still name the old places: until no
    /// need is left below `from`, waves of the needs there come before anything else, and nothing that is announced
    /// for paths below `from` and `to` is taken. They move nothing, they only look. After a restart that is so again.
    public internal(set) var carried: [CarriedDirectory] = []
    /// The counters after `keepAlive`.
    public internal(set) var context: EditContext

    init(context: EditContext) { self.context = context }
}

/// A directory that was renamed as a whole.
public struct CarriedDirectory: Hashable, Sendable {
    public var from: RelativePath
    public var to: RelativePath

    public init(from: RelativePath, to: RelativePath) { (self.from, self.to) = (from, to) }
}

/// Why a need is not in this wave.
public enum PlanWait: Hashable, Sendable {
    /// Its content must be staged: no rename can bring it there.
    case content
    /// Its parent directory is not there yet.
    case parent(RelativePath)
    /// What is below the directory must go first.
    case below
    /// What stands there is still wanted by the need at this path: a conflict copy, or the new place of a moved file.
    case source(of: RelativePath)
    /// It stays: see `Plan.keepAlive`.
    case keptAlive
    /// It goes where its directory was moved, or what is below it does: see `Plan.followers`.
    case followed
}

/// What lives on.
public struct KeepAlive: Hashable, Sendable {
    /// Its record: beats what would remove it.
    public var record: FileRecord
    /// A file or link that was to stand at the directory's path: it lives on as a conflict copy.
    public var displaced: FileRecord?

    /// What is to be reconciled.
    public func records(copyPath: (FileRecord) -> RelativePath) -> [FileRecord] {
        [record] + (displaced.map { [conflictCopy(of: $0, at: copyPath($0))] } ?? [])
    }
}

/// Needs that are completed together, by steps in a row.
public struct PlanItem: Hashable, Sendable {
    /// The need; its target is what the row becomes.
    public var need: Need
    /// For a move: the tombstone's need at the old path.
    public var left: Need?
    /// In `Plan.steps`.
    public var steps: Range<Int>
    /// What the index held of the path.
    public var row: IndexRow?
    /// The paths that it is about.
    public var paths: [RelativePath] { [need.path] + (left.map { [$0.path] } ?? []) }
}
