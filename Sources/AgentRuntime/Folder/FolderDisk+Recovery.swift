internal import Cryptography
internal import Glibc
internal import LocalFileSystem
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

extension FolderDisk {
    /// Mends what a crash left, before anything else happens: the folder's lane. False if that failed: it may be
    /// tried again. After a failed flush memory may have what the disk lost, also in the next run of the agent: intents
    /// are always read past it (decision 31).
    @discardableResult
    func recover(
        since start: MachineStart, afterFailedFlush isDoubted: Bool = false, _ post: (FolderEvent) -> Void
    ) -> Bool {
        // Rounded up: all that a loss of power left was changed before.
        let now = Timestamp(seconds: Int64(time(nil)) + 1, nanoseconds: 0)
        do {
            let intents = try allNeeds(.applying) + allNeeds(.unflushed)
            let recovered = try applier.recover(intents: intents.map(\.path), at: Int64(time(nil)))
            for item in recovered { note(item) }
            let refilled = Set(recovered.filter { $0.entry == nil }.compactMap { $0.path?.parent })
            // Who lost the index may have placed what is found now, and not flushed it: nobody remembers.
            if index.status.isRebuilding { try applier.flush() }
            if isDoubted {
                applier.forgetFlushErrors()
                emptyStage()
            }
            try demoteUnstaged()
            let entries = EntryReader(folder.root, features: features, pastMemory: true)
            let observations = try intents.compactMap { intent in
                let reading = entries.read(intent.path)
                // Its flush would succeed now, and nobody knows whether the disk has it.
                if isDoubted, case .unknown(let problem) = reading.found {
                    throw FileSystemError(.inputOutput, "after a failed flush: \(problem.message)")
                }
                return Observation(reading)
            }
            let returned = try returned(observations, intents)
            try pruneStage()
            _ = try? history.prune(at: Int64(time(nil)))
            if !openingProblems.isEmpty { post(.observed(ObservedBatch(problems: openingProblems))) }
            post(
                .opened(
                    FolderOpening(
                        status: index.status, digest: index.rootDigest, peers: try reader.peers(),
                        intents: observations, returned: returned, refilled: refilled,
                        releases: try reader.releases(), restart: start.restart(since: index.boot, now: now),
                        afterFailedFlush: isDoubted)))
            return true
        } catch {
            logger.error("what a crash left can't be mended", metadata: ["error": "\(error)"])
            post(.unopened(Problem(error)))
            return false
        }
    }

    /// Where a need was applied, and what had been there stands.
    private func returned(
        _ observations: [Observation], _ intents: [Need]
    ) throws(IndexError) -> Set<RelativePath> {
        let applied = Set(intents.filter { $0.state == .unflushed }.map(\.path))
        var returned: Set<RelativePath> = []
        for observation in observations where applied.contains(observation.path) {
            guard let content = observation.content?.trace(hashing: { SHA256.hash($0) }) else { continue }
            if try reader.hasHeld(content, at: observation.path) == true { returned.insert(observation.path) }
        }
        return returned
    }

    private func note(_ item: Applier.Recovered) {
        guard let entry = item.entry else { return }
        let day = String(decoding: entry.directory, as: UTF8.self)
        logger.notice(
            "a version that a crash left aside is in history", metadata: ["path": "\(entry.path)", "day": "\(day)"])
    }

    private func allNeeds(_ state: NeedState) throws(IndexError) -> [Need] {
        var needs: [Need] = []
        while true {
            let page = try reader.needs(state, after: needs.last?.path, limit: Limits.waveRecords)
            needs += page
            if page.count < Limits.waveRecords { return needs }
        }
    }

    /// Contents that were only in memory are gone, and so are the chunk lists of those in the stage: their needs are to
    /// be fetched again, which finds what is in the stage.
    private func demoteUnstaged() throws(IndexError) {
        var last: RelativePath?
        while true {
            let page = try reader.needs(.staged, after: last, limit: Limits.waveRecords)
            var transaction = IndexTransaction()
            for need in page {
                guard case .file(let content) = need.target.content, content.size > 0,
                    !stage.contains(content) || content.size > UInt64(Limits.chunkLeast)
                else { continue }
                transaction.needChanges.append(NeedChange(path: need.path, state: .wanted))
            }
            if !transaction.needChanges.isEmpty { try index.commit(transaction) }
            last = page.last?.path
            if page.count < Limits.waveRecords { return }
        }
    }

    /// With the last need goes what was staged for needs that were replaced before they were applied.
    func emptyStage() {
        do { try stage.prune { _ in false } } catch {
            logger.warning("the stage was not emptied", metadata: ["error": "\(error)"])
        }
    }

    /// Contents of the stage that no need wants any more go.
    private func pruneStage() throws {
        guard try !stage.items().isEmpty else { return }
        var wanted: Set<FileContent> = []
        for state in [NeedState.wanted, .staged, .applying, .blocked] {
            for need in try allNeeds(state) {
                if case .file(let content) = need.target.content { wanted.insert(content) }
            }
        }
        try stage.prune { wanted.contains($0) }
    }
}

extension Observation {
    /// Nil for what could not be read: nothing is known of it then.
    init?(_ reading: EntryReading) {
        let found: Found
        switch reading.found {
        case .absent: found = .absent
        case .directory(let disk, let attributes):
            found = .directory(disk, attributes: attributes.map(ObservedAttribute.init))
        case .symlink(let disk, let target): found = .symlink(disk, target: target)
        case .file(let disk, let content, let attributes, _):
            found = .file(disk, content, attributes: attributes.map(ObservedAttribute.init))
        case .unknown: return nil
        }
        self.init(path: reading.path, found: found)
    }
}

extension ObservedAttribute {
    init(_ entry: AttributeSet.Entry) { self.init(name: entry.name, value: entry.value) }
}
