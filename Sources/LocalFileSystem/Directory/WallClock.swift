internal import Glibc
internal import SyncModel

/// The clock that file systems of this machine stamp entries with.
enum WallClock {
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }
}

extension Timestamp {
    /// How long `earlier` was before this, in nanoseconds; `Int64.max` where that does not fit.
    func nanoseconds(since earlier: Timestamp) -> Int64 {
        let (seconds, isFar) = self.seconds.subtractingReportingOverflow(earlier.seconds)
        let (product, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if isFar || isTooFar { return .max }
        let (sum, overflow) = product.addingReportingOverflow(Int64(nanoseconds) - Int64(earlier.nanoseconds))
        return overflow ? .max : sum
    }
}
