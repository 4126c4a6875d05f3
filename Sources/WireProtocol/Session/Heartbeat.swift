import SyncModel

/// When to ask whether the other side lives, and when to take it for dead. All times in milliseconds of one clock.
struct Heartbeat: Hashable, Sendable {
    enum Verdict: Hashable, Sendable {
        case quiet
        case ping(UInt64)
        case dead
    }

    private var lastHeard: UInt64
    private var lastPing: UInt64
    private var nextPing: UInt64 = 1
    /// Pings that are not answered yet.
    private var open: Set<UInt64> = []
    private var windowStart: UInt64
    private var pingsInWindow = 0

    init(now: UInt64) { (lastHeard, lastPing, windowStart) = (now, now, now) }

    /// Bytes came: also a part of a frame.
    mutating func heard(now: UInt64) { lastHeard = max(lastHeard, now) }

    mutating func tick(now: UInt64) -> Verdict {
        guard now >= lastHeard else { return .quiet }
        if now - lastHeard >= Limits.silenceMilliseconds { return .dead }
        let idleSince = max(lastHeard, lastPing)
        guard now >= idleSince, now - idleSince >= Limits.heartbeatMilliseconds else { return .quiet }
        lastPing = now
        defer { nextPing += 1 }
        return open.insert(nextPing).inserted ? .ping(nextPing) : .quiet
    }

    /// A ping sent by the user of the session, who chose its number.
    mutating func sent(_ number: UInt64) throws(WireError) {
        guard open.count < Limits.pings, open.insert(number).inserted else {
            throw WireError(.tooMany, "Too many pings are unanswered, or two have one number.")
        }
    }

    mutating func pong(_ number: UInt64) throws(WireError) {
        guard open.remove(number) != nil else { throw WireError(.unrequested, "A pong answers no ping.") }
    }

    /// A ping of the other side.
    mutating func ping(now: UInt64) throws(WireError) {
        if now < windowStart || now - windowStart >= Limits.heartbeatMilliseconds {
            windowStart = now
            pingsInWindow = 0
        }
        pingsInWindow += 1
        guard pingsInWindow <= Limits.pings else { throw WireError(.tooMany, "Pings come too often.") }
    }
}
