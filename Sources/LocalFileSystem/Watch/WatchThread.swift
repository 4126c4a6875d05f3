internal import Glibc

/// A thread with every signal blocked, so that those of the process reach other threads.
struct WatchThread: @unchecked Sendable {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let identifier: pthread_t

    init(_ body: @escaping @Sendable () -> Void) throws(FileSystemError) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let box = Unmanaged.passRetained(Body(body))
        var identifier = pthread_t()
        let failure = pthread_create(
            &identifier, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw FileSystemError(Errno(number: failure), "start a thread for", "the watcher")
        }
        self.identifier = identifier
    }

    var isCurrent: Bool { pthread_equal(identifier, pthread_self()) != 0 }

    func join() { pthread_join(identifier, nil) }

    func detach() { pthread_detach(identifier) }
}

/// Milliseconds of the clock that never jumps.
func monotonicMilliseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
