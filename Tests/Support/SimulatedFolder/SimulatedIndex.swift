import ModelFolder
package import SyncEngine
package import SyncModel

/// An index in memory, with the rules of `SQLiteIndex`.
package struct SimulatedIndex {
    package let folder: FolderID
    package let device: DeviceID
    package private(set) var epoch: IndexEpoch
    package private(set) var rows: [RelativePath: IndexRow] = [:]
    package private(set) var needs: [RelativePath: Need] = [:]
    package private(set) var peers: [DeviceID: PeerState] = [:]
    package private(set) var releases: [Author: ReleaseRow] = [:]
    package private(set) var mark: LogMark
    private var marks: [LogMark] = []
    private var nextEdit: UInt64 = 1
    private var stampCounter: UInt64 = 0
    package private(set) var frontier = VersionVector()
    package private(set) var cut = VersionVector()
    private var proposedCut: ProposedCut?
    package private(set) var isRebuilding: Bool
    /// The start of the machine since which what was torn is mended; nil until the first.
    package private(set) var boot: String?
    /// How many deletions it has forgotten.
    package private(set) var forgotten = 0
    /// Of all records, whatever the order in which they came; hints of moves are left out.
    package var digest: RootDigest {
        RootDigest(live: sampleBytes(sums.live), tombstones: sampleBytes(sums.tombstones))
    }
    private var sums: (live: UInt64, tombstones: UInt64) = (0, 0)
    /// Contents that were replaced at paths.
    private var past: [RelativePath: Set<FileContent>] = [:]

    package init(folder: FolderID, device: DeviceID, epoch: IndexEpoch, boot: String? = nil, rebuilding: Bool = false) {
        (self.folder, self.device, self.epoch, isRebuilding) = (folder, device, epoch, rebuilding)
        self.boot = boot
        mark = LogMark(sequence: 0, hash: sampleMark(0, after: .zero, epoch, 0))
        if rebuilding { stampCounter = epoch.number << 20 }
    }

    // MARK: Commit

    /// Carries out a transaction; what it breaks, as text, and then the index is of no use any more.
    package mutating func commit(_ transaction: IndexTransaction) -> String? {
        if let text = Self.excess(of: transaction) { return text }
        for peer in transaction.peers {
            if let epoch = peers[peer.device]?.epoch, epoch != peer.epoch { forgetSource(peer.device) }
            peers[peer.device] = peer
        }
        for row in transaction.rows {
            if let text = put(row) { return text }
        }
        for path in transaction.droppedRows { drop(path) }
        for path in transaction.droppedNeeds { needs[path] = nil }
        for need in transaction.needs {
            if need.sources.count > Limits.members { return "too many sources of \(need.path)" }
            if Set(need.sources.map(\.device)).count < need.sources.count { return "a source twice at \(need.path)" }
            needs[need.path] = need
        }
        for change in transaction.needChanges {
            needs[change.path]?.state = change.state
            needs[change.path]?.reason = change.reason
        }
        for author in transaction.droppedReleases { releases[author] = nil }
        for release in transaction.releases { releases[release.author] = release }
        for path in transaction.rows.map(\.record.path) + transaction.needs.map(\.path) {
            guard let need = needs[path], need.state == .held, !need.target.isDeleted else { continue }
            if rows[path]?.disk != nil { return "\(path) is held as gone, and stands there" }
        }
        nextEdit = max(nextEdit, transaction.nextEdit ?? 0)
        stampCounter = max(stampCounter, transaction.stampCounter ?? 0)
        if transaction.endsRebuild { isRebuilding = false }
        boot = transaction.mendedBoot ?? boot
        return cover(transaction)
    }

    private static func excess(of transaction: IndexTransaction) -> String? {
        let counts = [
            transaction.rows.count, transaction.droppedNeeds.count, transaction.needs.count,
            transaction.needChanges.count,
        ]
        return counts.contains { $0 > Limits.transactionItems } ? "a transaction of \(counts)" : nil
    }

    /// What is known of a member's log is of another one.
    private mutating func forgetSource(_ device: DeviceID) {
        for path in Array(needs.keys) { needs[path]?.sources.removeAll { $0.device == device } }
        for (path, row) in rows where row.source == device { rows[path]?.source = nil }
    }

    private mutating func drop(_ path: RelativePath) {
        guard let row = rows[path] else { return }
        replace(path, nil)
        if row.standing == .agreed, row.record.isDeleted, needs[path] == nil { forgotten += 1 }
    }

    private mutating func cover(_ transaction: IndexTransaction) -> String? {
        let before = (frontier: frontier, cut: cut)
        frontier = transaction.frontier ?? frontier
        if transaction.cut != nil || transaction.proposedCut != nil { proposedCut = transaction.proposedCut }
        cut = transaction.cut ?? cut
        if !frontier.covers(before.frontier) { return "the frontier goes back" }
        if !cut.covers(before.cut) { return "the cut goes back" }
        return frontier.covers(cut) ? nil : "the cut is not covered"
    }

    private mutating func put(_ row: IndexRow) -> String? {
        let path = row.record.path
        if let old = rows[path], old.sequence == row.sequence {
            guard old.record == row.record, old.agreed == row.agreed else {
                return "a changed record of \(path) with its old sequence"
            }
            replace(path, row)
            return nil
        }
        guard row.sequence > mark.sequence else { return "sequence \(row.sequence) of \(path) is not new" }
        if let old = rows[path]?.counted?.content, old != row.counted?.content,
            let trace = old.trace(hashing: simulatedHash)
        {
            past[path, default: []].insert(trace)
        }
        let hash = sampleMark(row.sequence, after: mark.hash, epoch, Self.number(row.record))
        mark = LogMark(sequence: row.sequence, hash: hash)
        marks.append(mark)
        replace(path, row)
        let stamps = [row.record.modified?.stamp, row.record.mode?.stamp].compactMap { $0 }
        for stamp in stamps + row.record.attributes.map(\.value.stamp) {
            stampCounter = max(stampCounter, stamp.counter)
        }
        nextEdit = max(nextEdit, row.record.version[Author(device: device, epoch: epoch)] + 1)
        return nil
    }

    /// Forgets a row, as if it had never been there.
    mutating func lose(_ path: RelativePath) { replace(path, nil) }

    private mutating func replace(_ path: RelativePath, _ row: IndexRow?) {
        if let old = rows[path]?.counted { count(old) { $0 &-= $1 } }
        if let new = row?.counted { count(new) { $0 &+= $1 } }
        rows[path] = row
    }

    private mutating func count(_ record: FileRecord, _ change: (inout UInt64, UInt64) -> Void) {
        let number = Self.number(record)
        if record.isDeleted { change(&sums.tombstones, number) } else { change(&sums.live, number) }
    }

    // MARK: What it says

    package var committed: Committed {
        var least: [DeviceID: IndexSequence] = [:]
        for need in needs.values {
            for source in need.sources {
                least[source.device] = min(least[source.device] ?? .max, source.sequence)
            }
        }
        return Committed(status: status, digest: digest, leastNeeds: least)
    }

    package var status: IndexStatus {
        var status = IndexStatus(
            folder: folder, device: device, epoch: epoch, nextEdit: nextEdit, mark: mark, stampCounter: stampCounter,
            frontier: frontier, cut: cut, proposedCut: proposedCut, files: 0, directories: 0, symlinks: 0, bytes: 0,
            tombstones: 0, conflicts: 0,
            isRebuilding: isRebuilding, needs: [:])
        for row in rows.values {
            switch row.counted?.content {
            case .file(let content):
                status.files += 1
                status.bytes += content.size
            case .directory: status.directories += 1
            case .symlink: status.symlinks += 1
            case .deleted: status.tombstones += 1
            case nil: break
            }
            if row.counted?.conflictOf != nil, row.counted?.isDeleted == false { status.conflicts += 1 }
            if row.standing == .found { status.found += 1 }
            if row.standing == .old { status.old += 1 }
            if row.standing == .local { status.local += 1 }
        }
        for state in NeedState.allCases { status.needs[state] = NeedCount() }
        for need in needs.values {
            status.needs[need.state, default: NeedCount()].needs += 1
            status.needs[need.state, default: NeedCount()].bytes += need.target.content.size
        }
        return status
    }

    /// Like `IndexReader.hasHeld`, without a history.
    package func hasHeld(_ content: FileContent, at path: RelativePath) -> Bool {
        if rows[path]?.agreedRecord?.content.trace(hashing: simulatedHash) == content { return true }
        if needs[path]?.target.content.trace(hashing: simulatedHash) == content { return false }
        return past[path]?.contains(content) == true
    }

    /// Whether it has, or had, a content anywhere.
    package func remembers(_ content: Content) -> Bool {
        if rows.values.contains(where: { $0.record.content == content }) { return true }
        guard let trace = content.trace(hashing: simulatedHash) else { return false }
        return past.values.contains { $0.contains(trace) }
    }

    /// Whether a place is none of the log (`IndexReader.check`).
    package func refuses(_ shown: LogMark) -> Bool {
        if shown.sequence > mark.sequence { return true }
        return marks.last { $0.sequence == shown.sequence }.map { $0.hash != shown.hash } ?? false
    }
}

extension SimulatedIndex {
    /// Hints of moves are left out.
    static func number(_ record: FileRecord) -> UInt64 {
        var record = record
        record.movedFrom = nil
        record.lineage = []
        return UInt64(bitPattern: Int64(record.hashValue))
    }
}

private func sampleMark(
    _ sequence: IndexSequence, after hash: Bytes32, _ epoch: IndexEpoch, _ record: UInt64
) -> Bytes32 {
    sampleBytes(hash.prefix ^ sequence &* 31 ^ epoch.number ^ record)
}
