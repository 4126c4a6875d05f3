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

    public init(record: FileRecord, sequence: IndexSequence, disk: DiskState?, source: DeviceID?) {
        self.record = record
        self.sequence = sequence
        self.disk = disk
        self.source = source
    }
}

/// A device that announced the content of a need, and where in its log.
public struct NeedSource: Hashable, Sendable {
    public let device: DeviceID
    public let sequence: IndexSequence
    /// Whether the announced record's content is the target's: it can be asked for it. Otherwise it only waits for
    /// our acknowledgement.
    public let hasContent: Bool

    public init(device: DeviceID, sequence: IndexSequence, hasContent: Bool) {
        self.device = device
        self.sequence = sequence
        self.hasContent = hasContent
    }
}

/// How far a need has come.
public enum NeedState: UInt8, Hashable, Sendable {
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
