import Glibc
import Synchronization

/// The two streams, unbuffered.
enum Console {
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func text(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// The number of the first error of standard output, 0 while all was written.
    static var outputError: Int32 { failure.load(ordering: .sequentiallyConsistent) }

    /// Whether nobody reads standard output any more. Known without writing: what prints changes only may wait long.
    static var isUnread: Bool {
        var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR | POLLHUP) != 0
    }

    private static let failure = Atomic<Int32>(0)

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// One line of standard input; nil at its end.
    static func readAnswer() -> String? { readLine() }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                let number = errno
                guard descriptor == STDOUT_FILENO else { return }
                _ = failure.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent)
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
