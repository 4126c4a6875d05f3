internal import SyncModel
internal import Synchronization

/// What all readers of a folder saw of moves. Any thread.
final class MoveBook: Sendable {
    private struct State {
        /// By directories out of which files went under their names: into which.
        var carried: [RelativePath: RelativePath] = [:]
        /// Where files were seen that the index did not know: two generations, so that what is on its way there is in
        /// one of them.
        var recent: [EntryNumber: RelativePath] = [:]
        var older: [EntryNumber: RelativePath] = [:]
    }

    private let state = Mutex(State())
    private static let greatest = 10_000

    /// A file that went along under its name is evidence that its directory moved: inodes alone are reused.
    func note(move from: RelativePath, to path: RelativePath) {
        guard let old = from.parent, let new = path.parent, from.name == path.name, old != new else { return }
        state.withLock { state in
            if state.carried.count >= Self.greatest { state.carried = [:] }
            state.carried[old] = new
        }
    }

    /// Into which directory files of another, which is gone, were seen to go.
    func takeDestination(of directory: RelativePath) -> RelativePath? {
        state.withLock { $0.carried.removeValue(forKey: directory) }
    }

    /// A file was seen where the index knows none, and is on its way there: until it has come, only this book tells
    /// where the file was when it is seen elsewhere.
    func note(_ file: DiskState?, at path: RelativePath) {
        guard let file, file.kind == .file, file.links <= 1 else { return }
        state.withLock { state in
            if state.recent.count >= Self.greatest { (state.older, state.recent) = (state.recent, [:]) }
            state.recent[file.entry] = path
        }
    }

    /// Where a file was seen last.
    func place(of file: DiskState) -> RelativePath? {
        state.withLock { $0.recent[file.entry] ?? $0.older[file.entry] }
    }
}
