internal import GRDB
public import SyncModel

/// For a rebuild after the loss of an index (rule 8).
extension IndexReader {
    /// Whether a content is or was at a path: the row has it, or had it within `Limits.pastDays` and something else was
    /// agreed there since. A link is asked about by its trace. False for what is needed there, because that is newer
    /// than what the row has; nil where the index remembers nothing.
    public func hasHeld(_ content: FileContent, at path: RelativePath) throws(IndexError) -> Bool? {
        try snapshot { queries in
            let key = path.sortKey
            if try queries.row(path, key: key)?.agreedRecord?.content.trace == content { return true }
            if try queries.need(path, key: key)?.need.target.content.trace == content { return false }
            return try queries.command("SELECT 1 FROM past WHERE trace = ?") {
                $0.bind(1, PastTrace.bytes(content, at: path))
            }.first { _ in true }
        }
    }

    /// Rows that stand as found or old, in path order beyond `path`, with the needs of their paths.
    public func unsettled(
        after path: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [(row: IndexRow, need: Need?)] {
        try rows(where: "standing IS NOT NULL", after: path, limit: limit)
    }
}
