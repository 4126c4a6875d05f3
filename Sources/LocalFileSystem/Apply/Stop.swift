internal import CLinux
internal import SyncModel

/// Ends a step before its end.
struct Stop: Error {
    let outcome: ApplyOutcome

    init(_ outcome: ApplyOutcome) { self.outcome = outcome }

    /// What failed while `doing` something to `path`.
    init(_ error: Errno, _ doing: String, _ path: RelativePath) {
        self.init(FileSystemError(error, doing, "'\(path)'"))
    }

    init(_ error: FileSystemError) {
        outcome = error.code == .noParent ? .noParent : .failed(error.problemKind, message: error.message)
    }
}

/// Runs `body`; whatever the system answers ends the step.
func attempt<Value>(
    _ doing: String, _ path: RelativePath, _ body: () throws(Errno) -> Value
) throws(Stop) -> Value {
    do throws(Errno) { return try body() } catch { throw Stop(error, doing, path) }
}
