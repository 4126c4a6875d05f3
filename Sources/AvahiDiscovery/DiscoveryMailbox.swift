internal import CAvahi
internal import Synchronization

/// What other threads ask of the loop, and the bell that wakes it.
final class DiscoveryMailbox: Sendable {
    /// The poll of the loop; used by other threads for its wake-up pipe alone.
    struct Poll: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    struct Orders: Sendable {
        /// The latest announcement wanted, if it was changed; the inner nil withdraws.
        var announcement: Announcement??
        var stops = false

        var isOpen: Bool { stops || announcement != nil }
    }

    private struct State: Sendable {
        var orders = Orders()
        var poll: Poll?
    }

    private let state: Mutex<State>

    init(poll: Poll) { state = Mutex(State(poll: poll)) }

    func announce(_ announcement: Announcement?) { post { $0.announcement = .some(announcement) } }

    func stop() { post { $0.stops = true } }

    /// For the loop: what was asked since the last time.
    func take() -> Orders {
        state.withLock { state in
            defer { state.orders.announcement = nil }
            return state.orders
        }
    }

    /// For the loop: waits until Avahi or another thread has something, at most so many milliseconds; -1 for ever.
    /// Negative if polling failed.
    func wait(_ poll: OpaquePointer, milliseconds: Int32) -> Int32 {
        let prepared = avahi_simple_poll_prepare(poll, milliseconds)
        guard prepared == 0 else { return prepared }
        // Avahi has just forgotten all bells before this one: what was asked since `take` would wait for the next.
        state.withLock { if $0.orders.isOpen { avahi_simple_poll_wakeup(poll) } }
        let ran = avahi_simple_poll_run(poll)
        return ran == 0 ? avahi_simple_poll_dispatch(poll) : ran
    }

    /// For the loop, before it frees its poll.
    func close() { state.withLock { $0.poll = nil } }

    private func post(_ change: @Sendable (inout Orders) -> Void) {
        state.withLock { state in
            change(&state.orders)
            if let poll = state.poll { avahi_simple_poll_wakeup(poll.pointer) }
        }
    }
}
