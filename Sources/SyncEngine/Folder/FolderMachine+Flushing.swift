internal import SyncModel
internal import WireProtocol

/// What was applied is flushed, and only then acknowledged.
struct FlushTask: Sendable {
    /// Needs that were unflushed when the flush began: exactly these it made durable.
    var dropped: Set<RelativePath> = []
}

extension FolderMachine {
    mutating func beginFlush() {
        lane.task = .flushing(FlushTask())
        emit(.flush(lane.newTicket(flushing: true)))
    }

    mutating func loadUnflushed(_ task: FlushTask) {
        lane.task = .flushing(task)
        emit(.loadNeeds(lane.newTicket(), .unflushed, after: nil, limit: Limits.waveRecords))
    }

    mutating func dropFlushed(_ task: FlushTask, _ needs: [Need]) {
        guard let index, !needs.isEmpty else {
            lane.finish()
            // What stays below a directory as a local change keeps it waiting only until its own deletion is flushed.
            if !mayAnnounce, waves.hasWaiting { waves.restart() }
            emit(.changed)
            return
        }
        var transaction = IndexTransaction()
        transaction.droppedNeeds = needs.map(\.path)
        if index.needCount == needs.count { transaction.frontier = frontierWithoutNeeds(index.status) }
        commit(transaction)
    }

    /// Where nothing is needed any more, all that we made and that connected members have covered is covered here (rule
    /// 1). Members whose records nobody takes say nothing of it.
    func frontierWithoutNeeds(_ status: IndexStatus) -> VersionVector {
        guard !isRebuilding, unsettledCount == 0 else { return status.frontier }
        var frontier = frontier(status, covering: status.nextEdit - 1)
        for member in members.values where member.isCaughtUp && roster[member.device]?.role == .readWrite {
            frontier = frontier.joined(with: member.frontierAtHead)
            if let state = member.state { frontier = frontier.joined(with: state.frontier) }
        }
        return frontier
    }

    /// The frontier with our own edits up to a counter. What is told to nobody is covered by nobody: it may be told
    /// later, once this device may announce.
    func frontier(_ status: IndexStatus, covering counter: UInt64) -> VersionVector {
        guard mayAnnounce, status.local == 0, !isRebuilding, unsettledCount == 0 else { return status.frontier }
        return status.frontier.inserting(
            Origin(author: Author(device: device, epoch: status.epoch), counter: counter))
    }

    mutating func dropped(_ task: FlushTask) { loadUnflushed(task) }

    /// Tells each member how far its log is applied and durable here.
    mutating func acknowledge() {
        // What is being committed may need what was held before.
        guard let index, !lane.isCommitting else { return }
        for device in connections {
            guard let member = members[device], let epoch = member.peer.epoch else { continue }
            let upTo = applied(of: member)
            guard upTo > member.acknowledged else { continue }
            members[device]?.acknowledged = upTo
            emit(
                .send(
                    device,
                    .acknowledge(
                        Acknowledge(
                            folder: folder, epoch: epoch, upTo: upTo, frontier: index.status.frontier))))
        }
    }

    /// Up to here a member's log is applied and durable here.
    func applied(of member: MemberLink) -> IndexSequence {
        guard let index, index.isExact else { return 0 }
        guard let least = index.leastNeeds[member.device] else { return member.peer.receivedSequence }
        return min(member.peer.receivedSequence, least > 0 ? least - 1 : 0)
    }
}
