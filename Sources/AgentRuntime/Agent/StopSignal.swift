internal import CLinux
internal import ControlAPI
internal import Glibc

/// Waits for the end: a signal, a command, or a failure.
final class StopSignal: Sendable {
    private struct State {
        var isOver = false
        var failure: ControlError?
        var waiter: CheckedContinuation<ControlError?, Never>?
    }

    private let state = Monitor(State())
    /// Waits for the handler's byte.
    private let thread: WorkerThread

    /// Takes SIGTERM and SIGINT from now on.
    init() throws(AgentError) {
        thread = try WorkerThread(name: "signals")
        var ends: [Int32] = [0, 0]
        guard linux_pipe(&ends) == 0 else { throw AgentError(.outOfResources, "no pipe for signals could be made") }
        let readable = ends[0]
        signalPipe = ends[1]
        thread.post { [weak self] in
            var byte: UInt8 = 0
            while read(readable, &byte, 1) == 1 { self?.stop() }
        }
        for number in [SIGTERM, SIGINT] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in
                var byte: UInt8 = 1
                _ = write(signalPipe, &byte, 1)
            }
            sigaction(number, &action, nil)
        }
    }

    func stop() { end(nil) }
    func fail(_ error: ControlError) { end(error) }

    func wait() async -> ControlError? {
        await withCheckedContinuation { continuation in
            let over = state.withLock { state -> ControlError?? in
                if state.isOver { return .some(state.failure) }
                state.waiter = continuation
                return nil
            }
            if let over { continuation.resume(returning: over) }
        }
    }

    private func end(_ failure: ControlError?) {
        let waiter = state.withLock { state -> CheckedContinuation<ControlError?, Never>? in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.failure = failure
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: failure)
    }
}

/// Where the handler of signals writes: all that it may do. Set once, before the handler is.
nonisolated(unsafe) private var signalPipe: Int32 = -1
