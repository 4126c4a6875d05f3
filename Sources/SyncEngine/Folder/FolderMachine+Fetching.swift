internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// Contents that came to the stage, or can't: their needs change state.
struct MarkingTask: Sendable {
    var done: [FileContent: Set<RelativePath>]
    var blocked: [FileContent: (message: String, paths: Set<RelativePath>)]
    /// What nobody has.
    var missing: [FileContent: Set<RelativePath>] = [:]
    /// By members whose log is to be read again: the first sequence.
    var rewound: [DeviceID: IndexSequence] = [:]
    /// Paths that have what nobody has, by their rows.
    var misread: Set<RelativePath> = []
    /// Contents for which logs are read again, and whose: who told of them has them not.
    var reread: [FileContent: Set<DeviceID>] = [:]
    var view = IndexView()
    var decision = Decision()

    mutating func noteDropped(_ source: NeedSource) {
        rewound[source.device] = min(rewound[source.device] ?? .max, source.sequence)
    }
}

extension FolderMachine {
    mutating func beginFetchPass() {
        fetches.beginPage()
        if count(.wanted) == 0 { return orderFetches([]) }
        lane.task = .fetchPass
        let limit = fetches.isFirst ? Limits.waveRecords : Limits.activeTransfers
        emit(.loadNeeds(lane.newTicket(), .wanted, after: fetches.cursor, limit: limit))
    }

    mutating func orderFetches(_ needs: [Need]) {
        lane.finish()
        var last: RelativePath?
        defer { fetches.endPage(last ?? (needs.isEmpty ? nil : fetches.cursor)) }
        if needs.isEmpty, fetches.isFirst { fetches.endFirst() }
        for need in needs {
            noteCopy(need)
            guard case .file(let content) = need.target.content else { continue }
            if fetches.active[content] != nil {
                fetches.active[content]?.insert(need.path)
            } else if fetches.failed[content] == nil {
                guard fetches.active.count < Limits.activeTransfers else {
                    guard fetches.isFirst else { return }
                    // The first time all are looked through, whatever room there is.
                    fetches.hasPassedOver = true
                    last = need.path
                    continue
                }
                fetches.active[content] = [need.path]
                // The last time it is looked for here alone, in history too.
                let isLast = fetches.misses[content] ?? 0 == FetchBook.missesGreatest - 1
                let sources = need.sources.filter {
                    !isLast && $0.hasContent && members[$0.device]?.isConnected == true
                }
                emit(
                    .fetch(
                        WantedContent(
                            content: content, path: need.path, sources: sources.map(\.device), similar: nil,
                            former: need.target.formerPaths)))
            }
            last = need.path
        }
    }

    mutating func fetched(_ contents: [FileContent]) {
        fetches.done += contents
        for content in contents { fetches.came(content) }
        fetches.forgive()
    }

    mutating func fetchFailed(_ content: FileContent, _ failure: FetchObstacle) {
        fetches.failed(content, failure, at: now.monotonicNanoseconds)
        guard case .disk(let kind, let message) = failure else {
            // Whoever said to have it may have it again, or say what it has instead.
            waves.retrySoon(now.monotonicNanoseconds)
            if waves.hasWaiting { waves.restart() }
            fetches.misses[content, default: 0] += 1
            if fetches.misses[content, default: 0] < FetchBook.missesGreatest { fetches.active[content] = nil }
            return
        }
        problems.add(
            Problem(path: fetches.active[content]?.min(), kind: kind, message: message), at: now.unixSeconds)
        fetches.blocked[content] = message
        waves.retrySoon(now.monotonicNanoseconds)
    }

    // MARK: Marking

    mutating func beginMarking() {
        var task = MarkingTask(done: [:], blocked: [:])
        for content in fetches.done { task.done[content] = fetches.active.removeValue(forKey: content) ?? [] }
        for (content, message) in fetches.blocked {
            task.blocked[content] = (message, fetches.active.removeValue(forKey: content) ?? [])
        }
        for content in fetches.missing { task.missing[content] = fetches.active.removeValue(forKey: content) ?? [] }
        fetches.done = []
        fetches.blocked = [:]
        for content in task.missing.keys { fetches.giveUp(content) }
        let paths = Set(task.done.values.joined()).union(task.blocked.values.flatMap(\.paths))
            .union(task.missing.values.joined())
        lane.task = .marking(task)
        load(paths.sorted())
    }

    mutating func mark(_ task: MarkingTask, with loaded: Loaded) {
        var task = task
        task.view.add(loaded)
        let view = task.view
        let origins = Set(task.missing.values.joined().compactMap { view.need($0)?.target.contentOrigin })
            .filter { view.known[$0] == nil }
        lane.task = .marking(task)
        if !origins.isEmpty { return load(origins.sorted()) }
        (task.misread, task.reread) = ([], [:])
        var transaction = IndexTransaction()
        for (content, paths) in task.done {
            for path in paths where view.wants(content, at: path) {
                transaction.needChanges.append(NeedChange(path: path, state: .staged))
            }
        }
        for (content, entry) in task.blocked {
            for path in entry.paths where view.wants(content, at: path) {
                let reason = String(entry.message.prefix(Limits.reasonBytes / 4))
                transaction.needChanges.append(NeedChange(path: path, state: .blocked, reason: reason))
            }
        }
        for (content, paths) in task.missing {
            for path in paths.sorted() where view.wants(content, at: path) {
                guard let need = view.need(path) else { continue }
                let isInVain = isToldInVain(need, content, view.row(path))
                guard isInVain || isNowhere(need) else { continue }
                if let origin = need.target.contentOrigin, view.row(origin)?.stillHas(content) == true,
                    mayBeMisread(content, at: origin)
                {
                    task.misread.insert(origin)
                    continue
                }
                if let held = view.row(path)?.held(for: need) {
                    transaction.needs.append(held)
                    if held.target == need.target { continue }
                } else {
                    transaction.droppedNeeds.append(path)
                }
                if isInVain { task.reread[content, default: []].formUnion(need.sources.map(\.device)) }
                for source in need.sources
                where isInVain || source.match == .none || formerMembers.contains(source.device) {
                    task.noteDropped(source)
                }
            }
        }
        // What the dictionaries hold comes in any order; effects come in one.
        transaction.needChanges.sort { $0.path < $1.path }
        transaction.needs.sort { $0.path < $1.path }
        transaction.droppedNeeds.sort()
        transaction.peers = rewound(task)
        task.decision.transaction = transaction
        task.decision.settled = transaction.droppedNeeds + transaction.needs.map(\.path)
        askAboutLost(transaction.needs.count)
        lane.task = .marking(task)
        if transaction.isEmpty { marked(task) } else { commit(transaction) }
    }

    /// With a need goes what members announced at its path and it won over, and what was removed members' own: their
    /// logs are read again from there on.
    private func rewound(_ task: MarkingTask) -> [SyncModel.PeerState] {
        task.rewound.sorted { $0.key < $1.key }.compactMap { device, sequence in
            guard var peer = members[device]?.peer, peer.receivedSequence >= sequence, sequence > 0 else { return nil }
            peer.receivedSequence = sequence - 1
            return peer
        }
    }

    /// What we derived from what others announced (a conflict's copy, an edit that follows a move), and what was
    /// overwritten by its author before anyone had its content. Nobody was told of it, so nobody waits for it.
    private func isNowhere(_ need: Need) -> Bool {
        // Whoever was removed gives nothing any more.
        let sources = need.sources.filter { $0.hasContent && !formerMembers.contains($0.device) }
        if sources.contains(where: { $0.match == .record }) { return false }
        return sources.allSatisfy { members[$0.device]?.isConnected == true && !mayHaveMore($0.device) }
    }

    /// Whether all who told of it have it not, and nothing to look for: of what we told, too, so that a person here is
    /// asked. Who told of it may have lost its record since, with the file or with an index: their logs are read again,
    /// once while they are connected, and what is told there again is waited for.
    private func isToldInVain(_ need: Need, _ content: FileContent, _ row: IndexRow?) -> Bool {
        let isAsked = row?.held(for: need) != nil
        let sources = need.sources.filter { $0.hasContent && !formerMembers.contains($0.device) }
        let isDerived = need.target.contentOrigin != nil
        let isReread = fetches.isReread(content, of: Set(sources.map(\.device)), derived: isDerived)
        guard isAsked || !isReread else { return false }
        return sources.allSatisfy { source in
            members[source.device].map { $0.isConnected && $0.isCaughtUp } == true && !mayHaveMore(source.device)
        }
    }

    /// Whether one more look at its path may find it there, or something else. Not where looks found no difference, and
    /// no problem: it was lost under the stat that the row has.
    private mutating func mayBeMisread(_ content: FileContent, at origin: RelativePath) -> Bool {
        if fetches.misread.count >= Limits.transactionItems { fetches.misread = [:] }
        fetches.misread[content, default: 0] += 1
        let isKnown = problems.entries[ProblemBook.Key(path: origin)] != nil
        if isKnown || fetches.misread[content] ?? 0 <= FetchBook.misreadGreatest { return true }
        fetches.misread[content] = nil
        return false
    }

    /// Whether a connected member may yet serve what it could not, or say what it has instead.
    func mayHaveMore(_ device: DeviceID) -> Bool {
        members[device].map { $0.isConnected && ($0.isAwaited || $0.isNotLooking) } ?? false
    }

    /// The contents are there all the same.
    mutating func marking(failed task: MarkingTask) {
        for (content, paths) in task.done {
            fetches.active[content] = paths
            fetches.done.append(content)
        }
        for (content, entry) in task.blocked {
            fetches.active[content] = entry.paths
            fetches.blocked[content] = entry.message
        }
        for (content, paths) in task.missing {
            fetches.active[content] = paths
            fetches.misses[content] = FetchBook.missesGreatest
        }
    }

    mutating func marked(_ task: MarkingTask) {
        lane.finish()
        for peer in task.decision.transaction.peers {
            members[peer.device]?.peer = peer
            dropStream(peer.device)
            startStream(peer.device)
        }
        fetches.reread(task.reread)
        for path in task.blocked.values.flatMap(\.paths) { waves.isNotCarried(to: path) }
        settled(task.decision)
        // Somebody wrote there since: it may hold the same, and then it is had once that is seen.
        if !task.misread.isEmpty { read(task.misread) }
        for (content, paths) in task.done where paths.contains(where: { task.view.need($0)?.isMove == true }) {
            fetches.isStaged(content)
        }
        for path in Set(task.done.values.joined()) { waves.arrived(path) }
        waves.restart()
        found.restart()
        // Room for others.
        fetches.restart()
    }
}

extension IndexView {
    fileprivate func wants(_ content: FileContent, at path: RelativePath) -> Bool {
        guard let need = need(path), need.state == .wanted else { return false }
        return need.target.content == .file(content)
    }
}

extension Need {
    fileprivate var isMove: Bool { target.movedFrom != nil }
}

extension FileRecord {
    /// Where the content of a conflict's loser, or of an edit that follows a move, was made.
    fileprivate var contentOrigin: RelativePath? { conflictOf ?? movedFrom?.path }

    /// The path, and where moves took the entry before, as far as the record tells.
    var placesSoFar: Set<RelativePath> { Set([path, movedFrom?.path].compactMap { $0 } + lineage.map(\.path)) }

    /// Where the content stood before it came to the path, first where it was last; none for what was made there.
    fileprivate var formerPaths: [RelativePath] {
        guard let origin = contentOrigin else { return [] }
        return [origin] + placesSoFar.subtracting([origin]).sorted()
    }
}

extension IndexRow {
    fileprivate func stillHas(_ content: FileContent) -> Bool { disk != nil && record.content == .file(content) }

    /// What we told and have not any more, when nobody has what a need is to bring back: a person decides on it.
    fileprivate func held(for need: Need) -> Need? {
        guard disk == nil, !record.isDeleted else { return nil }
        guard record.content == need.target.content else { return Need(target: record, sources: [], state: .held) }
        // Those that were only asked have announced nothing.
        return Need(target: need.target, sources: need.sources.filter { $0.sequence > 0 }, state: .held)
    }
}
