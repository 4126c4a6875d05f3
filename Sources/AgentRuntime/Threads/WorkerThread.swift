internal import Glibc

/// A thread that runs jobs one after the other, in the order in which they were posted.
///
/// Signals are blocked on it: those of the process go to its main thread.
public final class WorkerThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var first = 0
        var isStopped = false
        var hasEnded = false
        var thread: UInt = 0

        var count: Int { jobs.count - first }

        mutating func popFirst() -> (@Sendable () -> Void)? {
            guard first < jobs.count else { return nil }
            let job = jobs[first]
            jobs[first] = {}
            first += 1
            if first == jobs.count || first >= 1_024 {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Jobs that may wait.
    public let limit: Int
    private let monitor = Monitor(State())

    /// Starts the thread; its name is cut to fifteen bytes.
    /// - Throws: `.outOfResources`.
    public init(name: String, limit: Int = 1_024) throws(AgentError) {
        self.limit = limit
        let monitor = self.monitor
        let body = Body {
            monitor.withLock { $0.thread = UInt(pthread_self()) }
            Self.takeName(name)
            while let job = monitor.wait({ $0.isStopped ? .some(nil) : $0.popFirst().map(Optional.some) }) ?? nil {
                monitor.announce { _ in }
                job()
            }
            Self.drop(monitor)
            monitor.announce { $0.hasEnded = true }
        }
        try Self.start(name: name, body)
    }

    deinit { stop() }

    private static func start(name: String, _ body: Body) throws(AgentError) {
        // Allocated rather than made by `init()`, which Swift attributes to whichever C module it saw first.
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        pthread_attr_setstacksize(attributes, 2 << 20)
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // The new thread inherits the mask, so there is no moment in which it takes a signal.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let argument = Unmanaged.passRetained(body)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard failure == 0 else {
            argument.release()
            throw AgentError(.outOfResources, "no thread could be started for \(name): error \(failure)")
        }
    }

    /// Lets go of the jobs that wait, outside of the lock: one may be the last to hold the owner of this very thread.
    private static func drop(_ monitor: Monitor<State>) {
        let jobs = monitor.withLock { state in
            defer { (state.jobs, state.first) = ([], 0) }
            return state.jobs
        }
        withExtendedLifetime(jobs) {}
    }

    /// For `top` and debuggers.
    private static func takeName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, min(name.utf8.count, 15))
        close(file)
    }

    /// Whether the caller runs on this thread.
    public var isCurrent: Bool { monitor.withLock { $0.thread == UInt(pthread_self()) } }

    /// Whether no job is taken any more.
    public var isStopped: Bool { monitor.withLock { $0.isStopped } }

    /// Appends a job without waiting; false if the thread was stopped or `limit` jobs wait. A job that a job posts is
    /// always taken.
    @discardableResult
    public func post(_ job: @escaping @Sendable () -> Void) -> Bool {
        let current = UInt(pthread_self())
        return monitor.announce { state in
            guard !state.isStopped, state.count < limit || state.thread == current else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Appends a job as soon as there is room; false if the thread was stopped.
    @discardableResult
    public func postWaiting(_ job: @escaping @Sendable () -> Void) -> Bool {
        let current = UInt(pthread_self())
        let isTaken = monitor.wait { state -> Bool? in
            if state.isStopped { return false }
            guard state.count < limit || state.thread == current else { return nil }
            state.jobs.append(job)
            return true
        }
        monitor.announce { _ in }
        return isTaken ?? false
    }

    /// Runs the jobs that wait to their end, and then ends. No job is taken any more. Not on the thread itself.
    func finish() {
        if postWaiting({ self.stop() }) { join() }
    }

    /// No job is taken any more, and those that wait are dropped; the one that runs goes on. Any thread.
    public func stop() { monitor.announce { $0.isStopped = true } }

    /// Waits until the thread has ended after `stop`. Returns at once on the thread itself.
    public func join() {
        let current = UInt(pthread_self())
        _ = monitor.wait { $0.hasEnded || $0.thread == current ? true : nil }
    }
}
