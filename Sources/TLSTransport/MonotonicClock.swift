internal import Glibc

/// Time since the machine's start; never set back.
public enum MonotonicClock {
    public static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    public static var milliseconds: UInt64 { nanoseconds / 1_000_000 }

    /// The time `duration` milliseconds from now.
    static func deadline(in duration: Int) -> UInt64 { milliseconds + UInt64(max(0, duration)) }

    /// Milliseconds from now to the nearest of `deadlines`, as poll(2) wants them: -1 is for ever.
    static func pollTimeout(_ deadlines: UInt64?...) -> Int32 {
        guard let nearest = deadlines.compactMap({ $0 }).min() else { return -1 }
        let now = milliseconds
        return nearest <= now ? 0 : Int32(clamping: nearest - now)
    }
}
