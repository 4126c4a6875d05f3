import Glibc
import Synchronization

/// Ends what a demonstration began, once: at its end, or when it is interrupted (SIGINT, SIGTERM, SIGHUP).
///
/// Signals are handed to a thread, which cleans up and ends the process; a clean-up that comes meanwhile waits for it.
final class Interruption: Sendable {
    private let cleanUps = Mutex([@Sendable () -> Void]())
    /// Where the handler writes: all that a handler may do.
    private static let writing = Atomic<Int32>(-1)

    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        Self.writing.store(ends[1], ordering: .sequentiallyConsistent)
        let own = Unmanaged.passRetained(Reader(descriptor: ends[0], interruption: self))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { own in
                if let own { Unmanaged<Reader>.fromOpaque(own).takeRetainedValue().run() }
                return nil
            }, own.toOpaque())
        pthread_detach(thread)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Interruption.writing.load(ordering: .sequentiallyConsistent), &byte, 1)
            }
        }
    }

    /// Begins something whose end belongs to the end, the last first; no interruption comes between.
    func begin<Value: Sendable, Failure: Error>(
        _ body: () throws(Failure) -> (value: Value, cleanUp: @Sendable () -> Void)
    ) throws(Failure) -> Value {
        try cleanUps.withLock { cleanUps throws(Failure) in
            let begun = try body()
            cleanUps.append(begun.cleanUp)
            return begun.value
        }
    }

    /// Does something beside which nothing is cleaned up.
    func uninterrupted<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        try cleanUps.withLock { _ throws(Failure) in try body() }
    }

    /// With a status the process ends before anyone else goes on.
    func cleanUp(thenExitWith status: Int32? = nil) {
        cleanUps.withLock { cleanUps in
            for cleanUp in cleanUps.reversed() { cleanUp() }
            cleanUps = []
            if let status { _exit(status) }
        }
    }

    /// What the thread has.
    private final class Reader {
        let descriptor: Int32
        let interruption: Interruption

        init(descriptor: Int32, interruption: Interruption) {
            (self.descriptor, self.interruption) = (descriptor, interruption)
        }

        func run() {
            var byte: UInt8 = 0
            while true {
                let count = read(descriptor, &byte, 1)
                if count == 1 { return interruption.cleanUp(thenExitWith: 128 + Int32(byte)) }
                guard count < 0, errno == EINTR else { return }
            }
        }
    }
}
