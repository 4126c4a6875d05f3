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

    /// For the loop, before it frees its poll.
    func close() { state.withLock { $0.poll = nil } }

    private func post(_ change: @Sendable (inout Orders) -> Void) {
        state.withLock { state in
            change(&state.orders)
            if let poll = state.poll { avahi_simple_poll_wakeup(poll.pointer) }
        }
    }
}
