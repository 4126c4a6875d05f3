internal import SyncCore
internal import SyncModel
internal import WireProtocol

/// Announced records, or edits that the plan asked for, become needs.
struct MergeTask: Sendable {
    /// Nil for edits of our own.
    var remote: InputQueue.Remote?
    var records: [FileRecord]
    var announced: [Announced] = []
    /// The counters after our own edits.
    var context: EditContext?
    /// Whether they were asked for, because a member's records differ from ours.
    var isRepair = false
    /// Whether it is known which of these are old.
    var isDoubted = false
    /// What stands for records that are still to be made.
    var move: DirectoryMove?
    var view = IndexView()
    var decision = Decision()
}

extension FolderMachine {
    mutating func beginEdits() {
        var context = editContext
        // What was asked for before the role changed is left to others.
        let records = mayAnnounce ? queue.edits : []
        queue.edits = []
        for record in records where record.origin.author == context.author {
            context.counter = max(context.counter, record.origin.counter)
            context.stampCounter = max(context.stampCounter, record.greatestStamp)
        }
        lane.task = .merging(MergeTask(records: records, context: context))
        load(Set(records.map(\.path)).sorted())
    }

    mutating func beginMerging() {
        let remote = queue.remote.removeFirst()
        waves.merges += 1
        let isBelieved = roster[remote.device]?.role == .readWrite
        let announced = remote.batch.entries.compactMap { entry -> Announced? in
            guard isBelieved, case .record(let record, _) = entry.item else { return nil }
            return Announced(device: remote.device, sequence: entry.sequence, record: record)
        }
        var task = MergeTask(remote: remote, records: announced.map(\.record), announced: announced)
        if isBelieved, case .move(let move) = remote.batch.entries.first?.item {
            task.move = move
            return beginExpanding(move, task)
        }
        lane.task = .merging(task)
        load(Set(task.records.map(\.path)).sorted())
    }

    mutating func decide(_ task: MergeTask, with loaded: Loaded) {
        var task = task
        task.view.add(loaded)
        if let move = task.move, !expand(move, &task) { return }
        if let doubted = doubted(task), !doubted.isEmpty {
            lane.task = .merging(task)
            return emit(.loadHeld(lane.newTicket(), doubted))
        }
        decide(task)
    }

    mutating func took(_ held: Set<RelativePath>) {
        guard case .merging(var task) = lane.task else { return lane.finish() }
        task.isDoubted = true
        leaveOut(held, of: &task)
        decide(task)
    }

    private mutating func decide(_ task: MergeTask) {
        var task = task
        let context = task.context ?? editContext
        let reconciled = reconcile(task.records, view: agreed(task), context: context, cut: knownCut) {
            copyPath(of: $0)
        }
        lane.task = .merging(task)
        if !reconciled.missing.isEmpty { return load(reconciled.missing.sorted()) }
        // Where a move came from, and where a loser stood: their contents may be at hand.
        let around = Set(reconciled.targets.values.compactMap { $0.movedFrom?.path ?? $0.conflictOf })
            .filter { task.view.known[$0] == nil }
        if !around.isEmpty { return load(around.sorted()) }
        let fresh = Set(task.remote?.inline.map(\.content) ?? [])
        let renewed = task.remote.flatMap { members[$0.device]?.isRenewed == true ? $0.device : nil }
        var writer = NeedWriter(
            view: task.view, announced: task.announced, inline: inline.contents.union(fresh), renewed: renewed,
            after: index?.status.mark.sequence ?? 0)
        for target in reconciled.targets.values.sorted(by: { $0.path < $1.path }) { writer.put(target) }
        let untargeted = Set(task.announced.map(\.record.path)).subtracting(reconciled.targets.keys)
        for path in untargeted.sorted() { writer.note(path) }
        task.decision = writer.decision
        if let remote = task.remote { finish(&task.decision, remote, task.records) }
        let edited = reconciled.context
        if edited.counter > editContext.counter || edited.stampCounter > editContext.stampCounter {
            task.decision.transaction.nextEdit = edited.counter + 1
            task.decision.transaction.stampCounter = max(
                edited.stampCounter, task.decision.transaction.stampCounter ?? 0)
        }
        if task.isRepair {
            if task.decision.transaction.isEmpty {
                repairs.differing = task.records.map(\.path).min() ?? repairs.differing
                return lane.finish()
            }
            task.decision.transaction.stampCounter = task.records.map(\.greatestStamp).max()
        }
        holdDeletions(&task.decision, task.view)
        lane.task = .merging(task)
        commit(task.decision.transaction, flushing: task.view)
    }

    /// What is known of the paths. What a member that may not announce made of all that it heard may differ in metadata
    /// from what the others made of it: at rest it takes theirs.
    private func agreed(_ task: MergeTask) -> [RelativePath: FileRecord?] {
        var records = task.view.records
        guard task.isRepair, !mayAnnounce else { return records }
        for record in task.records where records[record.path]??.version == record.version {
            records[record.path] = .some(nil)
        }
        return records
    }

    /// Where we are in the member's log, with the records in the same transaction.
    private func finish(_ decision: inout Decision, _ remote: InputQueue.Remote, _ records: [FileRecord]) {
        decision.transaction.stampCounter = records.map(\.greatestStamp).max()
        var peer = members[remote.device]?.peer ?? SyncModel.PeerState(device: remote.device)
        // Of a log that the member has lost while its batch was read, no place is of use.
        guard peer.epoch == remote.batch.epoch || peer.epoch == nil else { return }
        peer.epoch = remote.batch.epoch
        // One that waited since an earlier connection may be behind by now.
        peer.receivedSequence = max(peer.receivedSequence, remote.batch.upTo)
        if let hash = remote.batch.mark { peer.mark = LogMark(sequence: remote.batch.upTo, hash: hash) }
        decision.transaction.peers = [peer]
    }

    mutating func merged(_ task: MergeTask) {
        lane.finish()
        settled(task.decision)
        if task.isRepair { repairs.round?.isChanged = true }
        if let remote = task.remote {
            hold(remote.inline, for: task.decision)
            took(remote.batch, of: remote.device, task.decision.transaction.peers.first)
        }
        for need in task.decision.transaction.needs {
            if case .file(let content) = need.target.content { fetches.renew(content) }
        }
        for record in task.records {
            if case .file(let content) = record.content { fetches.renew(content) }
        }
        waves.restart()
        fetches.restart()
        found.restart()
    }

    /// Inline contents that a need uses are held for it, the others given back.
    private mutating func hold(_ contents: [HeldContent], for decision: Decision) {
        guard !contents.isEmpty else { return }
        var users: [FileContent: [RelativePath]] = [:]
        for need in decision.transaction.needs where need.state == .staged {
            if case .file(let content) = need.target.content { users[content, default: []].append(need.path) }
        }
        var unused: [UInt64] = []
        for content in contents {
            guard let paths = users[content.content] else {
                if inline.entries[content.content]?.handle != content.handle { unused.append(content.handle) }
                continue
            }
            for path in paths {
                if let handle = inline.hold(content, for: path), !unused.contains(handle) { unused.append(handle) }
            }
        }
        if !unused.isEmpty { emit(.releaseInline(unused)) }
    }

    /// Needs that went or have another target have no more use for what was held for them.
    mutating func settled(_ decision: Decision) {
        let targets = Dictionary(
            decision.transaction.needs.filter { $0.state != .unflushed && $0.state != .held }
                .map { ($0.path, $0.target.content) }
        ) { first, _ in first }
        // Before what was held for another path goes: a conflict's loser goes on to its copy.
        for need in decision.transaction.needs where need.state == .staged {
            if case .file(let content) = need.target.content { inline.share(content, with: need.path) }
        }
        // Before what they were carried by is settled.
        for need in decision.transaction.needs { waves.noteCarriedCopy(need) }
        for path in decision.settled {
            releaseInline(of: path, except: targets[path])
            if targets[path] == nil { problems.clear(path) }
            waves.arrived(path)
        }
        for need in decision.transaction.needs { noteCopy(need) }
    }

    mutating func releaseInline(of path: RelativePath, except content: Content? = nil) {
        var handles: [UInt64] = []
        for held in inline.contents(of: path) where content != .file(held) {
            if let handle = inline.release(held, for: path) { handles.append(handle) }
        }
        if !handles.isEmpty { emit(.releaseInline(handles.sorted())) }
    }
}

extension FileRecord {
    var greatestStamp: UInt64 {
        var greatest = max(modified?.stamp.counter ?? 0, mode?.stamp.counter ?? 0)
        for attribute in attributes { greatest = max(greatest, attribute.value.stamp.counter) }
        return greatest
    }
}
