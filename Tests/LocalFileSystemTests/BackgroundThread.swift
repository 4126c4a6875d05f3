@testable import LocalFileSystem

/// A thread of a test, to be joined.
struct BackgroundThread {
    private let thread: WatchThread?

    init(_ body: @escaping @Sendable () -> Void) { thread = try? WatchThread(body) }

    func join() { thread?.join() }
}
