import Glibc

/// The place of the socket: an open home directory, so that the path of the socket is short however long the home's is.
///
/// AF_UNIX allows 107 bytes; `/proc/self/fd/N/control.sock` names the same file in at most 40.
package final class HomeSocket: Sendable {
    private let directory: Int32
    /// Held by the server for its life: who holds it owns the socket. -1 in the client.
    private let lock: Int32

    /// For the client. `noAgent` if there is no such directory.
    package convenience init(reaching home: String) throws(ControlError) {
        self.init(directory: try Self.open(home, absent: .noAgent), lock: -1)
    }

    /// For the server: takes the lock, and removes a socket that a dead agent left.
    package convenience init(owning home: String) throws(ControlError) {
        let absent = ControlError(.socketFailed, "the home \(DisplayText.printable(home)) does not exist")
        let directory = try Self.open(home, absent: absent)
        do {
            try Self.checkPrivate(directory, home)
            let lock = try Self.lock(directory, home)
            unlinkat(directory, ControlLimits.socketName, 0)
            self.init(directory: directory, lock: lock)
        } catch {
            close(directory)
            throw error
        }
    }

    private init(directory: Int32, lock: Int32) {
        (self.directory, self.lock) = (directory, lock)
    }

    deinit {
        if lock >= 0 { close(lock) }
        close(directory)
    }

    /// Valid in this process while this object lives.
    package var path: String { "/proc/self/fd/\(directory)/\(ControlLimits.socketName)" }

    /// Only this user may connect. The home's mode says so already; this holds if someone loosens it.
    package func restrictMode() { fchmodat(directory, ControlLimits.socketName, 0o600, 0) }

    /// Gives the socket up for another server, also while something still refers to this object.
    package func release() {
        unlinkat(directory, ControlLimits.socketName, 0)
        _ = flock(lock, LOCK_UN)
    }

    private static func open(_ home: String, absent: ControlError) throws(ControlError) -> Int32 {
        let directory = Glibc.open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 { return directory }
        throw errno == ENOENT ? absent : failure("the home \(DisplayText.printable(home)) can't be opened")
    }

    private static func checkPrivate(_ directory: Int32, _ home: String) throws(ControlError) {
        var status = stat()
        guard fstat(directory, &status) == 0 else { throw failure("the home can't be examined") }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw ControlError(
                .socketFailed,
                """
                the home \(DisplayText.printable(home)) is open to other users; \
                run: chmod 700 '\(DisplayText.printable(home))'
                """)
        }
    }

    private static func lock(_ directory: Int32, _ home: String) throws(ControlError) -> Int32 {
        let lock = openat(directory, "control.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw failure("the lock of the socket can't be made") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(lock)
            if number == EWOULDBLOCK {
                throw ControlError(
                    .agentRunning,
                    """
                    an agent is already running for the home \(DisplayText.printable(home)); \
                    stop it with: lanyard stop
                    """
                )
            }
            throw failure("the lock of the socket can't be taken", number: number)
        }
        return lock
    }

    private static func failure(_ what: String, number: Int32 = errno) -> ControlError {
        ControlError(.socketFailed, "\(what): \(String(cString: strerror(number)))")
    }
}
