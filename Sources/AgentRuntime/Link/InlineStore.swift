internal import Chunking
public import SyncModel

/// The small contents of one folder that came inside index batches, from their arrival until they are staged, placed
/// or given up. Any thread.
///
/// Bounded: what finds no room is not kept, and its record is then fetched as if nothing had come with it.
public final class InlineStore: Sendable {
    private struct State {
        var bytes: [UInt64: [UInt8]] = [:]
        var held = 0
        var next: UInt64 = 1
    }

    /// Bytes that are held at most.
    public let limitBytes: Int
    private let monitor = Monitor(State())

    public init(limitBytes: Int = Limits.inlineStoreBytes) { self.limitBytes = limitBytes }

    /// Bytes that are held.
    public var heldBytes: Int { monitor.withLock { $0.held } }

    /// Keeps bytes that were verified; nil if there is no room.
    public func put(_ bytes: [UInt8]) -> InlineHandle? {
        monitor.withLock { state in
            guard state.held + bytes.count <= limitBytes else { return nil }
            defer { state.next += 1 }
            state.bytes[state.next] = bytes
            state.held += bytes.count
            return InlineHandle(state.next)
        }
    }

    /// The bytes, which stay.
    public func peek(_ handle: InlineHandle) -> [UInt8]? { monitor.withLock { $0.bytes[handle.number] } }

    /// The bytes, which are then no longer held.
    public func take(_ handle: InlineHandle) -> [UInt8]? {
        monitor.withLock { state in
            guard let bytes = state.bytes.removeValue(forKey: handle.number) else { return nil }
            state.held -= bytes.count
            return bytes
        }
    }

    /// The bytes are no longer wanted.
    public func release(_ handle: InlineHandle) { _ = take(handle) }

    /// Drops everything.
    public func removeAll() { monitor.withLock { ($0.bytes, $0.held) = ([:], 0) } }
}
