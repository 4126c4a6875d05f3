public import SyncModel

/// The members of a folder, as they follow from a set of signed records (rules 18 to 20).
///
/// A record *stands* when its signature was right and, by its predecessors alone, its signer was a read-write member
/// and the statement made sense: that never changes. Standing records *hold* unless a removal voids them (`Judgement`);
/// the members follow from those that hold. Everything is a function of the set, not of the order of arrival. The
/// founding
/// record is given from outside: anyone can sign one, and whoever chose it chose the folder.
public struct MembershipSet: Sendable {
    /// What became of a record that was put in.
    public enum Insertion: Hashable, Sendable {
        /// It stands, and perhaps others that waited for it.
        case added
        /// It was there already.
        case known
        /// Some of its predecessors are not there yet.
        case waiting
        case refused(Refusal)
    }

    /// Why a record can never count.
    public enum Refusal: Hashable, Sendable {
        /// Of another folder, or its signature is not right.
        case forged
        /// Another founding record than the folder's, or one that founds nothing.
        case notTheFounding
        /// By its predecessors the signer was no read-write member.
        case signerNotAllowed
        /// By its predecessors it says nothing: it adds a member, adds another incarnation than the next, or removes
        /// what is no member.
        case withoutEffect
        /// There are as many records or members as there can be.
        case full
    }

    struct Entry: Sendable {
        let hash: Bytes32
        let record: MembershipRecord
        /// Of the signer, by what leads to it.
        let signerIncarnation: UInt64
        /// Positions of all records that lead to it; they are before its own.
        let ancestors: RecordSet
    }

    public let folder: FolderID
    /// The hash of the founding record: the first, signed by the device that it adds.
    public let founding: Bytes32
    /// Standing records, predecessors first.
    private(set) var entries: [Entry] = []
    private(set) var positions: [Bytes32: Int] = [:]
    private(set) var waiting: [Bytes32: MembershipRecord] = [:]
    private var judgement = Judgement()

    public init(folder: FolderID, founding: Bytes32) {
        self.folder = folder
        self.founding = founding
    }

    /// From the records of a store, in any order, whose signatures were found right before.
    public init(folder: FolderID, founding: Bytes32, verified records: [(hash: Bytes32, record: MembershipRecord)]) {
        self.init(folder: folder, founding: founding)
        var rest = records
        while true {
            let ready = rest.filter { entry in entry.record.predecessors.allSatisfy { positions[$0] != nil } }
            rest.removeAll { entry in entry.record.predecessors.allSatisfy { positions[$0] != nil } }
            guard !ready.isEmpty else { return }
            for (hash, record) in ready { _ = insert(record, hash: hash, isVerified: true) }
        }
    }

    /// Whether a record could be a folder's first: read-write, of its own signer, without predecessors.
    public static func isFounding(_ record: MembershipRecord) -> Bool {
        record.action == .add && record.device == record.signer && record.incarnation == 1
            && record.role == .readWrite && record.predecessors.isEmpty && record.knownFrontier.isEmpty
    }

    /// Puts a record in. `hash` is its identity; `isVerified` tells whether its signature was right.
    public mutating func insert(_ record: MembershipRecord, hash: Bytes32, isVerified: Bool) -> Insertion {
        guard isVerified, record.folder == folder else { return .refused(.forged) }
        if positions[hash] != nil || waiting[hash] != nil { return .known }
        let result = take(record, hash)
        guard result == .added else { return result }
        while let next = readyRecord() {
            waiting[next.hash] = nil
            _ = take(next.record, next.hash)
        }
        judgement = Judgement(of: self, within: RecordSet(below: entries.count))
        return .added
    }

    /// Hashes of the standing records that nothing follows: predecessors of the next record, sorted.
    public var heads: [Bytes32] {
        var hashes = Set(positions.keys)
        for entry in entries { hashes.subtract(entry.record.predecessors) }
        return hashes.sorted()
    }

    /// Standing records with their hashes, predecessors first.
    public var records: [(hash: Bytes32, record: MembershipRecord)] { entries.map { ($0.hash, $0.record) } }

    public var count: Int { entries.count }

    /// Whether a record of this hash is in the set.
    public func contains(_ hash: Bytes32) -> Bool { positions[hash] != nil }

    /// Sorted by device, at most `Limits.members`.
    public var members: [Member] {
        judgement.members.values.sorted { $0.device < $1.device }.prefix(Limits.members).map { $0 }
    }

    /// The device as a member; nil if it is none.
    public func member(_ device: DeviceID) -> Member? { judgement.members[device] }

    func nextIncarnation(of device: DeviceID) -> UInt64 { judgement.nextIncarnation(of: device) }

    /// The removals that hold, in the order of their arrival.
    var removals: [MembershipRecord] { judgement.holding.map { entries[$0].record }.filter { $0.action == .remove } }

    // MARK: Standing

    private mutating func take(_ record: MembershipRecord, _ hash: Bytes32) -> Insertion {
        if record.predecessors.isEmpty {
            guard hash == founding, MembershipSet.isFounding(record) else { return .refused(.notTheFounding) }
        }
        guard record.predecessors.allSatisfy({ positions[$0] != nil }) else { return wait(record, hash) }
        var ancestors = RecordSet()
        for predecessor in record.predecessors {
            guard let position = positions[predecessor] else { continue }
            ancestors.formUnion(entries[position].ancestors)
            ancestors.insert(position)
        }
        let before = Judgement(of: self, within: ancestors)
        if let refusal = refusal(of: record, before) { return .refused(refusal) }
        guard makeRoom() else { return .refused(.full) }
        positions[hash] = entries.count
        entries.append(
            Entry(
                hash: hash, record: record, signerIncarnation: before.members[record.signer]?.incarnation ?? 1,
                ancestors: ancestors))
        return .added
    }

    private func refusal(of record: MembershipRecord, _ before: Judgement) -> Refusal? {
        if record.predecessors.isEmpty { return nil }
        guard before.members[record.signer]?.role == .readWrite else { return .signerNotAllowed }
        let member = before.members[record.device]
        switch record.action {
        case .add:
            guard member == nil, record.incarnation == before.nextIncarnation(of: record.device) else {
                return .withoutEffect
            }
            return before.members.count < Limits.members ? nil : .full
        case .remove:
            return member?.incarnation == record.incarnation ? nil : .withoutEffect
        }
    }

    // MARK: Waiting

    private mutating func wait(_ record: MembershipRecord, _ hash: Bytes32) -> Insertion {
        let room = min(Limits.waitingMembershipRecords, Limits.membershipRecords - entries.count)
        guard waiting.count < room else { return .refused(.full) }
        waiting[hash] = record
        return .waiting
    }

    /// The first waiting record, by hash, whose predecessors are all there.
    private func readyRecord() -> (hash: Bytes32, record: MembershipRecord)? {
        waiting.filter { $0.value.predecessors.allSatisfy { positions[$0] != nil } }
            .min { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Records that stand push out those that wait.
    private mutating func makeRoom() -> Bool {
        guard entries.count < Limits.membershipRecords else { return false }
        if entries.count + waiting.count >= Limits.membershipRecords, let last = waiting.keys.max() {
            waiting[last] = nil
        }
        return true
    }
}
