internal import CLinux

/// Waits for events, and between two batches for a moment.
struct WatchLoop: Sendable {
    private let both: Descriptor
    private let wakeOnly: Descriptor
    private let wake: Descriptor
    private let inotify: Descriptor
    private let pauseMilliseconds: UInt64

    init(inotify: Descriptor, wake: Descriptor, pauseMilliseconds: UInt64) throws(FileSystemError) {
        (self.inotify, self.wake, self.pauseMilliseconds) = (inotify, wake, pauseMilliseconds)
        do throws(Errno) {
            both = Descriptor(owning: try Errno.check(linux_epoll_create()))
            wakeOnly = Descriptor(owning: try Errno.check(linux_epoll_create()))
            try Errno.check(linux_epoll_add(both.number, inotify.number, linux_EPOLLIN, 0))
            try Errno.check(linux_epoll_add(both.number, wake.number, linux_EPOLLIN, 0))
            try Errno.check(linux_epoll_add(wakeOnly.number, wake.number, linux_EPOLLIN, 0))
        } catch {
            throw FileSystemError(error, "get what is needed for", "watching folders")
        }
    }

    func run(isStopped: () -> Bool, batch: () -> Void) {
        var isWoken = false
        while !isStopped() {
            if !isWoken { _ = wait(both, -1) }
            if isStopped() { return }
            isWoken = false
            batch()
            // A lone event was not kept waiting; what comes right behind it is collected.
            let end = monotonicMilliseconds() + pauseMilliseconds
            while !isStopped() {
                let now = monotonicMilliseconds()
                if now >= end { break }
                if wait(wakeOnly, Int32(end - now)) { isWoken = true }
            }
        }
    }

    /// Whether someone woke it.
    private func wait(_ epoll: Descriptor, _ milliseconds: Int32) -> Bool {
        var ready = linux_epoll_ready()
        guard linux_epoll_wait(epoll.number, &ready, 1, milliseconds) > 0 else { return false }
        var count: UInt64 = 0
        return linux_read(wake.number, &count, 8) > 0
    }
}
