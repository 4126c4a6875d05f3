/// A cut that is not one yet: every member had durably covered it at some time before `seconds`.
public struct ProposedCut: Hashable, Sendable {
    public var vector: VersionVector
    /// Since when it has been known, in seconds since 1970.
    public var seconds: Int64

    public init(vector: VersionVector, seconds: Int64) { (self.vector, self.seconds) = (vector, seconds) }
}

/// How far a member had durably covered everyone's edits when it had the records that we had.
public struct AgreedFrontier: Hashable, Sendable {
    public var frontier: VersionVector
    /// Of the set of members that both knew then: who is added later is not among them.
    public var members: Bytes32

    public init(frontier: VersionVector, members: Bytes32) { (self.frontier, self.members) = (frontier, members) }
}

extension VersionVector {
    /// The greatest vector that both cover.
    public func met(with other: VersionVector) -> VersionVector {
        VersionVector(
            entries.lazy.map { Origin(author: $0.author, counter: min($0.counter, other[$0.author])) })
    }
}
