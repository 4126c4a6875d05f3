internal import SyncModel

extension Commit {
    /// Puts a need in the place of what its path had.
    mutating func put(_ need: Need) throws {
        if let reason = need.reason { try Self.check(reason: reason) }
        guard need.sources.count <= Limits.members, need.sources.allSatisfy({ $0.sequence <= Limits.counter }) else {
            throw IndexError(.limit, "The sources of the need of \(need.path) pass the limits.")
        }
        let key = need.path.sortKey
        let detail = try queries.codec.encode(need)
        let old = try queries.need(need.path, key: key)
        let insert = """
            INSERT INTO need (key, state, size, content, reason, detail) VALUES (?, ?, ?, ?, ?, ?)
            """
        let update = """
            UPDATE need SET key = ?, state = ?, size = ?, content = ?, reason = ?, detail = ? WHERE id = ?
            """
        var content: UInt64?
        if case .file(let file) = need.target.content, file.mayHaveChunkList { content = file.hash.raw.prefix }
        let command = try queries.command(old == nil ? insert : update) {
            $0.bind(1, key)
            $0.bind(2, Int64(need.state.rawValue))
            $0.bind(3, need.size)
            $0.bind(4, optional: content)
            $0.bind(5, optional: need.reason)
            $0.bind(6, detail)
            if let old { $0.bind(7, old.number) }
        }
        try command.run()
        let number = old?.number ?? command.lastInsertedRow
        try put(sources: need.sources, replacing: old?.need.sources ?? [], of: number)
        if let old { discount(old.need) }
        ledger.totals.count(need: need.state, size: need.size, sign: 1)
    }

    mutating func drop(need path: RelativePath) throws {
        guard let old = try queries.need(path, key: path.sortKey) else { return }
        try queries.command("DELETE FROM need WHERE id = ?") { $0.bind(1, old.number) }.run()
        try put(sources: [], replacing: old.need.sources, of: old.number)
        discount(old.need)
    }

    mutating func change(_ change: NeedChange) throws {
        if let reason = change.reason { try Self.check(reason: reason) }
        let found = try queries.command("SELECT id, state, size FROM need WHERE key = ?") {
            $0.bind(1, change.path.sortKey)
        }.first { ($0.integer(0), $0.integer(1), $0.integer(2)) }
        guard let (number, stateNumber, size) = found else { return }
        guard let state = NeedState(rawValue: UInt8(truncatingIfNeeded: stateNumber)) else {
            throw IndexError.damaged("an unknown need state")
        }
        try queries.command("UPDATE need SET state = ?, reason = ? WHERE id = ?") {
            $0.bind(1, Int64(change.state.rawValue))
            $0.bind(2, optional: change.reason)
            $0.bind(3, number)
        }.run()
        ledger.totals.count(need: state, size: size, sign: -1)
        ledger.totals.count(need: change.state, size: size, sign: 1)
    }

    private mutating func discount(_ need: Need) {
        ledger.totals.count(need: need.state, size: need.size, sign: -1)
        loosen(need.target.content)
    }

    private func put(sources: [NeedSource], replacing old: [NeedSource], of number: Int64) throws {
        for (list, sql) in [
            (old, "DELETE FROM need_source WHERE member = ? AND sequence = ? AND need = ?"),
            (sources, "INSERT OR IGNORE INTO need_source (member, sequence, need) VALUES (?, ?, ?)"),
        ] {
            for source in list {
                let member = try queries.names.number(of: source.device, queries.database)
                try queries.command(sql) {
                    $0.bind(1, member)
                    $0.bind(2, source.sequence)
                    $0.bind(3, number)
                }.run()
            }
        }
    }

    private static func check(reason: String) throws {
        if reason.utf8.count > Limits.reasonBytes {
            throw IndexError(.limit, "The reason of a need is longer than \(Limits.reasonBytes) bytes.")
        }
    }

    // MARK: Peers

    /// A member whose epoch is another than before has another log: what it announced in the old one counts for
    /// nothing.
    mutating func forgetSources(ofAnEarlier peer: PeerState) throws {
        guard let member = try queries.names.existingNumber(of: peer.device, queries.database) else { return }
        let epoch =
            try queries.command("SELECT epoch FROM peer WHERE member = ?") { $0.bind(1, member) }
            .first { $0.optional(0) } ?? nil
        guard let epoch, UInt64(bitPattern: epoch) != peer.epoch?.number else { return }
        let keys = try queries.command(
            "SELECT key FROM need WHERE id IN (SELECT need FROM need_source WHERE member = ?)"
        ) { $0.bind(1, member) }.all { try $0.withBlob(0) { try RecordCodec.path(sortKey: $0) } }
        for path in keys {
            guard var need = try queries.need(path, key: path.sortKey)?.need else { continue }
            need.sources.removeAll { $0.device == peer.device }
            try put(need)
        }
        // Nor does its present log have what was taken from the earlier one.
        try queries.command("UPDATE record SET source = NULL WHERE source = ?") { $0.bind(1, member) }.run()
    }

    func put(_ peer: PeerState) throws {
        let member = try queries.names.number(of: peer.device, queries.database)
        let frontier = try queries.blob(peer.frontier)
        let agreed = try peer.agreed.map { try queries.blob($0.frontier) }
        try queries.command(
            """
            INSERT OR REPLACE INTO peer (member, epoch, received_sequence, mark_sequence, mark_hash, acknowledged_epoch,
            acknowledged_sequence, sent_sequence, frontier, agreed, agreed_members)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) {
            $0.bind(1, member)
            $0.bind(2, optional: peer.epoch?.number)
            $0.bind(3, peer.receivedSequence)
            $0.bind(4, peer.mark.sequence)
            $0.bind(5, peer.mark.hash)
            $0.bind(6, optional: peer.acknowledgedEpoch?.number)
            $0.bind(7, peer.acknowledgedSequence)
            $0.bind(8, peer.sentSequence)
            $0.bind(9, frontier)
            $0.bind(10, optional: agreed)
            $0.bind(11, optional: peer.agreed?.members.bytes)
        }.run()
    }
}

extension Need {
    /// The target's size in bytes, as it is stored.
    var size: Int64 { Int64(clamping: target.content.size) }
}
