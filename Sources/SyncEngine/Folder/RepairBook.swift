internal import SyncModel
internal import WireProtocol

/// Members whose records differ from ours although everything was told, and the one that is compared with now.
struct RepairBook: Sendable {
    /// How both stand, at rest: while it lasts, nothing was told that could make them equal.
    struct Standing: Hashable, Sendable {
        let ours: RootDigest
        let theirs: RootDigest
        let head: IndexSequence
        let theirEpoch: IndexEpoch
        let theirHead: IndexSequence
        /// Whether either waits for contents.
        let isWaiting: Bool
        /// Whether both have forgotten the same deletions: else those that are left say nothing.
        let isComparable: Bool

        var isDifferent: Bool { ours != theirs }
        var isEqual: Bool { ours == theirs && isComparable }

        func differs(_ domain: DigestDomain) -> Bool { ours[domain] != theirs[domain] }
    }

    /// A connected member.
    struct Entry: Sendable {
        /// Nil unless both are at rest.
        var standing: Standing?
        /// Since when they have stood so.
        var since: UInt64 = 0
        /// Of which records of ours it was told the bucket digests last.
        var told: [DigestDomain: Bytes32] = [:]
        /// Its bucket digests, and of which of its records they are.
        var heard: [DigestDomain: (root: Bytes32, buckets: [Bytes32])] = [:]
        /// When a complete round changed nothing.
        var fruitless: [DigestDomain: Standing] = [:]
        /// Rounds since both were equal, and of these the ones that the member didn't bring to their end.
        var rounds: UInt64 = 0
        var failures = 0
        /// When the next round may begin.
        var notBefore: UInt64 = 0

        var isDifferent: Bool { standing?.isDifferent ?? false }
    }

    private(set) var members: [DeviceID: Entry] = [:]
    var round: RepairRound?
    /// Of the last round: a path whose content stood there before it was replaced here, and of which nothing is known
    /// any more; and one whose record, as the member has it, changes nothing here.
    var disputed: RelativePath?
    var differing: RelativePath?

    /// For so long both must have been at rest, in nanoseconds: what is on its way makes them equal by itself.
    static let quietNanoseconds: UInt64 = 2_000_000_000
    /// The same where contents are waited for, between two attempts to have them.
    static let waitingNanoseconds: UInt64 = 3_000_000_000
    /// For so long, without a round under way, before people are told.
    static let patienceNanoseconds: UInt64 = 60_000_000_000
    /// How long an answer is waited for.
    static let answerNanoseconds: UInt64 = 60_000_000_000
    /// Rounds that a member may break off, in one connection.
    static let failuresGreatest = 8

    mutating func forget(_ device: DeviceID) {
        members[device] = nil
        if round?.device == device { round = nil }
    }

    /// The folder waits for a person: when it goes on, all is looked at anew.
    mutating func stop() {
        round = nil
        for device in members.keys { members[device]?.standing = nil }
    }

    /// How both stand now; nil unless they are at rest.
    mutating func note(_ standing: Standing?, of device: DeviceID, at time: UInt64) {
        var entry = members[device] ?? Entry()
        guard entry.standing != standing else { return }
        (entry.standing, entry.since) = (standing, time)
        if standing?.isEqual == true {
            (entry.fruitless, entry.rounds, entry.failures, entry.notBefore) = ([:], 0, 0, 0)
        }
        members[device] = entry
    }

    mutating func hear(_ buckets: [Bytes32], of root: Bytes32, _ domain: DigestDomain, from device: DeviceID) {
        members[device, default: Entry()].heard[domain] = (root, buckets)
    }

    mutating func told(_ root: Bytes32, _ domain: DigestDomain, to device: DeviceID) {
        members[device, default: Entry()].told[domain] = root
    }

    // MARK: What is due

    /// Whom to tell our bucket digests, or to begin a round with: deletions first, so that nothing comes back of which
    /// anyone knows that it was deleted.
    func due(at time: UInt64, isBelieved: (DeviceID) -> Bool) -> (device: DeviceID, domain: DigestDomain)? {
        guard round == nil else { return nil }
        for domain in [DigestDomain.tombstones, .live] {
            for (device, entry) in members.sorted(by: { $0.key < $1.key }) where entry.isQuiet(time) {
                if entry.isUntold(domain) || isBelieved(device) && entry.mayAsk(domain) && entry.notBefore <= time {
                    return (device, domain)
                }
            }
        }
        return nil
    }

    /// The buckets to compare in a round that may begin now; nil if none may.
    func buckets(_ ours: [Bytes32], _ domain: DigestDomain, with device: DeviceID, at time: UInt64) -> [UInt8]? {
        guard round == nil, let entry = members[device], entry.isQuiet(time), entry.mayAsk(domain),
            entry.notBefore <= time, let theirs = entry.heard[domain]?.buckets
        else { return nil }
        return zip(ours, theirs).enumerated().compactMap { index, pair in
            pair.0 == pair.1 ? nil : UInt8(exactly: index)
        }
    }

    /// When something is due without anyone's word; never in the past.
    func deadline(after time: UInt64) -> UInt64? {
        if let round { return round.deadline }
        let times = members.values.filter(\.isDifferent).flatMap { entry in
            [entry.since + entry.quietNanoseconds, entry.notBefore, entry.since + Self.patienceNanoseconds]
        }
        return times.filter { $0 > time }.min()
    }

    /// Members that have differed for longer than it takes to repair what can be repaired.
    func lasting(at time: UInt64) -> [DeviceID] {
        members.filter { device, entry in
            entry.isDifferent && entry.standing?.isWaiting == false && round?.device != device
                && time >= entry.since + Self.patienceNanoseconds
        }.keys.sorted()
    }

    // MARK: Ends

    /// The round is over.
    mutating func end(at time: UInt64) {
        guard let round, var entry = members[round.device] else { return self.round = nil }
        if !round.isChanged { entry.fruitless[round.domain] = round.standing }
        entry.rounds = round.isCut && round.isChanged ? 0 : entry.rounds + 1
        entry.notBefore = time + Self.quietNanoseconds << min(entry.rounds, 10)
        members[round.device] = entry
        self.round = nil
    }

    /// It could not be brought to its end.
    mutating func fail(at time: UInt64) {
        guard let round, var entry = members[round.device] else { return self.round = nil }
        entry.rounds += 1
        entry.failures += 1
        entry.notBefore = time + Self.quietNanoseconds << min(entry.rounds, 10)
        members[round.device] = entry
        self.round = nil
    }
}

extension RepairBook.Entry {
    fileprivate var quietNanoseconds: UInt64 {
        standing?.isWaiting == true ? RepairBook.waitingNanoseconds : RepairBook.quietNanoseconds
    }

    fileprivate func isQuiet(_ time: UInt64) -> Bool { isDifferent && time >= since + quietNanoseconds }

    fileprivate func isUntold(_ domain: DigestDomain) -> Bool {
        guard let standing else { return false }
        return standing.differs(domain) && told[domain] != standing.ours[domain]
    }

    fileprivate func mayAsk(_ domain: DigestDomain) -> Bool {
        guard let standing, failures < RepairBook.failuresGreatest else { return false }
        return standing.differs(domain) && heard[domain]?.root == standing.theirs[domain]
            && fruitless[domain] != standing
    }
}

extension RootDigest {
    subscript(domain: DigestDomain) -> Bytes32 {
        switch domain {
        case .live: live
        case .tombstones: tombstones
        }
    }
}
