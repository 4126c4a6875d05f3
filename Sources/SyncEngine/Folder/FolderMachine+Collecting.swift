internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// Deletions are remembered until every member has covered them, and then forgotten by all (rule 7).
///
/// The *cut* is what every member had durably covered: a deletion below it is dropped, not taken where nothing is left
/// to delete, and says nothing of what has not seen it. Whoever has all members' agreement proposes a cut; it counts
/// after a while, and who is told of it takes it as far as he has covered it himself.
extension FolderMachine {
    /// What deletions are forgotten by, here or at a connected member.
    var knownCut: VersionVector {
        members.values.reduce(index?.status.cut ?? VersionVector()) { cut, member in
            isBelieved(member.device) ? cut.joined(with: member.state?.cut ?? VersionVector()) : cut
        }
    }

    private func isBelieved(_ device: DeviceID) -> Bool {
        members[device]?.isConnected == true && roster[device]?.role == .readWrite
    }

    /// Whether all that the record has seen was covered by every member, here too.
    func isCovered(_ record: FileRecord) -> Bool { index?.status.cut.covers(record.version) == true }

    /// The members as they are known here, this device too.
    private var present: [FolderMember] {
        roster.values.filter { !formerMembers.contains($0.device) }.sorted { $0.device < $1.device }
    }

    /// Devices that know the same members have the same.
    var membersDigest: Bytes32 {
        var bytes = Array("lanyard members 1\0".utf8)
        for member in present {
            bytes += member.device.raw.bytes
            bytes += member.incarnation.bigEndianBytes
            bytes += Array(member.role.rawValue.utf8) + [0]
        }
        return hashing(bytes)
    }

    // MARK: Agreement

    /// Both have the same records: what the member covers, it covers truly. True where that is new.
    mutating func noteAgreement(with device: DeviceID) -> Bool {
        guard let index, let member = members[device], let state = member.state,
            state.members == collection.members, member.told?.members == collection.members
        else { return false }
        let agreed = AgreedFrontier(
            frontier: state.frontier.met(with: index.status.frontier), members: collection.members)
        guard member.peer.agreed != agreed else { return false }
        members[device]?.peer.agreed = agreed
        collection.unsaved.insert(device)
        collection.isDue = true
        return true
    }

    /// Members that deletions wait for: they have not covered all that is covered here, or it isn't known yet.
    var awaited: Set<DeviceID> {
        guard let frontier = index?.status.frontier else { return [] }
        return Set(
            present.map(\.device).filter { other in
                guard other != device else { return false }
                guard let agreed = members[other]?.peer.agreed, agreed.members == collection.members else {
                    return true
                }
                return !agreed.frontier.covers(frontier)
            })
    }

    /// What all members have covered, as far as everyone's word is known; nil where anyone's is not. As long as a
    /// connected member has other records, one of both lacks what it should have.
    private func commonFrontier(_ frontier: VersionVector) -> VersionVector? {
        let present = present
        guard roster[device]?.role == .readWrite, present.contains(where: { $0.device == device }),
            connections.allSatisfy({ repairs.members[$0]?.standing?.isEqual == true })
        else { return nil }
        var common = frontier
        for member in present where member.device != device {
            guard let agreed = members[member.device]?.peer.agreed, agreed.members == collection.members else {
                return nil
            }
            common = common.met(with: agreed.frontier)
        }
        return common
    }

    // MARK: The cut

    /// Whether there may be something to put down or to forget, and nothing else to do.
    var isCollectionDue: Bool {
        guard isWaiting else { return false }
        return !collection.isComplete || collection.isDue && now.monotonicNanoseconds >= collection.notBefore
    }

    /// When a cut is to be looked at, or a proposed one counts, in monotonic nanoseconds; nil if nothing waits for that
    /// alone.
    var collectionDeadline: UInt64? {
        if collection.isDue, now.monotonicNanoseconds < collection.notBefore { return collection.notBefore }
        guard let proposed = index?.status.proposedCut else { return nil }
        let seconds = proposed.seconds + collection.seconds - now.unixSeconds
        guard seconds > 0 else { return nil }
        return now.monotonicNanoseconds + UInt64(min(seconds, 1 << 32)) * 1_000_000_000
    }

    mutating func tickCollection() {
        guard let proposed = index?.status.proposedCut, isOld(proposed) else { return }
        collection.isDue = true
    }

    private func isOld(_ proposed: ProposedCut) -> Bool {
        now.unixSeconds >= proposed.seconds + collection.seconds
    }

    mutating func beginCollecting() {
        guard let index else { return }
        if collection.isDue { collection.restart(whereFewerThanBefore: index.needCount) }
        let transaction = collection.isDue ? cutTransaction(index) : IndexTransaction()
        collection.looked(at: now.monotonicNanoseconds)
        if !transaction.isEmpty {
            lane.task = .cutting(transaction.peers.map(\.device))
            return commit(transaction)
        }
        if collection.isComplete { return }
        lane.task = .collecting(next: nil)
        emit(.loadDeletions(lane.newTicket(), after: collection.position, limit: Limits.waveRecords))
    }

    private func cutTransaction(_ index: IndexState) -> IndexTransaction {
        var transaction = IndexTransaction()
        let status = index.status
        let frontier = index.needCount == 0 ? frontierWithoutNeeds(status) : status.frontier
        if frontier != status.frontier { transaction.frontier = frontier }
        // One whose log is another now is put down with what is read of it.
        transaction.peers = collection.unsaved.sorted().compactMap { device in
            members[device].flatMap { $0.isCaughtUp && !$0.isRenewed ? $0.peer : nil }
        }
        var cut = status.cut
        for member in members.values where isBelieved(member.device) {
            if let told = member.state?.cut { cut = cut.joined(with: told.met(with: frontier)) }
        }
        var proposed = status.proposedCut
        if let known = proposed, isOld(known) {
            cut = cut.joined(with: known.vector)
            proposed = nil
        }
        if proposed == nil, index.needCount == 0, let common = commonFrontier(frontier), !cut.covers(common) {
            proposed = ProposedCut(vector: common, seconds: now.unixSeconds)
        }
        // A clock that went back keeps nothing for ever.
        if let known = proposed { proposed?.seconds = min(known.seconds, now.unixSeconds) }
        if let known = proposed, cut.covers(known.vector) { proposed = nil }
        if cut != status.cut || proposed != status.proposedCut {
            (transaction.cut, transaction.proposedCut) = (cut, proposed)
        }
        return transaction
    }

    mutating func cutCommitted(_ saved: [DeviceID]) {
        lane.finish()
        collection.unsaved.subtract(saved)
        guard let cut = index?.status.cut, cut != collection.cut else { return }
        collection.restart(over: cut)
        emit(.changed)
    }

    // MARK: Forgetting

    mutating func collect(_ rows: [IndexRow], next: RelativePath?) {
        guard case .collecting = lane.task, let status = index?.status else { return lane.finish() }
        lane.task = .collecting(next: next)
        var transaction = IndexTransaction()
        var sequence = status.mark.sequence
        for var row in rows where row.counted?.isForgotten(by: status.cut) == true {
            // What was made here beside the deletion stays: nothing is agreed there any more.
            if row.standing == .local, !row.record.isDeleted {
                sequence += 1
                (row.sequence, row.agreed) = (sequence, nil)
                transaction.rows.append(row)
            } else {
                transaction.droppedRows.append(row.record.path)
            }
        }
        if transaction.isEmpty { collected(next) } else { commit(transaction) }
    }

    mutating func collected(_ next: RelativePath?) {
        lane.finish()
        collection.advance(to: next, needs: index?.needCount ?? 0)
        if next == nil { emit(.changed) }
    }
}
