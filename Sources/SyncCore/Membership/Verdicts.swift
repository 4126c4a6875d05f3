import SyncModel

/// One membership of a device: removals name it, and a return has the next.
struct Incarnation: Hashable, Sendable {
    let device: DeviceID
    let number: UInt64

    init(device: DeviceID, number: UInt64) { (self.device, self.number) = (device, number) }

    /// The one that a record is about.
    init(_ record: MembershipRecord) { self.init(device: record.device, number: record.incarnation) }
}

/// Decides which records hold, by the rules of `Judgement`: what follows without doubt first, and then, while removals
/// hinge on each other, against the one with the greatest hash.
struct Verdicts {
    private enum Verdict: Hashable {
        case open
        case holds
        case void
    }

    private let entries: [MembershipSet.Entry]
    private let scope: [Int]
    private var verdicts: [Verdict]
    private var additions: [Incarnation: [Int]] = [:]
    private var removals: [Incarnation: [Int]] = [:]

    /// Of the records at `scope`, ascending.
    init(_ entries: [MembershipSet.Entry], _ scope: [Int]) {
        self.entries = entries
        self.scope = scope
        verdicts = Array(repeating: .open, count: entries.count)
        for position in scope {
            let record = entries[position].record
            switch record.action {
            case .add: additions[Incarnation(record), default: []].append(position)
            case .remove: removals[Incarnation(record), default: []].append(position)
            }
        }
    }

    /// Positions of the records that hold, ascending.
    consuming func decided() -> [Int] {
        settle()
        while let loser = contested() {
            verdicts[loser] = .void
            settle()
        }
        return scope.filter { verdicts[$0] == .holds }
    }

    /// Draws conclusions until there are none.
    private mutating func settle() {
        var changed = true
        while changed {
            changed = false
            for position in scope where verdicts[position] == .open {
                verdicts[position] = conclusion(position)
                if verdicts[position] != .open { changed = true }
            }
        }
    }

    private func conclusion(_ position: Int) -> Verdict {
        let voiding = voiders(of: position).map { verdicts[$0] }
        if voiding.contains(.holds) { return .void }
        if entries[position].record.predecessors.isEmpty { return .holds }
        let supports = supporters(of: position).map { verdicts[$0] }
        if supports.allSatisfy({ $0 == .void }) { return .void }
        return supports.contains(.holds) && voiding.allSatisfy { $0 == .void } ? .holds : .open
    }

    private func signer(of position: Int) -> Incarnation {
        Incarnation(device: entries[position].record.signer, number: entries[position].signerIncarnation)
    }

    /// Additions that made the signer a member, as far as the record knew.
    private func supporters(of position: Int) -> [Int] {
        (additions[signer(of: position)] ?? []).filter { entries[position].ancestors.contains($0) }
    }

    /// Removals of the signer that did not know the record.
    private func voiders(of position: Int) -> [Int] {
        (removals[signer(of: position)] ?? []).filter { removal in
            removal != position && !entries[removal].ancestors.contains(position)
        }
    }

    /// The open removal to give up: one of a pair that void each other where there is one, else any, the greatest hash.
    private func contested() -> Int? {
        let open = scope.filter { verdicts[$0] == .open && entries[$0].record.action == .remove }
        let mutual = open.filter { position in
            voiders(of: position).contains { verdicts[$0] == .open && voiders(of: $0).contains(position) }
        }
        return (mutual.isEmpty ? open : mutual).max { entries[$0].hash < entries[$1].hash }
    }
}
