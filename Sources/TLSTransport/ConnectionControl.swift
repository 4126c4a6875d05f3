internal import Glibc
internal import SyncModel
internal import Synchronization

/// What a connection's thread and all others share: queues, orders, counters.
final class ConnectionControl: Sendable {
    enum Ending {
        /// Flush queued control frames, say goodbye, then end.
        case gracefully
        case now(CloseReason)
    }

    private struct State {
        var control = FrameQueue(limitBytes: Limits.controlQueueBytes)
        var bulk = FrameQueue(limitBytes: Limits.bulkQueueBytes)
        var ending: Ending?
        var bulkReady = false
        /// Something changed since the thread last looked.
        var signalled = false
        /// The thread is in poll(2), or about to be.
        var sleeping = false
        /// Nil once the thread has ended.
        var wake: WakeEvent?
        var thread: UInt = 0
        var paired = false
        var reason: CloseReason?
        /// The `closed` closure has returned.
        var ended = false
    }

    /// What the thread is asked to do, as of one look.
    struct Orders {
        var ending: Ending?
        var bulkReady: Bool
        var signalled: Bool
        var paired: Bool
    }

    let wake: WakeEvent
    private let monitor: Monitor<State>
    let bytesSent = Atomic<UInt64>(0)
    let bytesReceived = Atomic<UInt64>(0)
    let linkBytesPerSecond = Atomic<UInt64>(Limits.assumedLinkBytesPerSecond)
    let lastReceived: Atomic<UInt64>

    init() throws(TransportError) {
        let wake = try WakeEvent()
        self.wake = wake
        var state = State()
        state.wake = wake
        monitor = Monitor(state)
        lastReceived = Atomic(MonotonicClock.milliseconds)
    }

    // MARK: Any thread

    private static func signal(_ state: inout State) {
        state.signalled = true
        if state.sleeping {
            state.sleeping = false
            state.wake?.signal()
        }
    }

    /// Why a frame is not taken however much room there is.
    private static func refusal(_ state: State, _ count: Int) -> TransportError? {
        guard state.ending == nil, state.reason == nil else { return .init(.closed, "The connection is closed.") }
        let limit = state.paired ? Limits.frameBytes : Limits.unpairedFrameBytes
        guard count > limit else { return nil }
        return .init(.frameTooLong, "A frame of \(count) bytes exceeds the \(limit) allowed.")
    }

    /// Queues a frame, or throws `closed`, `frameTooLong` or `queueFull`.
    func enqueue(_ frame: FrameQueue.Frame, _ priority: Priority) throws(TransportError) {
        try monitor.withLock { state throws(TransportError) in
            if let refusal = Self.refusal(state, frame.payload.count) { throw refusal }
            guard Self.append(frame, priority, &state) else {
                throw .init(.queueFull, "The connection's \(priority) queue is full; wait until the peer has read.")
            }
        }
    }

    /// Queues a frame as soon as there is room.
    func enqueueWaiting(
        _ frame: FrameQueue.Frame, _ priority: Priority, deadline: UInt64
    ) throws(TransportError) {
        let result: Result<Void, TransportError>? = monitor.wait(until: deadline) { state in
            if state.thread == TransportThread.current {
                return .failure(.init(.wouldBlockItself, "The connection's own thread can't wait for its queue."))
            }
            if let refusal = Self.refusal(state, frame.payload.count) { return .failure(refusal) }
            return Self.append(frame, priority, &state) ? .success(()) : nil
        }
        guard let result else {
            throw .init(.queueTimedOut, "The connection's \(priority) queue had no room in time.")
        }
        try result.get()
    }

    private static func append(_ frame: FrameQueue.Frame, _ priority: Priority, _ state: inout State) -> Bool {
        switch priority {
        case .control:
            guard state.control.hasRoom(for: frame.payload.count) else { return false }
            state.control.append(frame)
        case .bulk:
            guard state.bulk.hasRoom(for: frame.payload.count) else { return false }
            state.bulk.append(frame)
        }
        signal(&state)
        return true
    }

    func bulkReady() {
        monitor.withLock { state in
            guard !state.bulkReady else { return }
            state.bulkReady = true
            Self.signal(&state)
        }
    }

    /// A later order to end at once overrides an earlier one to end gracefully; nothing overrides the former.
    func end(_ ending: Ending) {
        monitor.announce { state in
            if case .now = state.ending { return }
            if case .gracefully = ending, state.ending != nil { return }
            state.ending = ending
            state.bulk.removeAll()
            if case .now = ending { state.control.removeAll() }
            Self.signal(&state)
        }
    }

    func setPaired() {
        monitor.withLock { state in
            state.paired = true
            Self.signal(&state)
        }
    }

    /// Bytes queued as control and as bulk.
    var queuedBytes: (control: Int, bulk: Int) { monitor.withLock { ($0.control.bytes, $0.bulk.bytes) } }

    var isPaired: Bool { monitor.withLock { $0.paired } }

    var isOpen: Bool { monitor.withLock { $0.ending == nil && $0.reason == nil } }

    /// Waits until the `closed` closure has returned.
    func awaitEnd(deadline: UInt64?) -> CloseReason? {
        monitor.wait(until: deadline) { $0.ended ? $0.reason : nil }
    }

    // MARK: The connection's thread

    func beginThread() { monitor.withLock { $0.thread = TransportThread.current } }

    func takeOrders() -> Orders {
        monitor.withLock { state in
            defer { (state.bulkReady, state.signalled) = (false, false) }
            return Orders(
                ending: state.ending, bulkReady: state.bulkReady, signalled: state.signalled, paired: state.paired)
        }
    }

    /// Takes a frame off its queue and wakes those who wait for room.
    func nextFrame(_ priority: Priority) -> FrameQueue.Frame? {
        monitor.announce { state in
            priority == .control ? state.control.popFirst() : state.bulk.popFirst()
        }
    }

    var hasBulk: Bool { monitor.withLock { !$0.bulk.isEmpty } }

    /// False if orders came meanwhile. After true, the thread must poll and then call `wokeUp`.
    func fallAsleep() -> Bool {
        monitor.withLock { state in
            state.sleeping = !state.signalled
            return state.sleeping
        }
    }

    func wokeUp() {
        // Whoever cleared `sleeping` has also made the event readable.
        let wasWoken = monitor.withLock { state in
            defer { state.sleeping = false }
            return !state.sleeping
        }
        if wasWoken { wake.clear() }
    }

    /// No frame is taken any more, and no descriptor used.
    func finish(_ reason: CloseReason) {
        monitor.announce { state in
            state.reason = reason
            state.control.removeAll()
            state.bulk.removeAll()
            state.wake?.close()
            state.wake = nil
            state.sleeping = false
        }
    }

    func markEnded() { monitor.announce { $0.ended = true } }
}
