internal import Cryptography
internal import SyncModel

/// What is remembered of contents that were replaced (rule 8): asked by a member whose index was lost.
extension Commit {
    /// Notes that `old`'s content stood at its path, once something else is agreed there.
    func remember(_ old: FileRecord, replacedBy record: FileRecord?) throws {
        guard record?.content != old.content, let content = old.content.trace else { return }
        try queries.command("INSERT OR REPLACE INTO past (trace, seconds) VALUES (?, ?)") {
            $0.bind(1, PastTrace.bytes(content, at: old.path))
            $0.bind(2, seconds)
        }.run()
    }

    /// Forgets what is older than `Limits.pastDays`, and the oldest beyond `Limits.pastContents`.
    func prunePast() throws {
        if seconds > 0 {
            try queries.command("DELETE FROM past WHERE seconds < ?") {
                $0.bind(1, seconds - Limits.pastDays * 86_400)
            }.run()
        }
        try queries.command(
            """
            DELETE FROM past WHERE trace IN (SELECT trace FROM past ORDER BY seconds DESC LIMIT -1 OFFSET ?)
            """
        ) { $0.bind(1, Limits.pastContents) }.run()
    }
}

extension Content {
    var trace: FileContent? { trace { SHA256.hash($0) } }
}

/// A path and a content as one short key: nothing else of them is kept.
enum PastTrace {
    static func bytes(_ content: FileContent, at path: RelativePath) -> [UInt8] {
        let size = content.size.bigEndianBytes
        return Array(SHA256.hash(content.hash.raw.bytes + size + path.bytes).bytes.prefix(16))
    }
}
