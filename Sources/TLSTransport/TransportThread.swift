internal import COpenSSL  // its headers are where pthread's types are first seen
internal import CSocket
internal import Glibc

/// A thread with every signal blocked: the process's signals go to its main thread, and a SIGPIPE that a write to
/// a dead socket raises (it is directed at the writing thread) stays pending here and ends with the thread.
struct TransportThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t

    /// Starts `body`; `name` is cut to fifteen bytes. The thread must be joined or detached.
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(TransportError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // Reserved, not used: handlers of the upper layer run on this stack.
        pthread_attr_setstacksize(&attributes, 2 << 20)
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // The new thread inherits the mask, so there is no moment in which it takes a signal.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                body.run()
                return nil
            }, argument.toOpaque())
        guard failure == 0 else {
            argument.release()
            throw .init(.outOfResources, "No thread could be started for \(name).", number: failure)
        }
        pthread_setname_np(thread, String(decoding: name.utf8.prefix(15), as: UTF8.self))
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }

    func detach() { pthread_detach(thread) }

    static var current: UInt { UInt(pthread_self()) }
}
