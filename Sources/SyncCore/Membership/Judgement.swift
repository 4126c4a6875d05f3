import SyncModel

/// Which of the standing records hold, and so who is a member, judged by a set of records that is closed: with each
/// record it has those that lead to it.
///
/// - A record holds when an addition of its signer that leads to it holds, and no removal that holds voids it.
/// - A removal voids what the removed incarnation signed and the removal did not know: it makes backdating useless.
/// - So an addition and a removal that did not know of each other end in removal.
/// - Where removals void each other, in a pair or a ring, those with the smaller hashes hold.
struct Judgement: Sendable {
    /// Positions of the records that hold, ascending.
    private(set) var holding: [Int] = []
    private(set) var members: [DeviceID: Member] = [:]
    /// The greatest incarnation that any record gave a device.
    private var incarnations: [DeviceID: UInt64] = [:]

    /// Of nothing.
    init() {}

    init(of set: MembershipSet, within scope: RecordSet) {
        let positions = scope.positions
        holding = Verdicts(set.entries, positions).decided()
        for position in positions where set.entries[position].record.action == .add {
            let record = set.entries[position].record
            incarnations[record.device] = max(incarnations[record.device] ?? 0, record.incarnation)
        }
        gather(set.entries)
    }

    func nextIncarnation(of device: DeviceID) -> UInt64 { (incarnations[device] ?? 0) + 1 }

    /// Of an incarnation added twice the record with the smaller hash says role and name; of several the last counts,
    /// and the removal of one removes those before it.
    private mutating func gather(_ entries: [MembershipSet.Entry]) {
        var removed: [DeviceID: UInt64] = [:]
        for position in holding where entries[position].record.action == .remove {
            let record = entries[position].record
            removed[record.device] = max(removed[record.device] ?? 0, record.incarnation)
        }
        var chosen: [DeviceID: MembershipSet.Entry] = [:]
        for position in holding where entries[position].record.action == .add {
            let entry = entries[position]
            guard entry.record.incarnation > removed[entry.record.device] ?? 0 else { continue }
            if let other = chosen[entry.record.device] {
                let (left, right) = (entry.record.incarnation, other.record.incarnation)
                guard left > right || (left == right && entry.hash < other.hash) else { continue }
            }
            chosen[entry.record.device] = entry
        }
        members = chosen.mapValues { entry in
            Member(
                device: entry.record.device, role: entry.record.role, incarnation: entry.record.incarnation,
                name: entry.record.deviceName)
        }
    }
}
