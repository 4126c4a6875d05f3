internal import SyncCore
public import SyncModel
internal import WireProtocol

/// What is told of the folder: to members, and to people.
extension FolderMachine {
    /// At least so much time is between two states told to a member, unless the folder came to rest.
    private static let stateInterval: UInt64 = 200_000_000

    /// After every event: credit, barriers, and the state where it changed.
    mutating func publish() {
        guard index != nil else { return }
        grantCredit()
        reachBarriers()
        let state = ownState
        var isBehind = false
        for device in connections {
            guard var state, let member = members[device] else { continue }
            state.position = position(in: member)
            guard member.told != state else { continue }
            // Whoever hears of records that were made after a deletion was forgotten knows of the cut before.
            let isDue = now.monotonicNanoseconds >= lastTold + Self.stateInterval || member.told?.cut != state.cut
            guard isDue || (isSettled && queue.isEmpty && lane.isFree) else {
                isBehind = true
                continue
            }
            tell(device)
        }
        stateDue = isBehind ? lastTold + Self.stateInterval : nil
    }

    /// Tells a member how the folder stands here.
    mutating func tell(_ device: DeviceID) {
        guard var state = ownState, let member = members[device], member.isConnected else { return }
        state.position = position(in: member)
        members[device]?.told = state
        lastTold = now.monotonicNanoseconds
        emit(.send(device, .folderState(state)))
    }

    private var ownState: WireProtocol.FolderState? {
        guard let index else { return nil }
        let status = index.status
        let isScanned = scans.completedSeconds != nil
        return WireProtocol.FolderState(
            folder: folder, activity: wireActivity, epoch: status.epoch, head: status.mark.sequence, mark: status.mark,
            frontier: status.frontier, members: collection.members, cut: status.cut,
            rootDigest: isScanned ? index.digest.live : nil,
            tombstoneDigest: isScanned && collection.isComplete ? index.digest.tombstones : nil,
            needFiles: UInt64(status.needFiles),
            needBytes: min(status.needBytes, Limits.fileBytes), scannedGeneration: scans.generation,
            unflushed: count(.unflushed) > 0, position: nil)
    }

    private func position(in member: MemberLink) -> LogPosition? {
        guard let epoch = member.peer.epoch else { return nil }
        let received = member.peer.receivedSequence
        let applied = applied(of: member)
        let mark = member.peer.mark.sequence > 0 && member.peer.mark.sequence <= received ? member.peer.mark : nil
        return LogPosition(epoch: epoch, received: received, applied: applied, mark: mark)
    }

    private var wireActivity: FolderActivity {
        switch activity {
        case .paused: .paused
        case .held: .held
        case .error: .error
        case .scanning: .scanning
        case .syncing, .idle: .active
        }
    }

    // MARK: Barriers

    private mutating func reachBarriers() {
        guard !barriers.entries.isEmpty else { return }
        let refusal: String? =
            switch activity {
            case .paused: "The folder is paused there."
            case .held, .error: hold?.message ?? "The folder waits for a person there."
            default: nil
            }
        let waiting = barriers.entries
        barriers.entries = []
        for entry in waiting {
            let isReached = refusal == nil && scans.completed >= entry.scan && isSettled
            guard isReached || refusal != nil else {
                barriers.entries.append(entry)
                continue
            }
            emit(
                .send(
                    entry.device,
                    .barrierReached(
                        BarrierReached(
                            folder: folder, token: entry.token, reached: isReached, rootDigest: index?.digest.live,
                            reason: String((refusal ?? "").prefix(Limits.textBytes / 4))))))
        }
    }

    // MARK: Activity

    /// Whether nothing is under way and nothing is left to do that can be done now.
    public var isSettled: Bool { isWaiting && index?.status.needFiles == 0 }

    /// Whether nothing is under way, and what is left to do can't be done now.
    var isWaiting: Bool {
        index != nil && queue.isEmpty && lane.isFree && !isWaveDue && count(.unflushed) == 0 && !scans.isUnderWay
            && !scans.scanningSubtree && scans.subtrees.isEmpty && scans.left.isEmpty && scans.reads == 0
            && fetches.active.isEmpty && fetches.done.isEmpty && deferral.pending == 0
            && !isSettlingFound && !isRebuilding
            && !members.values.contains(where: \.isAwaited)
    }

    /// What the folder does, in one word.
    public var activity: FolderStatus.Activity {
        if isPaused { return .paused }
        if let hold { return hold.cause == .index || hold.cause == .disk ? .error : .held }
        if !isMember { return .held }
        if index == nil || scans.isUnderWay || scans.requested > scans.completed { return .scanning }
        return isSettled ? .idle : .syncing
    }

    /// One consistent picture for people and scripts.
    public var status: FolderStatus {
        FolderStatus(
            folder: folder, activity: activity, hold: hold ?? removal,
            rootDigest: scans.completedSeconds == nil ? nil : index?.digest.live, index: index?.status,
            scannedSeconds: scans.completedSeconds, scanRequests: scans.requested, scansServed: scans.completed,
            isSettled: isSettled,
            members: otherMembers,
            problems: ([foundProblem].compactMap { $0 } + repairProblems)
                .map { ($0, scans.completedSeconds ?? now.unixSeconds) } + problems.sorted,
            heldDeletions: UInt64(heldDeletions),
            awaited: awaited.compactMap { roster[$0]?.name }.sorted())
    }

    /// Nothing is under way in a folder of others, and nothing will be.
    private var removal: Hold? {
        guard !isMember else { return nil }
        let message = """
            This device is no longer a member of the folder: its files stay here, and nothing is sent or received. \
            Ask a member for an invitation, or run 'lanyard folder remove'.
            """
        return Hold(cause: .membership, message: message, since: removedSeconds ?? now.unixSeconds)
    }

    private var otherMembers: [FolderStatus.Member] {
        roster.values.filter { $0.device != device && !formerMembers.contains($0.device) }
            .sorted { $0.device < $1.device }.map { member in
                let link = members[member.device]
                return FolderStatus.Member(
                    member: member, isConnected: link?.isConnected ?? false, rootDigest: link?.state?.rootDigest,
                    needFiles: link?.state?.needFiles, needBytes: link?.state?.needBytes,
                    isUnflushed: link?.state?.unflushed ?? false)
            }
    }
}

/// A folder as people and scripts see it.
public struct FolderStatus: Sendable {
    /// In one word, as `status` shows it.
    public enum Activity: String, Hashable, Sendable {
        case idle, scanning, syncing, paused, held, error
    }

    /// Another member, as far as it is known here.
    public struct Member: Hashable, Sendable {
        public var member: FolderMember
        public var isConnected: Bool
        /// Nil where it is not known: the member is not connected, or has not scanned.
        public var rootDigest: Bytes32?
        public var needFiles: UInt64?
        public var needBytes: UInt64?
        public var isUnflushed: Bool
    }

    public var folder: FolderID
    public var activity: Activity
    public var hold: Hold?
    public var rootDigest: Bytes32?
    public var index: IndexStatus?
    /// The end of the last scan of everything since the start, in seconds since 1970.
    public var scannedSeconds: Int64?
    /// How many scans were asked for, and up to which of them they are done.
    public var scanRequests: UInt64
    public var scansServed: UInt64
    public var isSettled: Bool
    public var members: [Member]
    public var problems: [(problem: Problem, since: Int64)]
    /// Deletions that wait for `release` or `discard`.
    public var heldDeletions: UInt64
    /// Names of members that deletions are remembered for: they have not covered all of them.
    public var awaited: [String]
}

extension ProblemBook {
    var sorted: [(problem: Problem, since: Int64)] {
        entries.values.sorted { left, right in
            switch (left.problem.path, right.problem.path) {
            case (let left?, let right?): left < right
            case (nil, .some): true
            default: false
            }
        }
    }
}
