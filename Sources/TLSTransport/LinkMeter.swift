internal import SyncModel

/// What a link takes in a second, from looks at the socket before each bulk frame. A value without a clock.
///
/// Where bytes wait unsent in the kernel, the link is the bottleneck, and what was acknowledged since the look before
/// is what it takes. Where none wait, it keeps up: then it takes at least that, and maybe more than it is thought to.
struct LinkMeter: Hashable {
    /// What the kernel says at one moment.
    struct Look: Hashable {
        let nanoseconds: UInt64
        /// By the peer's kernel, since the connection began.
        let acknowledgedBytes: UInt64
        /// Written, and not sent yet.
        let unsentBytes: Int
        /// How long altogether the peer had no room for more.
        let peerLimitedNanoseconds: UInt64
    }

    /// Fewer bytes tell about round trips rather than the link.
    static let leastBytes: UInt64 = 64 << 10
    private static let mostBytesPerSecond: UInt64 = 1 << 40

    private(set) var bytesPerSecond = Limits.assumedLinkBytesPerSecond
    private var isMeasured = false
    private var last: Look?

    mutating func take(_ look: Look) {
        guard let last, look.nanoseconds > last.nanoseconds, look.acknowledgedBytes >= last.acknowledgedBytes else {
            self.last = look
            return
        }
        let bytes = look.acknowledgedBytes - last.acknowledgedBytes
        let keepsUp = look.unsentBytes == 0
        guard bytes >= Self.leastBytes else {
            // What follows a pause is measured by itself.
            if keepsUp { self.last = look }
            return
        }
        self.last = look
        let elapsed = look.nanoseconds - last.nanoseconds
        let found = UInt64(min(Double(Self.mostBytesPerSecond), Double(bytes) * 1e9 / Double(elapsed)))
        if keepsUp {
            bytesPerSecond = max(found, min(Self.mostBytesPerSecond, bytesPerSecond / 4 * 5))
            return
        }
        // A peer that takes no more is bound by a limit of its own, or busy: less work for it is worth much more then.
        let waited = look.peerLimitedNanoseconds - min(look.peerLimitedNanoseconds, last.peerLimitedNanoseconds)
        let taken = waited > elapsed / 2 ? found * 8 : found
        bytesPerSecond = isMeasured ? (bytesPerSecond + taken) / 2 : taken
        isMeasured = true
    }
}
