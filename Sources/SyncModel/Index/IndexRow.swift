/// A device's own row of one path: the agreed record and what of it is on this disk.
public struct IndexRow: Hashable, Sendable {
    public var record: FileRecord
    /// Its place in our log.
    public var sequence: IndexSequence
    /// The stat of the entry that holds this content; nil where nothing of it is on the disk (tombstones, and records
    /// that are not held here).
    public var disk: DiskState?
    /// The device whose announcement we took it from, which need not be told again; nil for our own edits and merges.
    public var source: DeviceID?
    public var standing: Standing
    /// Of a local row: what is agreed at its path, as far as anything is.
    public var agreed: FileRecord?

    /// What a record is worth: not all are agreed.
    public enum Standing: UInt8, Hashable, Sendable {
        /// As in any index.
        case agreed = 0
        /// It stood on the disk when the index was rebuilt (rule 8). Whether it is an old version or something new is
        /// not known: it is told to nobody, and whatever a member has at its path is not applied before a member was
        /// asked.
        case found = 1
        /// Found, and a member knew it at its path: it gives way to the member's record, and is told to nobody.
        case old = 2
        /// A change of a member that may not announce any. The row has what was made here and its stat, as any edit;
        /// beside it is what is agreed (`IndexRow.agreed`), and that alone counts in digests and totals.
        case local = 3
    }

    public init(
        record: FileRecord, sequence: IndexSequence, disk: DiskState?, source: DeviceID?, standing: Standing = .agreed,
        agreed: FileRecord? = nil
    ) {
        self.record = record
        self.sequence = sequence
        self.disk = disk
        self.source = source
        self.standing = standing
        self.agreed = agreed
    }

    /// What members agree on, as far as this row knows.
    public var agreedRecord: FileRecord? {
        switch standing {
        case .agreed: record
        case .local: agreed
        case .found, .old: nil
        }
    }

    /// What counts in digests and totals.
    public var counted: FileRecord? { standing == .local ? agreed : record }
}

/// A device that announced a record for a need's path, and where in its log.
public struct NeedSource: Hashable, Sendable {
    /// How the announced record compares with the target.
    public enum Match: UInt8, Hashable, Sendable {
        /// Another content: it only waits for our acknowledgement.
        case none = 0
        /// The target's content: it can be asked for it.
        case content = 1
        /// The target itself, which need not be told to it again.
        case record = 2
    }

    public let device: DeviceID
    public let sequence: IndexSequence
    public let match: Match

    public init(device: DeviceID, sequence: IndexSequence, match: Match) {
        self.device = device
        self.sequence = sequence
        self.match = match
    }

    /// Whether it can be asked for the content.
    public var hasContent: Bool { match != .none }
}

/// How far a need has come.
public enum NeedState: UInt8, Hashable, CaseIterable, Sendable {
    /// Known, its content not complete in the stage.
    case wanted = 1
    /// Its content is complete in the stage (or it needs none): ready for a wave.
    case staged = 2
    /// An intent (rule 12): a wave may have touched the path. After a restart the path is verified before anything
    /// else.
    case applying = 3
    /// Applied and in the index, not yet flushed: an intent too.
    case unflushed = 4
    /// Can't be applied now; `Need.reason` says why. Tried again when something changes, and from time to time.
    case blocked = 5
    /// A deletion that waits for a person (rule 15). One of another device's: the target is its tombstone. One of our
    /// own, which nobody is told of: the target is what is gone from here. Nothing but a verdict, or other news of the
    /// path, changes it.
    case held = 6
}

/// A record that peers have and that is not applied here: what our row is to become.
public struct Need: Hashable, Sendable {
    public var target: FileRecord
    /// Sorted by device; at most one a device.
    public var sources: [NeedSource]
    public var state: NeedState
    /// Why it is blocked, for people.
    public var reason: String?

    public init(target: FileRecord, sources: [NeedSource], state: NeedState, reason: String? = nil) {
        self.target = target
        self.sources = sources
        self.state = state
        self.reason = reason
    }

    public var path: RelativePath { target.path }
}
