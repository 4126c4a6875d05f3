internal import Glibc
public import LanHosts

/// What a process is told of ctime, which nobody can set: of each inode of a replayed disk, when it was changed on the
/// disk that it is a replay of, until it is changed again. `crash_time` in `CrashPoints.h`.
public struct ToldTimes {
    private var times: [UInt64: (real: Int64, told: Int64)] = [:]

    public init() {}

    func told(_ inode: UInt64, _ real: Int64) -> Int64 {
        guard let known = times[inode], known.real == real else { return real }
        return known.told
    }

    mutating func note(_ inode: UInt64, real: Int64, told: Int64) { times[inode] = (real, told) }

    public func write(to path: String) throws(LanError) {
        var bytes: [UInt8] = []
        for (inode, time) in times.sorted(by: { $0.key < $1.key }) {
            for word in [inode, UInt64(bitPattern: time.real), UInt64(bitPattern: time.told)] {
                withUnsafeBytes(of: word) { bytes += $0 }
            }
        }
        try DiskImage.write(bytes, to: path)
    }
}
