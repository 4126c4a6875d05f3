internal import Glibc
internal import LocalFileSystem
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import WireProtocol

/// A folder's index and directory: used on the folder's lane only, but for what says otherwise.
final class FolderDisk: @unchecked Sendable {
    /// Any thread.
    let folder: OpenFolder
    let stage: Stage
    let features: FileSystemFeatures
    let history: History
    let applier: Applier
    let index: FolderIndex
    private let mark: IndexMarkFile
    /// The machine's last start, or that of the disk if it was attached since.
    let start: MachineStart
    /// Told of once the folder is opened.
    let openingProblems: [Problem]
    let logger: Logger
    /// Chunk lists of contents that came from peers, until a need or row that has the content is committed.
    private var chunks: [FileContent: [ChunkReference]] = [:]
    /// Whether something may have been staged since the stage was last emptied of what no need wants.
    private var mayHoldUnwanted = false
    /// What the folder knows of how far the index has come.
    private var marked: IndexMark?
    private var isClosed = false

    var reader: IndexReader { index.reader }

    init(_ setup: FolderRunner.Setup, logger: Logger) throws {
        self.logger = logger
        if setup.creating { try Self.makeDirectory(setup.path) }
        try Self.forgetElsewhere(setup)
        folder = try OpenFolder(
            at: setup.path, folder: setup.folder, creating: setup.creating, replacing: setup.replaces)
        features = try folder.probe()
        stage = Stage(of: folder)
        history = History(of: folder)
        applier = Applier(folder: folder, stage: stage, history: history, features: features)
        start = setup.start.onDisk(DiskAttachment.name(ofDiskWith: folder.root.descriptor.number))
        mark = try IndexMarkFile(of: folder)
        (index, openingProblems) = try Self.openIndex(setup, mark, start, logger)
    }

    // MARK: The index

    func load(_ paths: [RelativePath], below directories: [RelativePath]) throws(IndexError) -> Loaded {
        var loaded = Loaded()
        for (path, found) in zip(paths, try reader.load(paths)) {
            loaded.known[path] = KnownPath(row: found.row, need: found.need)
        }
        for directory in directories { loaded.below[directory] = try below(directory) }
        return loaded
    }

    /// What is live between two paths, both included, or is to be something else.
    func load(from first: RelativePath, to last: RelativePath, limit: Int) throws(IndexError) -> Loaded {
        var paths: Set<RelativePath> = [first]
        paths.formUnion(try reader.entries(after: first, limit: limit).lazy.map(\.path).filter { $0 <= last })
        for state in NeedState.allCases where index.status.needs[state]?.needs ?? 0 > 0 {
            let needs = try reader.needs(state, after: first, limit: limit)
            paths.formUnion(needs.lazy.map(\.path).filter { $0 <= last })
        }
        return try load(paths.sorted(), below: [])
    }

    func loadUnsettled(after path: RelativePath?, limit: Int) throws(IndexError) -> Loaded {
        Self.loaded(try reader.unsettled(after: path, limit: limit))
    }

    func loadLocal(after path: RelativePath?, limit: Int) throws(IndexError) -> Loaded {
        Self.loaded(try reader.localRows(after: path, limit: limit))
    }

    private static func loaded(_ rows: [(row: IndexRow, need: Need?)]) -> Loaded {
        var loaded = Loaded()
        for (row, need) in rows { loaded.known[row.record.path] = KnownPath(row: row, need: need) }
        return loaded
    }

    /// The digests of our records by bucket.
    func digests(_ domain: DigestDomain) throws(IndexError) -> [Bytes32] {
        switch domain {
        case .live: index.bucketDigests
        case .tombstones: try reader.tombstoneBuckets()
        }
    }

    /// The paths whose content stood there.
    func held(_ contents: [FoundContent]) throws(IndexError) -> Set<RelativePath> {
        var held: Set<RelativePath> = []
        for item in contents where try reader.hasHeld(item.content, at: item.path) == true { held.insert(item.path) }
        return held
    }

    /// What is to become of what lies below a directory.
    private func below(_ directory: RelativePath) throws(IndexError) -> BelowDirectory {
        var living = try liveNeeds(below: directory)
        var found = 0
        var last: RelativePath?
        var count = 0
        while found < Limits.waveRecords {
            let entries = try reader.entries(after: last, below: directory, limit: Limits.waveRecords)
            guard let end = entries.last else { break }
            for (entry, loaded) in zip(entries, try reader.load(entries.map(\.path))) {
                let isLeaving = loaded.need?.target.isDeleted == true
                // A local change keeps nothing alive: what can't go for it is one itself.
                if !isLeaving, loaded.row?.standing == .local { continue }
                count += 1
                if isLeaving { continue }
                living.insert(entry.path)
                found += 1
            }
            last = end.path
        }
        if !living.isEmpty { return .staying(Array(living.sorted().prefix(Limits.waveRecords))) }
        return count == 0 ? .nothing : .leaving(count)
    }

    /// The first needs of live records below a directory, at most so many of each state.
    private func liveNeeds(below directory: RelativePath) throws(IndexError) -> Set<RelativePath> {
        var living: Set<RelativePath> = []
        for state in [NeedState.wanted, .staged, .applying, .blocked] where index.status.needs[state]?.needs ?? 0 > 0 {
            var last = directory
            var found = 0
            while found < Limits.waveRecords {
                let page = try reader.needs(state, after: last, limit: 256)
                for need in page where need.path.isBelow(directory) && !need.target.isDeleted {
                    living.insert(need.path)
                    found += 1
                }
                guard let end = page.last, end.path.isBelow(directory) else { break }
                last = end.path
            }
        }
        return living
    }

    func commit(_ transaction: IndexTransaction) throws(IndexError) -> Committed {
        var transaction = transaction
        takeChunks(into: &transaction)
        try index.commit(transaction)
        let status = index.status
        if !transaction.isToldAgain { remember(status) }
        var least: [DeviceID: IndexSequence] = [:]
        if status.needs.values.contains(where: { $0.needs > 0 }) {
            for peer in try reader.peers() { least[peer.device] = try reader.leastNeedSequence(of: peer.device) }
            mayHoldUnwanted = true
        } else if mayHoldUnwanted {
            mayHoldUnwanted = false
            emptyStage()
        }
        return Committed(status: status, digest: index.rootDigest, leastNeeds: least)
    }

    /// Adds the chunk lists of what the transaction refers to.
    private func takeChunks(into transaction: inout IndexTransaction) {
        guard !chunks.isEmpty else { return }
        var contents: Set<FileContent> = []
        for need in transaction.needs { if case .file(let content) = need.target.content { contents.insert(content) } }
        for row in transaction.rows { if case .file(let content) = row.record.content { contents.insert(content) } }
        for content in contents {
            guard let list = chunks.removeValue(forKey: content) else { continue }
            transaction.chunkLists.append(ContentChunks(content: content, chunks: list))
        }
    }

    /// Lets the folder know how far its index has come, once that is durable.
    private func remember(_ status: IndexStatus) {
        let reached = IndexMark(status)
        guard reached != marked else { return }
        do {
            try mark.write(reached)
            marked = reached
        } catch {
            logger.debug("how far the index has come was not written", metadata: ["error": "\(error)"])
        }
    }

    /// Remembers the chunks of contents that are in memory or the stage.
    func remember(_ list: [ChunkReference]?, of content: FileContent) {
        if let list, list.count > 1, chunks.count < Limits.transactionItems { chunks[content] = list }
    }

    func fetched(_ event: FetchEvent, _ post: (FolderEvent) -> Void) {
        switch event {
        case .staged(let content, let list):
            remember(list, of: content)
            post(.fetched([content]))
        case .failed(let content, .noSource): post(.fetchFailed(content, .noSource))
        case .failed(let content, .diskFull(let message)):
            post(.fetchFailed(content, .disk(.diskFull, message: message)))
        case .failed(let content, .inputOutput(let message)):
            post(.fetchFailed(content, .disk(.inputOutput, message: message)))
        }
    }

    // MARK: The disk

    func execute(_ steps: [ApplyStep], inline: InlineStore) throws(FileSystemError) -> [ApplyOutcome] {
        let report = try applier.execute(steps, at: Int64(time(nil))) { number in
            number == 0 ? [] : inline.peek(InlineHandle(number))
        }
        for note in report.notes {
            logger.notice("while applying", metadata: ["folder": "\(folder.root.path)", "note": "\(note)"])
        }
        return report.outcomes
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        do { try index.close() } catch { logger.error("the index was not closed", metadata: ["error": "\(error)"]) }
    }
}
