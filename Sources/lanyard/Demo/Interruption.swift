import Glibc
import Synchronization

/// Ends what a demonstration began, once: at its end, or when it is interrupted (SIGINT, SIGTERM, SIGHUP).
///
/// The signals are taken on a thread of their own, which cleans up and ends the process; a clean-up that comes
/// meanwhile waits for it.
final class Interruption: Sendable {
    private let cleanUps = Mutex([@Sendable () -> Void]())

    init() {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { own in
                guard let own else { return nil }
                var signals = Interruption.signals
                var signal: Int32 = 0
                while sigwait(&signals, &signal) != 0 {}
                Unmanaged<Interruption>.fromOpaque(own).takeUnretainedValue().cleanUp(thenExitWith: 128 + signal)
                return nil
            }, own)
        pthread_detach(thread)
    }

    /// What is to be done at the end, the last first.
    func atEnd(_ cleanUp: @escaping @Sendable () -> Void) { cleanUps.withLock { $0.append(cleanUp) } }

    /// With a status the process ends before anyone else goes on.
    func cleanUp(thenExitWith status: Int32? = nil) {
        cleanUps.withLock { cleanUps in
            for cleanUp in cleanUps.reversed() { cleanUp() }
            cleanUps = []
            if let status { _exit(status) }
        }
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }
}
