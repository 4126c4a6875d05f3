internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// What a repair asks of the index.
enum RepairTask: Sendable {
    /// Our bucket digests: to be told to the member, and to begin a round with.
    case digests(DeviceID, DigestDomain)
    /// Our records of a bucket.
    case items
}

/// Where members' records differ although each has read all of the other's log, they are compared and repaired. What a
/// member lacks was lost, not deleted: deletions have records of their own.
extension FolderMachine {
    /// Goes on with repairs, once there is nothing else to do. True when a round came to its end, or a member's records
    /// are the same as ours: others may go on, or deletions be forgotten.
    mutating func considerRepair() -> Bool {
        guard isRunning, hold == nil else {
            repairs.stop()
            return false
        }
        guard lane.isFree else { return false }
        // It may have waited for nothing but a path that is read now.
        if isCollectionDue { return true }
        if let round = repairs.round { return goOn(round) }
        let isAtRest = isAtRest
        var isNew = false
        for device in connections {
            let standing = isAtRest ? standing(with: device) : nil
            repairs.note(standing, of: device, at: now.monotonicNanoseconds)
            if let standing, standing.isEqual, noteAgreement(with: device) { isNew = true }
        }
        if isNew { return true }
        let isBelieved = { [roster] in roster[$0]?.role == .readWrite }
        guard let due = repairs.due(at: now.monotonicNanoseconds, isBelieved: isBelieved) else { return false }
        lane.task = .repairing(.digests(due.device, due.domain))
        emit(.loadDigests(lane.newTicket(), due.domain))
        return false
    }

    /// Whether nothing is left to do here but to wait: for contents that nobody has, or for what belongs to a record
    /// that is here, as the other end of a move. What took their place, or that other record, may be what was not told.
    private var isAtRest: Bool {
        isWaiting && [.idle, .syncing].contains(activity) && unsettledCount == 0
            && index?.needCount == count(.wanted) + count(.staged)
    }

    /// How we and a member stand, if both are at rest and have told each other so.
    private func standing(with device: DeviceID) -> RepairBook.Standing? {
        guard let index, let member = members[device], member.isCaughtUp, let state = member.state,
            state.activity == .active, !state.unflushed, let live = state.rootDigest,
            let position = state.position, let told = member.told
        else { return nil }
        let head = index.status.mark.sequence
        guard position.epoch == index.status.epoch, position.received == head, told.head == head,
            told.rootDigest == index.digest.live,
            told.tombstoneDigest ?? index.digest.tombstones == index.digest.tombstones
        else { return nil }
        // Whoever has forgotten other deletions than we have none to compare.
        let isComparable = told.tombstoneDigest != nil && state.cut == told.cut
        let tombstones = (isComparable ? state.tombstoneDigest : nil) ?? index.digest.tombstones
        return RepairBook.Standing(
            ours: index.digest, theirs: RootDigest(live: live, tombstones: tombstones), head: head,
            theirEpoch: state.epoch, theirHead: state.head, isWaiting: state.needFiles > 0 || index.needCount > 0,
            isComparable: isComparable && state.tombstoneDigest != nil)
    }

    /// What people are told of a difference that lasts.
    var repairProblems: [Problem] {
        let names = repairs.lasting(at: now.monotonicNanoseconds)
            .compactMap { roster[$0]?.role == .readWrite ? roster[$0]?.name ?? $0.short : nil }
        guard !names.isEmpty else { return [] }
        let whose = "The records of \(names.sorted().joined(separator: ", ")) differ from those of this device"
        var message = "\(whose), though all was told and compared: restart both agents."
        if let path = repairs.disputed {
            message = "\(whose): \(path) was replaced here and is not known any more; delete it there, or change it."
        } else if let path = repairs.differing {
            message = "\(whose), though all was told and compared: change \(path), or restart both agents."
        }
        return [Problem(path: nil, kind: .other, message: message)]
    }

    // MARK: Bucket digests

    mutating func take(_ digests: BucketDigests, from device: DeviceID) {
        guard let member = members[device], member.isConnected, let state = member.state else { return }
        let root = digests.domain == .live ? state.rootDigest : state.tombstoneDigest
        if let root { repairs.hear(digests.digests, of: root, digests.domain, from: device) }
    }

    mutating func took(_ digests: [Bytes32]) {
        guard case .repairing(.digests(let device, let domain)) = lane.task else { return lane.finish() }
        lane.finish()
        guard let index, let member = members[device], member.isConnected, let epoch = member.peer.epoch,
            let standing = repairs.members[device]?.standing
        else { return }
        if repairs.members[device]?.told[domain] != index.digest[domain] {
            repairs.told(index.digest[domain], domain, to: device)
            emit(.send(device, .bucketDigests(BucketDigests(folder: folder, domain: domain, digests: digests))))
        }
        guard roster[device]?.role == .readWrite,
            let buckets = repairs.buckets(digests, domain, with: device, at: now.monotonicNanoseconds)
        else { return }
        (repairs.disputed, repairs.differing) = (nil, nil)
        repairs.round = RepairRound(
            device: device, epoch: epoch, domain: domain, standing: standing, buckets: buckets)
    }

    // MARK: A round

    private mutating func goOn(_ round: RepairRound) -> Bool {
        let (device, domain) = (round.device, round.domain)
        guard members[device]?.peer.epoch == round.epoch, roster[device]?.role == .readWrite else {
            endRound { $0.fail(at: $1) }
            return true
        }
        switch repairs.round?.next() {
        case nil: break
        case .list(let bucket, let after):
            let request = BucketRequest(
                request: awaitRepairAnswer(), folder: folder, domain: domain, bucket: bucket, after: after)
            emit(.send(device, .bucketRequest(request)))
        case .want(let hashes):
            let wanted = RecordsWanted(request: awaitRepairAnswer(), folder: folder, paths: [], pathHashes: hashes)
            emit(.send(device, .recordsWanted(wanted)))
        case .load(let bucket, let after):
            lane.task = .repairing(.items)
            emit(.loadItems(lane.newTicket(), domain, bucket: bucket, after: after))
        case .merge(let announced): beginMerging(announced)
        case .end:
            endRound { $0.end(at: $1) }
            return true
        }
        return false
    }

    private mutating func awaitRepairAnswer() -> UInt32 {
        let number = newQuestion()
        repairs.round?.number = number
        repairs.round?.deadline = now.monotonicNanoseconds + RepairBook.answerNanoseconds
        return number
    }

    mutating func endRound(_ end: (inout RepairBook, UInt64) -> Void) {
        end(&repairs, now.monotonicNanoseconds)
        // What waited for the rest of the records waits no longer.
        if waves.hasWaiting { waves.restart() }
        emit(.changed)
    }

    mutating func tickRepair() {
        if let deadline = repairs.round?.deadline, now.monotonicNanoseconds >= deadline {
            endRound { $0.fail(at: $1) }
        }
    }

    mutating func take(_ listing: BucketListing, from device: DeviceID) {
        guard repairs.round?.device == device, repairs.round?.number == listing.request else { return }
        if repairs.round?.take(listing) == false {
            return refuse(device, "A page of a bucket is not what was asked for.")
        }
        repairs.round?.deadline = nil
    }

    mutating func take(_ records: Records, from device: DeviceID) {
        guard repairs.round?.device == device, repairs.round?.number == records.request else { return }
        // Its index is another one by now: its new log is read first.
        guard let peer = members[device]?.peer, records.epoch == peer.epoch else { return endRound { $0.fail(at: $1) } }
        let hashing = hashing
        let isSound = repairs.round?.take(records, upTo: peer.receivedSequence) {
            Bytes16(first: hashing($0.bytes))
        }
        if isSound == false { return refuse(device, "A record was not asked for.") }
        repairs.round?.deadline = records.last ? nil : now.monotonicNanoseconds + RepairBook.answerNanoseconds
    }

    private mutating func refuse(_ device: DeviceID, _ text: String) {
        endRound { $0.fail(at: $1) }
        emit(.disconnect(device, .protocolError, text))
    }

    /// The member could not answer.
    mutating func repairFailed(_ failed: RequestFailed, from device: DeviceID) {
        guard repairs.round?.device == device, repairs.round?.number == failed.request else { return }
        endRound { $0.fail(at: $1) }
    }

    mutating func took(_ items: [BucketListing.Item], next: RelativePath?) {
        lane.finish()
        repairs.round?.take(items, next: next)
    }

    // MARK: Merging

    /// What came is merged like what a log tells. Its sources stand where the member's log has it.
    private mutating func beginMerging(_ announced: [Announced]) {
        lane.task = .merging(MergeTask(records: announced.map(\.record), announced: announced, isRepair: true))
        load(Set(announced.map(\.record.path)).sorted())
    }

    /// Entries of which nothing is known here, but that their content stood there and something came after it: that was
    /// their deletion, whose record is lost or forgotten (rule 7). Nil once that is known.
    func doubted(_ task: MergeTask) -> [FoundContent]? {
        guard !task.isDoubted, task.isRepair || task.remote != nil else { return nil }
        return task.records.compactMap { record in
            guard task.view.known[record.path] != nil, task.view.row(record.path) == nil,
                task.view.need(record.path) == nil, task.isRepair || isCovered(record),
                let content = record.content.trace(hashing: hashing)
            else { return nil }
            return FoundContent(path: record.path, content: content)
        }
    }

    /// What stood here once does not come back. Where it still stands on the disk, it is found.
    mutating func leaveOut(_ held: Set<RelativePath>, of task: inout MergeTask) {
        guard !held.isEmpty else { return }
        task.records.removeAll { held.contains($0.path) }
        task.announced.removeAll { held.contains($0.record.path) }
        repairs.disputed = held.min()
        read(held)
    }
}
