internal import SyncCore
internal import SyncModel

extension FolderMachine {
    mutating func open(_ opening: FolderOpening) {
        index = IndexState(
            status: opening.status, digest: opening.digest, leastNeeds: [:],
            isExact: opening.status.needs.values.allSatisfy { $0.needs == 0 })
        if doubt == .reading { return goOn(with: opening) }
        if hold?.cause == .disk || hold?.cause == .index { (hold, suspended) = (suspended, nil) }
        problems.clearAll { $0.path == nil && $0.kind != .watchLimit }
        for peer in opening.peers {
            var member = members[peer.device] ?? MemberLink(device: peer.device)
            member.peer = peer
            member.arrived = peer.receivedSequence
            members[peer.device] = member
        }
        know(opening.releases)
        collection.restart(over: opening.status.cut)
        askAgain()
        silenceHeld()
        if count(.blocked) > 0 { waves.retryAt = now.monotonicNanoseconds }
        // What was applied before may not be flushed: after a crash, and where the index was lost, no intent need tell.
        waves.isDirty = true
        requestScan()
        found.restart()
        resumeStreams()
        for device in members.keys.sorted() where members[device]?.isConnected == true {
            if let state = members[device]?.state { checkIdentity(state, from: device) }
            tell(device)
        }
        recover(opening)
    }

    private mutating func recover(_ opening: FolderOpening) {
        guard !opening.intents.isEmpty || opening.restart != nil else { return }
        recovery = RecoveryTask(
            observations: opening.intents, returned: opening.returned, refilled: opening.refilled,
            restart: opening.restart, isDoubted: opening.afterFailedFlush)
        emit(.changed)
    }

    /// What a failed flush was about was read. All else is as it was; what was staged is fetched again.
    private mutating func goOn(with opening: FolderOpening) {
        doubt = .none
        waves.isDirty = true
        fetches.forgetStaged()
        fetches.beginFirst()
        for intent in opening.intents { problems.clear(intent.path) }
        requestScan()
        recover(opening)
    }
}
