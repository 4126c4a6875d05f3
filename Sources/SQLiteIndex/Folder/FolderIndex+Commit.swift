public import SyncModel

extension FolderIndex {
    /// Commits a transaction: durable when this returns, unless it is told again (`IndexTransaction.isToldAgain`), and
    /// nothing of it happened when this throws. Codes: `refused` where it contradicts the index, `limit`, `diskFull`,
    /// `busy`, `inputOutput`, `corrupt`.
    public func commit(_ transaction: IndexTransaction) throws(IndexError) {
        try Self.check(transaction)
        let prunes = commits.isMultiple(of: 256)
        let (ledger, device) = (ledger, device)
        try commit(isFlushed: !transaction.isToldAgain) { queries in
            var commit = Commit(ledger: ledger, device: device, queries: queries, seconds: transaction.seconds)
            for peer in transaction.peers { try commit.forgetSources(ofAnEarlier: peer) }
            try commit.put(transaction.rows)
            for path in transaction.droppedRows { try commit.drop(row: path) }
            for list in transaction.chunkLists { try commit.put(list) }
            for path in transaction.droppedNeeds { try commit.drop(need: path) }
            for need in transaction.needs { try commit.put(need) }
            for change in transaction.needChanges { try commit.change(change) }
            for peer in transaction.peers { try commit.put(peer) }
            for author in transaction.droppedReleases { try commit.drop(releaseOf: author) }
            for release in transaction.releases { try commit.put(release) }
            try commit.collectChunkLists()
            if prunes {
                try commit.pruneMarks()
                try commit.prunePast()
            }
            var next = commit.ledger
            next.nextEdit = max(next.nextEdit, transaction.nextEdit ?? 0)
            next.stampCounter = max(next.stampCounter, transaction.stampCounter ?? 0)
            next.frontier = transaction.frontier ?? next.frontier
            if transaction.cut != nil || transaction.proposedCut != nil { next.proposedCut = transaction.proposedCut }
            next.cut = transaction.cut ?? next.cut
            if transaction.endsRebuild { next.isRebuilding = false }
            next.boot = transaction.mendedBoot ?? next.boot
            return next
        }
    }

    private static func check(_ transaction: IndexTransaction) throws(IndexError) {
        let counts = [
            transaction.rows.count, transaction.droppedRows.count, transaction.chunkLists.count,
            transaction.droppedNeeds.count, transaction.needs.count, transaction.needChanges.count,
            transaction.peers.count, transaction.droppedReleases.count, transaction.releases.count,
        ]
        for count in counts { try IndexReader.check(count, limit: Limits.transactionItems) }
    }
}
