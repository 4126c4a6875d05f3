internal import SyncModel
internal import WireProtocol

/// Another member, and the stream of its log.
struct MemberLink: Sendable {
    let device: DeviceID
    var isConnected = false
    /// How far we are in its log: kept in the index.
    var peer: SyncModel.PeerState
    /// What it said of itself last, in this connection.
    var state: WireProtocol.FolderState?
    /// When it is waited for no more, as long as it has said nothing.
    var silentAt: UInt64?
    /// Whether its log was asked for in this connection.
    var isStreaming = false
    /// Whether its log is another than the one that the index knows: nothing of it is there yet.
    var isRenewed = false
    /// Whether its log may tell of directories' moves by their ends.
    var takesMoves = true
    /// Payload bytes of batches that may still come.
    var credit = 0
    /// Up to here its log came in: later than `peer.receivedSequence` while batches wait.
    var arrived: IndexSequence = 0
    /// Whether the place in our log that it showed first in this connection is looked up. Others are of what was sent
    /// since.
    var isMarkChecked = false
    /// What it covered when its log was received to the end.
    var frontierAtHead = VersionVector()
    /// The last sequence acknowledged to it in this connection.
    var acknowledged: IndexSequence = 0
    /// What we told it last.
    var told: WireProtocol.FolderState?

    init(device: DeviceID) {
        self.device = device
        peer = SyncModel.PeerState(device: device)
    }

    /// Whether all of its log, as far as we know of it, is in our rows and needs.
    var isCaughtUp: Bool {
        guard isConnected, let state else { return false }
        return peer.epoch == state.epoch && peer.receivedSequence >= state.head
    }

    /// Whether what it has to tell is waited for. A member that says nothing for long can't open its folder: what it
    /// would tell is as unknown as if it were not connected.
    var isAwaited: Bool { isConnected && !isCaughtUp && !(state == nil && silentAt == nil) }

    /// Whether it has not looked at what changed on its disk: it is paused, can't work, or looks just now.
    var isNotLooking: Bool { state.map { [.paused, .error, .scanning].contains($0.activity) } ?? false }

    static let creditTarget = 4 << 20
    /// What a crash left may take that long to be mended before a folder is open.
    static let silenceNanoseconds: UInt64 = 30_000_000_000
}

extension FolderMachine {
    /// Inline contents held in memory beyond which no further batches are asked for.
    static let inlineBytesGreatest: UInt64 = 16 << 20

    mutating func connected(_ device: DeviceID) {
        var member = members[device] ?? MemberLink(device: device)
        member.isConnected = true
        member.state = nil
        member.silentAt = now.monotonicNanoseconds + MemberLink.silenceNanoseconds
        member.isStreaming = false
        member.takesMoves = true
        member.credit = 0
        member.arrived = member.peer.receivedSequence
        member.acknowledged = 0
        member.isMarkChecked = false
        member.told = nil
        members[device] = member
        connections = (connections.filter { $0 != device } + [device]).sorted()
        repairs.forget(device)
        fetches.connected(device)
        fetches.restart()
        tell(device)
    }

    /// Who has said nothing by now is waited for no more.
    mutating func tickMembers() {
        let time = now.monotonicNanoseconds
        for device in members.keys.sorted() {
            guard let member = members[device], member.isConnected, let due = member.silentAt, due <= time else {
                continue
            }
            members[device]?.silentAt = nil
            if waves.hasWaiting { waves.restart() }
            emit(.changed)
        }
    }

    mutating func disconnected(_ device: DeviceID) {
        members[device]?.isConnected = false
        members[device]?.state = nil
        connections.removeAll { $0 == device }
        dropStream(device)
        repairs.forget(device)
        // What waited for the rest of its log waits no longer.
        if waves.hasWaiting { waves.restart() }
        foundDisconnected(device)
        barriers.entries.removeAll { $0.device == device }
        emit(.changed)
    }

    mutating func changed(_ members: [FolderMember]) {
        for member in members { roster[member.device] = member }
        let present = Set(members.map(\.device))
        let wasMember = isMember
        isMember = present.contains(device)
        removedSeconds = isMember ? nil : removedSeconds ?? now.unixSeconds
        formerMembers = Set(roster.keys).subtracting(present)
        for device in formerMembers { roster[device]?.role = .readOnly }
        if !isMember { for device in connections { dropStream(device) } }
        // Their word counts no longer.
        queue.releases.formUnion(releases.values.filter { roster[$0.signer]?.role != .readWrite }.map(\.author))
        found.restart()
        silenceHeld()
        collection.members = membersDigest
        collection.isDue = true
        if waves.hasWaiting || isMember && !wasMember { waves.restart() }
        emit(.changed)
    }

    /// Whether there is something to be placed here.
    var isWaveDue: Bool { waves.isDue && isMember }

    mutating func take(_ message: Message, from device: DeviceID) {
        switch message {
        case .folderState(let state): take(state, from: device)
        case .acknowledge(let acknowledge): take(acknowledge, from: device)
        case .deletionRelease(let release): keep(release, from: device)
        case .everHeldAnswer(let answer): take(answer, from: device)
        case .requestFailed(let failed): take(failed, from: device)
        case .bucketDigests(let digests): take(digests, from: device)
        case .bucketListing(let listing): take(listing, from: device)
        case .records(let records): take(records, from: device)
        case .barrier(let barrier):
            requestScan()
            barriers.entries.append(
                BarrierBook.Entry(device: device, token: barrier.token, scan: scans.requested))
        default: break
        }
    }

    private mutating func take(_ state: WireProtocol.FolderState, from device: DeviceID) {
        guard var member = members[device], member.isConnected else { return }
        var state = state
        // A batch may have told of more than its sender's state, which is of a moment before.
        if let before = member.state, before.epoch == state.epoch { state.head = max(state.head, before.head) }
        let isFirst = member.state == nil
        let looksAgain = member.isNotLooking
        member.state = state
        member.silentAt = nil
        members[device] = member
        if looksAgain, !member.isNotLooking {
            // What it could not serve, it may serve now.
            fetches.forgive()
            fetches.restart()
        }
        if isFirst { showReleases(to: device) }
        collection.isDue = true
        checkIdentity(state, from: device)
        guard let index else { return }
        if let position = state.position, position.epoch == index.status.epoch {
            note(position.applied, in: position.epoch, by: device)
        }
        startStream(device)
        acknowledge()
        if waves.hasWaiting, members[device]?.isCaughtUp == true { waves.restart() }
        emit(.changed)
    }

    /// A member that has seen more of our log than there is, or another log at some place, has met another index of
    /// this identity (rule 9). What the log was at places before its end, the index knows.
    mutating func checkIdentity(_ state: WireProtocol.FolderState, from device: DeviceID) {
        guard let index, let position = state.position, position.epoch == index.status.epoch else { return }
        let end = index.status.mark
        if position.received > end.sequence { return doubtIdentity(device) }
        guard let mark = position.mark else { return }
        if mark.sequence == end.sequence, mark.hash != end.hash { return doubtIdentity(device) }
        guard members[device]?.isMarkChecked == false else { return }
        members[device]?.isMarkChecked = true
        emit(.checkMark(device, mark))
    }

    /// What the member showed is no place in our log.
    mutating func doubtIdentity(_ device: DeviceID) {
        let name = roster[device]?.name ?? device.short
        stop(
            .identity,
            """
            \(name) knows a later or another state of this folder's index: it was restored from a copy, or a copy of \
            it runs elsewhere. Stop the other one, then run 'lanyard identity renew'.
            """)
    }

    private mutating func take(_ acknowledge: Acknowledge, from device: DeviceID) {
        guard var member = members[device], member.isConnected, acknowledge.epoch == index?.status.epoch else { return }
        member.peer.frontier = member.peer.frontier.joined(with: acknowledge.frontier)
        members[device] = member
        note(acknowledge.upTo, in: acknowledge.epoch, by: device)
    }

    private mutating func note(_ acknowledged: IndexSequence, in epoch: IndexEpoch, by device: DeviceID) {
        guard var peer = members[device]?.peer, acknowledged <= index?.status.mark.sequence ?? 0 else { return }
        if peer.acknowledgedEpoch != epoch { (peer.acknowledgedEpoch, peer.acknowledgedSequence) = (epoch, 0) }
        peer.acknowledgedSequence = max(peer.acknowledgedSequence, acknowledged)
        members[device]?.peer = peer
    }

    // MARK: Its log

    /// Asks for what of the member's log is not here, once it has said where its log stands.
    mutating func startStream(_ device: DeviceID) {
        guard var member = members[device], member.isConnected, let state = member.state, isRunning else { return }
        if member.isStreaming, member.peer.epoch == state.epoch { return }
        if member.peer.epoch != state.epoch {
            member.isRenewed = member.isRenewed || member.peer.epoch != nil
            member.peer.epoch = state.epoch
            member.peer.receivedSequence = 0
            member.peer.mark = LogMark(sequence: 0, hash: .zero)
            member.peer.agreed = nil
            // What was acknowledged in this connection was of another log.
            member.acknowledged = 0
        }
        member.isStreaming = true
        member.arrived = member.peer.receivedSequence
        member.credit = MemberLink.creditTarget
        members[device] = member
        let after = member.peer.receivedSequence
        streams[device] = ((streams[device]?.number ?? 0) + 1, after)
        request(device, state.epoch, credit: MemberLink.creditTarget)
    }

    private mutating func request(_ device: DeviceID, _ epoch: IndexEpoch, credit: Int) {
        guard let stream = streams[device] else { return }
        let request = IndexRequest(
            folder: folder, stream: stream.number, epoch: epoch, after: stream.after,
            inlineLimit: UInt32(Limits.inlineBytes),
            creditBytes: UInt32(credit), takesMoves: members[device]?.takesMoves ?? false)
        emit(.send(device, .indexRequest(request)))
    }

    mutating func take(_ batch: IndexBatch, inline: [HeldContent], bytes: Int, from device: DeviceID) {
        guard var member = members[device], member.isStreaming, batch.stream == streams[device]?.number,
            batch.epoch == member.peer.epoch, batch.after == member.arrived
        else {
            if !inline.isEmpty { emit(.releaseInline(inline.map(\.handle))) }
            return
        }
        member.arrived = batch.upTo
        member.credit -= bytes
        members[device] = member
        queue.remote.append(InputQueue.Remote(device: device, batch: batch, inline: inline))
    }

    /// A batch is in the index: room for more.
    mutating func took(_ batch: IndexBatch, of device: DeviceID, _ peer: SyncModel.PeerState?) {
        guard var member = members[device] else { return }
        // Not of a log that the member has lost while this was put down.
        if let peer, member.peer.epoch == nil || member.peer.epoch == peer.epoch {
            member.peer.epoch = peer.epoch
            member.peer.receivedSequence = peer.receivedSequence
            member.peer.mark = peer.mark
            member.isRenewed = false
        }
        // One that waited since an earlier connection may be of a log that the member has lost meanwhile.
        if member.state.map({ $0.epoch == batch.epoch }) ?? true {
            if batch.upTo == batch.head, let frontier = batch.frontier { member.frontierAtHead = frontier }
            if let head = member.state?.head, head < batch.head { member.state?.head = batch.head }
        }
        members[device] = member
    }

    /// What came of a member's log is lost: it is asked for again.
    mutating func dropStream(_ device: DeviceID) {
        members[device]?.isStreaming = false
        let unused = queue.remote.filter { $0.device == device }.flatMap(\.inline).map(\.handle)
        queue.remote.removeAll { $0.device == device }
        if !unused.isEmpty { emit(.releaseInline(unused)) }
    }

    /// Grants further batches where there is room for them, and where nothing of what is held can be placed before more
    /// of the logs is read: what has no room in memory then is fetched later.
    mutating func grantCredit() {
        let awaitsMore = waves.hasWaiting && !waves.isDue || waveRest != nil
        guard inline.bytes < Self.inlineBytesGreatest || awaitsMore, queue.remote.count < 8 else { return }
        for device in connections {
            guard let member = members[device], member.isStreaming else { continue }
            let grant = MemberLink.creditTarget - max(0, member.credit)
            guard grant >= MemberLink.creditTarget / 2, let epoch = member.peer.epoch else { continue }
            members[device]?.credit += grant
            request(device, epoch, credit: grant)
        }
    }
}
