internal import SyncModel

/// Finds the cut points of one stream after the other; the same ones, however the stream is fed.
///
/// The rolling hash after a byte depends on the last 64 bytes only. The bytes of a chunk that no candidate can see are
/// passed over unread.
struct Cutter {
    /// Bytes of the current chunk seen so far.
    private(set) var length = 0
    private var window: UInt64 = 0

    init() {}

    /// Where in `bytes` the current chunk ends (1 ... count), after which another chunk begins, or nil when it goes on
    /// beyond them.
    mutating func cut(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        skip(&position, bytes.count)
        Gear.table.withUnsafeBufferPointer { roll(&position, bytes, $0) }
        if let end = search(&position, bytes, until: Limits.chunkTarget - 1, mask: Gear.strictMask) { return end }
        if let end = search(&position, bytes, until: Limits.chunkGreatest, mask: Gear.laxMask) { return end }
        guard length == Limits.chunkGreatest else { return nil }
        reset()
        return position
    }

    /// The next byte begins a chunk.
    mutating func reset() { (length, window) = (0, 0) }

    /// Passes over what is before the first window.
    private mutating func skip(_ position: inout Int, _ count: Int) {
        let unread = Limits.chunkLeast - Gear.windowBytes - length
        guard unread > 0 else { return }
        position = min(unread, count)
        length += position
    }

    /// Fills the first window but for its last byte; no chunk ends there.
    private mutating func roll(
        _ position: inout Int, _ bytes: UnsafeRawBufferPointer, _ gear: UnsafeBufferPointer<UInt64>
    ) {
        while position < bytes.count, length < Limits.chunkLeast - 1 {
            window = (window << 1) &+ gear[Int(bytes[position])]
            position += 1
            length += 1
        }
    }

    /// Looks for a candidate while the chunk's length stays at or below `limit`.
    private mutating func search(
        _ position: inout Int, _ bytes: UnsafeRawBufferPointer, until limit: Int, mask: UInt64
    ) -> Int? {
        let count = min(bytes.count - position, limit - length)
        guard count > 0, let base = bytes.baseAddress else { return nil }
        let start = (base + position).assumingMemoryBound(to: UInt8.self)
        let found = Gear.table.withUnsafeBufferPointer { gear in
            gear.baseAddress.flatMap { Self.search(start, count, $0, mask, &window) }
        }
        guard let found else {
            position += count
            length += count
            return nil
        }
        reset()
        return position + found
    }

    /// Two bytes a turn, with the results of one byte a turn: after the first of them `window` is the rolling hash
    /// shifted left by one, and so is the mask. The masks leave the top bit free for that.
    private static func search(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ gear: UnsafePointer<UInt64>, _ mask: UInt64,
        _ window: inout UInt64
    ) -> Int? {
        let shiftedMask = mask << 1
        var rolling = window
        var index = 0
        while index &+ 2 <= count {
            let first = (rolling << 2) &+ (gear[Int(bytes[index])] << 1)
            if first & shiftedMask == 0 { return index &+ 1 }
            rolling = first &+ gear[Int(bytes[index &+ 1])]
            if rolling & mask == 0 { return index &+ 2 }
            index &+= 2
        }
        if index < count {
            rolling = (rolling << 1) &+ gear[Int(bytes[index])]
            if rolling & mask == 0 { return count }
        }
        window = rolling
        return nil
    }
}
