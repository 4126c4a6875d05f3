internal import Glibc

/// A thread of its own for the loop: Avahi's calls block on the bus.
struct DiscoveryThread: @unchecked Sendable {
    private let identifier: pthread_t

    /// Runs `body` with all signals blocked, so that those of the process reach other threads.
    init(_ body: @escaping @Sendable () -> Void) throws(DiscoveryError) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let box = Unmanaged.passRetained(Body(run: body))
        var identifier = pthread_t()
        let failure = pthread_create(
            &identifier, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw DiscoveryError(
                .systemFailed, "No thread for discovery: \(String(cString: strerror(failure))).", cause: failure)
        }
        self.identifier = identifier
    }

    var isCurrent: Bool { pthread_equal(identifier, pthread_self()) != 0 }

    func join() { pthread_join(identifier, nil) }

    func detach() { pthread_detach(identifier) }

    private final class Body {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// Milliseconds of the clock that never jumps.
func monotonicMilliseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
