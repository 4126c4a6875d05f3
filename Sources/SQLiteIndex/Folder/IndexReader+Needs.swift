internal import GRDB
public import SyncModel

extension IndexReader {
    /// Needs of one state in path order.
    public func needs(
        _ state: NeedState, after path: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [Need] {
        try snapshot { queries in
            let codec = queries.codec
            return try queries.command(
                "SELECT key, reason, detail FROM need WHERE state = ? AND key > ? ORDER BY key LIMIT ?"
            ) {
                $0.bind(1, Int64(state.rawValue))
                $0.bind(2, path?.sortKey ?? [])
                $0.bind(3, Self.bounded(limit))
            }.all { query in
                let path = try query.withBlob(0) { try RecordCodec.path(sortKey: $0) }
                let reason = query.isNull(1) ? nil : query.text(1)
                return try query.withBlob(2) {
                    try codec.decodeNeed($0, path: path, state: Int64(state.rawValue), reason: reason)
                }
            }
        }
    }

    /// The least sequence of `device`'s log that a need still waits for; nil when none does. What is below may be
    /// acknowledged to it.
    public func leastNeedSequence(of device: DeviceID) throws(IndexError) -> IndexSequence? {
        try snapshot { queries in
            guard let number = try queries.names.existingNumber(of: device, queries.database) else { return nil }
            return try queries.command(
                "SELECT sequence FROM need_source WHERE member = ? ORDER BY sequence LIMIT 1"
            ) { $0.bind(1, number) }.first { $0.unsigned(0) }
        }
    }

    // MARK: Peers and marks

    /// Every member that something is known of, in the order of their IDs.
    public func peers() throws(IndexError) -> [PeerState] {
        try snapshot { queries in
            try queries.command("SELECT \(Self.peerColumns) FROM peer") { _ in }
                .all { try Self.peer($0, queries) }.sorted { $0.device < $1.device }
        }
    }

    /// What is known of a member's index, or nil before its first word.
    public func peer(_ device: DeviceID) throws(IndexError) -> PeerState? {
        try snapshot { queries in
            guard let number = try queries.names.existingNumber(of: device, queries.database) else { return nil }
            return try queries.command("SELECT \(Self.peerColumns) FROM peer WHERE member = ?") { $0.bind(1, number) }
                .first { try Self.peer($0, queries) }
        }
    }

    private static let peerColumns = """
        member, epoch, received_sequence, mark_sequence, mark_hash, acknowledged_epoch, acknowledged_sequence,
        sent_sequence, frontier, agreed, agreed_members
        """

    private static func peer(_ query: Command, _ queries: Queries) throws -> PeerState {
        PeerState(
            device: try queries.names.device(query.integer(0), queries.database),
            epoch: query.optional(1).map { IndexEpoch(UInt64(bitPattern: $0)) },
            receivedSequence: query.unsigned(2),
            mark: LogMark(sequence: query.unsigned(3), hash: try query.hash(4)),
            acknowledgedEpoch: query.optional(5).map { IndexEpoch(UInt64(bitPattern: $0)) },
            acknowledgedSequence: query.unsigned(6), sentSequence: query.unsigned(7),
            frontier: try queries.vector(query, 8),
            agreed: query.isNull(9)
                ? nil : AgreedFrontier(frontier: try queries.vector(query, 9), members: try query.hash(10)))
    }

    /// How a position of our log that a peer shows compares with the log.
    public enum MarkCheck: Hashable, Sendable {
        /// It is a position of this log.
        case known
        /// The log had another hash there: a fork.
        case forked
        /// It lies beyond the end: this log was rolled back.
        case ahead
        /// It is older than the marks that are kept, or between two commits: nothing can be said.
        case forgotten
    }

    /// Whether a peer's mark lies on our log, ahead of it or on another one (rule 9).
    public func check(_ mark: LogMark) throws(IndexError) -> MarkCheck {
        try snapshot { queries in
            if mark.sequence == 0 { return .known }
            let last = try Command(queries.database, "SELECT last_sequence FROM identity").first { $0.unsigned(0) } ?? 0
            if mark.sequence > last { return .ahead }
            let hash = try queries.command("SELECT hash FROM mark WHERE sequence = ?") { $0.bind(1, mark.sequence) }
                .first { try $0.hash(0) }
            guard let hash else { return .forgotten }
            return hash == mark.hash ? .known : .forked
        }
    }
}
