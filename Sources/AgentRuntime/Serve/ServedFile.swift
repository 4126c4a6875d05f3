internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncEngine
internal import SyncModel
internal import WireProtocol

/// An open file that holds a content.
struct ServedFile {
    let file: Descriptor
    /// The stat under which it holds it; nil for a file of the stage, which nobody changes.
    let expected: DiskState?

    /// Whether it still holds the content, for all that its stat tells.
    var isUnchanged: Bool {
        guard let expected else { return true }
        guard let found = try? file.entryStat() else { return false }
        return found.state.sameContent(as: expected)
    }
}

extension FolderServices {
    /// Opens a file that holds `content`: that at `path`, else any other, else that of the stage, else what stood at
    /// `path` before. The failure is what a peer is answered.
    func open(_ content: FileContent, at path: RelativePath) -> Result<ServedFile, RequestFailure> {
        var failure = RequestFailure.notFound
        if let row = lookups.withLock({ try? $0.row(path) }), row.record.content == .file(content) {
            switch open(row) {
            case .success(let file): return .success(file)
            case .failure(let found): failure = found
            }
        }
        let rows = lookups.withLock { try? $0.rows(withContent: content, limit: 8) } ?? []
        for row in rows where row.record.path != path {
            switch open(row) {
            case .success(let file): return .success(file)
            case .failure(let found): if failure == .notFound { failure = found }
            }
        }
        if let file = try? stage.open(content) { return .success(ServedFile(file: file, expected: nil)) }
        return openFormer(content, at: path).map { .success($0) } ?? .failure(failure)
    }

    /// What stood at the path and was replaced or deleted there: whoever asks may be the one who is to keep it, as a
    /// conflict copy or at another place.
    private func openFormer(_ content: FileContent, at path: RelativePath) -> ServedFile? {
        guard var rest = searches.withLock({ $0.begin(at: Moment.now().monotonicNanoseconds) }) else { return nil }
        defer { searches.withLock { $0.end(leaving: rest) } }
        guard let found = history.find(content, of: path, within: &rest), let stat = try? found.file.entryStat() else {
            return nil
        }
        return ServedFile(file: found.file, expected: stat.state)
    }

    /// Opens the file of a row, if what stands there is still what the row knows.
    func open(_ row: IndexRow) -> Result<ServedFile, RequestFailure> {
        guard let disk = row.disk, disk.kind == .file else { return .failure(.notFound) }
        do throws(FileSystemError) {
            let (file, found) = try files.root.open(row.record.path)
            guard found.state.sameContent(as: disk) else { return .failure(.changed) }
            return .success(ServedFile(file: file, expected: disk))
        } catch {
            switch error.code {
            case .notFound, .noParent, .unsupportedKind: return .failure(.changed)
            default: return .failure(.unreadable)
            }
        }
    }
}

/// How much of a folder's history is searched for its members: the search of one is waited for by all that its link
/// has to do, and lists directories and hashes files.
struct HistorySearches {
    private static let interval: UInt64 = 60_000_000_000
    private var endsAt: UInt64 = 0
    private var count = 0
    private var rest = Limits.historyReadBytes

    /// How many bytes a search may read; nil if there were too many within a minute.
    mutating func begin(at time: UInt64) -> UInt64? {
        if time >= endsAt { (endsAt, count, rest) = (time + Self.interval, 0, Limits.historyReadBytes) }
        guard count < Limits.historySearches else { return nil }
        count += 1
        return rest
    }

    mutating func end(leaving bytes: UInt64) { rest = min(rest, bytes) }
}

/// So that it can be the failure of a `Result`.
extension RequestFailure: Error {}
