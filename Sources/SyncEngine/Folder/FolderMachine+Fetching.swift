internal import SyncCore
internal import SyncModel

/// Contents that came to the stage, or can't: their needs change state.
struct MarkingTask: Sendable {
    var done: [FileContent: Set<RelativePath>]
    var blocked: [FileContent: (message: String, paths: Set<RelativePath>)]
    var gone: [FileContent: Set<RelativePath>]
}

extension FolderMachine {
    mutating func beginFetchPass() {
        lane.task = .fetchPass
        fetches.beginPage()
        emit(.loadNeeds(lane.newTicket(), .wanted, after: fetches.cursor, limit: Limits.activeTransfers))
    }

    mutating func orderFetches(_ needs: [Need]) {
        lane.finish()
        var last: RelativePath?
        defer { fetches.endPage(last ?? (needs.isEmpty ? nil : fetches.cursor)) }
        for need in needs {
            guard case .file(let content) = need.target.content else { continue }
            if fetches.active[content] != nil {
                fetches.active[content]?.insert(need.path)
            } else if fetches.failed[content] == nil {
                guard fetches.active.count < Limits.activeTransfers else { return }
                fetches.active[content] = [need.path]
                let sources = need.sources.filter { $0.hasContent && members[$0.device]?.isConnected == true }
                emit(.fetch(WantedContent(
                    content: content, path: need.path, sources: sources.map(\.device),
                    similar: nil)))
            }
            last = need.path
        }
    }

    mutating func fetched(_ contents: [FileContent]) {
        fetches.done += contents
        fetches.forgive()
    }

    mutating func fetchFailed(_ content: FileContent, _ failure: FetchObstacle) {
        fetches.failed(content, failure, at: now.monotonicNanoseconds)
        guard case .disk(let kind, let message) = failure else {
            let paths = fetches.active.removeValue(forKey: content)
            if failure == .gone { fetches.gone[content] = paths }
            return
        }
        problems.add(
            Problem(path: fetches.active[content]?.min(), kind: kind, message: message), at: now.unixSeconds)
        fetches.blocked[content] = message
        waves.retrySoon(now.monotonicNanoseconds)
    }

    // MARK: Marking

    mutating func beginMarking() {
        var task = MarkingTask(done: [:], blocked: [:], gone: fetches.gone)
        fetches.gone = [:]
        for content in fetches.done { task.done[content] = fetches.active.removeValue(forKey: content) ?? [] }
        for (content, message) in fetches.blocked {
            task.blocked[content] = (message, fetches.active.removeValue(forKey: content) ?? [])
        }
        fetches.done = []
        fetches.blocked = [:]
        let paths = Set(task.done.values.joined()).union(task.blocked.values.flatMap(\.paths))
            .union(task.gone.values.joined())
        lane.task = .marking(task)
        load(paths.sorted())
    }

    mutating func mark(_ task: MarkingTask, with loaded: Loaded) {
        var transaction = IndexTransaction()
        for (content, paths) in task.done {
            for path in paths where loaded.wants(content, at: path) {
                transaction.needChanges.append(NeedChange(path: path, state: .staged))
            }
        }
        for (content, entry) in task.blocked {
            for path in entry.paths where loaded.wants(content, at: path) {
                let reason = String(entry.message.prefix(Limits.reasonBytes / 4))
                transaction.needChanges.append(NeedChange(path: path, state: .blocked, reason: reason))
            }
        }
        for (content, paths) in task.gone {
            for path in paths where loaded.wants(content, at: path) {
                guard let need = loaded.known[path]?.need, isLost(need) else { continue }
                transaction.droppedNeeds.append(path)
            }
        }
        if transaction.isEmpty { marked(task) } else { commit(transaction) }
    }

    /// Whether a conflict copy can't come about any more: who wrote its content has destroyed it himself before anyone
    /// got it (rule 2), and nobody who might still have it is away.
    private func isLost(_ need: Need) -> Bool {
        need.target.conflictOf != nil
            && need.sources.allSatisfy { !$0.hasContent || members[$0.device]?.isConnected == true }
    }

    mutating func marked(_ task: MarkingTask) {
        lane.finish()
        waves.restart()
        // Room for others.
        fetches.restart()
    }
}

extension Loaded {
    fileprivate func wants(_ content: FileContent, at path: RelativePath) -> Bool {
        guard let need = known[path]?.need, need.state == .wanted else { return false }
        return need.target.content == .file(content)
    }
}
