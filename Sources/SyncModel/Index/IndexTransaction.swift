/// The chunks of a file of more than one chunk, in order.
public struct ContentChunks: Hashable, Sendable {
    public let content: FileContent
    public let chunks: [ChunkReference]

    /// The lengths must add up to the content's size.
    public init(content: FileContent, chunks: [ChunkReference]) { (self.content, self.chunks) = (content, chunks) }
}

/// Another state of a need that exists.
public struct NeedChange: Hashable, Sendable {
    public let path: RelativePath
    public let state: NeedState
    public let reason: String?

    public init(path: RelativePath, state: NeedState, reason: String? = nil) {
        self.path = path
        self.state = state
        self.reason = reason
    }
}

/// Everything that changes at once: all of it is durable when its commit returns, or nothing is; where `isToldAgain`
/// holds, all of it or nothing is durable with the next commit.
///
/// Carried out in the order of the properties, so that a need that is removed and put again is a new one. Each list
/// holds at most `Limits.transactionItems`.
public struct IndexTransaction: Sendable {
    /// Rows in the order of their new sequences, all beyond the log's last one. A row with the sequence that its path
    /// has already and an equal record changes only the stat and the source, and is not announced again.
    public var rows: [IndexRow] = []
    /// Paths whose row goes altogether: collected tombstones (rule 7). One without a row is passed over.
    public var droppedRows: [RelativePath] = []
    /// Kept as long as a live row or a need has the content; given again, nothing changes.
    public var chunkLists: [ContentChunks] = []
    /// Paths whose need goes. One without a need is passed over.
    public var droppedNeeds: [RelativePath] = []
    /// Needs put in the place of what the path had.
    public var needs: [Need] = []
    /// State changes; a path without a need is passed over.
    public var needChanges: [NeedChange] = []
    /// Before anything else, a member whose epoch is another than before goes from the sources of all needs.
    public var peers: [PeerState] = []
    /// Authors whose release goes. One without a release is passed over.
    public var droppedReleases: [Author] = []
    /// Releases put in the place of what their authors had.
    public var releases: [ReleaseRow] = []
    /// Raise the counters to at least this; they also rise by what `rows` hold. Never lowered.
    public var nextEdit: UInt64?
    public var stampCounter: UInt64?
    /// Our own frontier, replaced.
    public var frontier: VersionVector?
    /// The cut and the proposed one, replaced. The proposed one goes where `cut` is given without one.
    public var cut: VersionVector?
    public var proposedCut: ProposedCut?
    /// The first scan of everything since the index was rebuilt is complete.
    public var endsRebuild = false
    /// All is mended that was torn before this start of the machine (`MachineStart.id`).
    public var mendedBoot: String?
    /// When it was decided, in seconds since 1970: for how long contents that it replaces are known to have been held.
    public var seconds: Int64 = 0

    public init() {}
}

extension IndexTransaction {
    /// Whether it would change nothing.
    public var isEmpty: Bool {
        rows.isEmpty && droppedRows.isEmpty && droppedNeeds.isEmpty && needs.isEmpty && needChanges.isEmpty
            && peers.isEmpty && releases.isEmpty && droppedReleases.isEmpty
            && nextEdit == nil && stampCounter == nil && frontier == nil && cut == nil && proposedCut == nil
            && !endsRebuild && mendedBoot == nil
    }

    /// Whether nothing is lost with it: how far members' logs were read, and what is needed of them and not begun.
    /// After a loss of power these are read again from where they were read before. It says nothing that others are
    /// told, and no intent (rule 12), so its commit need not wait for the disk.
    public var isToldAgain: Bool {
        if peers.isEmpty || needs.isEmpty { return false }
        var rest = self
        (rest.needs, rest.peers, rest.stampCounter) = ([], [], nil)
        return rest.isEmpty && needs.allSatisfy { $0.state == .wanted || $0.state == .staged }
    }
}
