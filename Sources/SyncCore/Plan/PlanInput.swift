public import SyncModel

/// What the index holds of one path.
public struct KnownPath: Hashable, Sendable {
    public var row: IndexRow?
    public var need: Need?

    public init(row: IndexRow?, need: Need?) { (self.row, self.need) = (row, need) }
}

/// What lies below a directory that a need removes.
public enum BelowDirectory: Hashable, Sendable {
    /// No live row and no need of a live record.
    case nothing
    /// This many live rows, each with a need that deletes it, and no need of a live record.
    case leaving(Int)
    /// This many live rows, all of which go with the directory when it is renamed to where its need says that it
    /// moved: each has a need that moves it to its path there, and there is a need of a live record there that has
    /// its content and names it as its source; no need of a live record lies below. Directories deleted without a
    /// move are never this.
    case carried(Int)
    /// Live rows without a need that deletes them, or needs of live records: the directory stays, unless they follow
    /// its move. The first of their paths, in order, at least one and at most `Limits.waveRecords`.
    case staying([RelativePath])
}

/// One wave's needs and what the index knows around them.
///
/// `lookups` says what is still to be loaded; when it is empty, `Plan(_:)` may be asked.
public struct PlanInput: Sendable {
    /// At most `Limits.waveRecords`, a path once: staged ones, and wanted ones whose record is a move, because a rename
    /// needs no content. Any order.
    public var needs: [Need]
    /// What is known of the paths in `lookups`. A missing path was not looked up.
    public var known: [RelativePath: KnownPath]
    /// What lies below the directories in `lookups`.
    public var below: [RelativePath: BelowDirectory]
    /// Contents that the runner holds in memory, with their handles (`ContentSource.inline`).
    public var inline: [FileContent: UInt64]
    /// Contents of moves that are known to be in the stage: a need of one is staged as well while its old path has the
    /// content.
    public var staged: Set<FileContent> = []
    /// Devices that have nothing more to tell, where deletions were forgotten: what they moved to a place of which
    /// nothing is known is not on its way there.
    public var complete: Set<DeviceID> = []
    /// Edits of which all is known that was told with them or before them.
    public var covered: [VersionVector] = []
    /// Who edits: a directory that must stay in spite of a deletion is a new edit.
    public var context: EditContext
    /// Paths whose needs wait for something that a plan knows nothing of: nor are they taken along as other halves.
    public var heldBack: Set<RelativePath> = []

    public init(
        needs: [Need], known: [RelativePath: KnownPath] = [:], below: [RelativePath: BelowDirectory] = [:],
        inline: [FileContent: UInt64] = [:], context: EditContext
    ) {
        self.needs = needs
        self.known = known
        self.below = below
        self.inline = inline
        self.context = context
    }
}

/// What a plan must know and does not know yet.
public struct PlanLookups: Hashable, Sendable {
    /// Paths whose row and need are to be added to `PlanInput.known`, sorted.
    public var paths: [RelativePath]
    /// Directories to be added to `PlanInput.below`, sorted.
    public var directories: [RelativePath]

    public var isEmpty: Bool { paths.isEmpty && directories.isEmpty }
}

extension PlanInput {
    /// What is still to be loaded; ask again when it is there, because what is found may ask for more (three rounds,
    /// and one more for each move of a directory that is followed).
    /// - Parameter copyPath: where the content of a record goes if it loses a conflict (`ConflictName`).
    public func lookups(copyPath: (FileRecord) -> RelativePath?) -> PlanLookups {
        var paths: Set<RelativePath> = []
        var directories: Set<RelativePath> = []
        for need in waveNeeds.values {
            paths.insert(need.path)
            if let parent = need.path.parent { paths.insert(parent) }
            if let other = need.target.counterpart {
                paths.insert(other)
                if let parent = other.parent { paths.insert(parent) }
            }
            paths.formUnion(lookupsToFollow(need))
            guard let row = known[need.path]?.row, row.disk != nil else { continue }
            if row.record.content.isDirectory {
                if !need.target.content.isDirectory { directories.insert(need.path) }
            } else if row.record.content != need.target.content, let copy = copyPath(row.record) {
                paths.insert(copy)
            }
        }
        return PlanLookups(
            paths: paths.filter { known[$0] == nil }.sorted(),
            directories: directories.filter { below[$0] == nil }.sorted())
    }

    /// Whether a file or link is to go from here to where it is to come here from, so that it would stand nowhere. Who
    /// moves it on has seen that it came here: then it goes on from there, or ended there.
    public func isLedBack(_ need: Need) -> Bool {
        guard case .deleted(let target?) = need.target.content, target != need.path,
            let row = known[need.path]?.row, !row.record.isDeleted, !row.record.content.isDirectory,
            let there = record(target), there.content == .deleted(movedTo: need.path)
        else { return false }
        return !need.target.version.covers(there.origin)
    }

    /// The needs and the other halves of their moves, which a plan completes together. In no order: each round of
    /// look-ups asks for them.
    var waveNeeds: [RelativePath: Need] {
        var wave: [RelativePath: Need] = [:]
        for need in needs { wave[need.path] = need }
        for need in needs {
            guard let path = need.target.counterpart, wave[path] == nil, !heldBack.contains(path),
                let other = known[path]?.need,
                other.state == .wanted || other.state == .staged, other.target.counterpart == need.path
            else { continue }
            wave[path] = other
        }
        return wave
    }
}

extension FileRecord {
    /// The other path of the move that this record is half of.
    var counterpart: RelativePath? {
        if case .deleted(let target) = content { return target }
        return movedFrom?.path
    }
}
