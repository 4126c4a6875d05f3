public import SyncModel

/// Asks for the receiver's log. The requester drives: no batch is sent without credit.
///
/// A request with the number of the stream under way, and its `epoch` and `after`, adds its credit to that stream. One
/// with a greater number ends that stream and opens a new one, whose first batch has this `after`.
public struct IndexRequest: Hashable, Sendable {
    public var folder: FolderID
    /// Tells the batches that answer it from those of earlier streams, which may still be on their way.
    public var stream: UInt32
    /// The receiver's epoch, from its `folderState`.
    public var epoch: IndexEpoch
    /// The last sequence that the requester has; the first batch starts behind it.
    public var after: IndexSequence
    /// Contents up to this many bytes are welcome inside the batches; at most `Limits.inlineBytes`, 0 for none.
    public var inlineLimit: UInt32
    /// Payload bytes of batches that may be sent. A batch is sent while any credit is left, and may overdraw it.
    public var creditBytes: UInt32
    /// Whether a batch may be a `DirectoryMove`; else it has the records that this makes.
    public var takesMoves: Bool

    public init(
        folder: FolderID, stream: UInt32 = 0, epoch: IndexEpoch, after: IndexSequence, inlineLimit: UInt32,
        creditBytes: UInt32, takesMoves: Bool = false
    ) {
        self.folder = folder
        self.stream = stream
        self.epoch = epoch
        self.after = after
        self.inlineLimit = inlineLimit
        self.creditBytes = creditBytes
        self.takesMoves = takesMoves
    }
}

/// One entry of a device's log.
public struct IndexEntry: Hashable, Sendable {
    /// What it says.
    public enum Item: Hashable, Sendable {
        /// What is agreed of a path. `inline` holds the whole content of a small file: a part of the frame that it came
        /// in, so keeping it keeps that frame. Nil where it must be asked for.
        case record(FileRecord, inline: ArraySlice<UInt8>?)
        /// Records that follow from what the receiver has (rule 6). It is alone in its batch.
        case move(DirectoryMove)
    }

    public var sequence: IndexSequence
    public var item: Item

    public init(sequence: IndexSequence, item: Item) { (self.sequence, self.item) = (sequence, item) }
}

/// A stretch of the sender's log: all that is in it after `after` up to `upTo`.
public struct IndexBatch: Hashable, Sendable {
    public var folder: FolderID
    /// Of the request that it answers.
    public var stream: UInt32
    /// The sender's epoch.
    public var epoch: IndexEpoch
    public var after: IndexSequence
    /// At least `after`; entries that were superseded later in the log are left out.
    public var upTo: IndexSequence
    /// The last sequence of the sender's log when this was made.
    public var head: IndexSequence
    /// The running hash at `upTo`.
    public var mark: Bytes32?
    /// The sender's frontier as of `upTo`; only where `upTo == head`.
    public var frontier: VersionVector?
    /// By sequence, ascending, in `after + 1 ... upTo`; at most `Limits.batchRecords`.
    public var entries: [IndexEntry]

    public init(
        folder: FolderID, stream: UInt32 = 0, epoch: IndexEpoch, after: IndexSequence, upTo: IndexSequence,
        head: IndexSequence, mark: Bytes32?, frontier: VersionVector?, entries: [IndexEntry]
    ) {
        self.folder = folder
        self.stream = stream
        self.epoch = epoch
        self.after = after
        self.upTo = upTo
        self.head = head
        self.mark = mark
        self.frontier = frontier
        self.entries = entries
    }
}

/// All of the receiver's log up to `upTo` is applied and durable at the sender, and `frontier` with it (rule 1).
public struct Acknowledge: Hashable, Sendable {
    public var folder: FolderID
    /// The receiver's epoch that `upTo` belongs to.
    public var epoch: IndexEpoch
    public var upTo: IndexSequence
    /// What the sender has durably covered.
    public var frontier: VersionVector

    public init(folder: FolderID, epoch: IndexEpoch, upTo: IndexSequence, frontier: VersionVector) {
        self.folder = folder
        self.epoch = epoch
        self.upTo = upTo
        self.frontier = frontier
    }
}
