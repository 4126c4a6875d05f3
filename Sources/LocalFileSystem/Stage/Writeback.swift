/// When the kernel is told to begin writing a content out that is being put together.
///
/// It begins by itself only after half a minute, or when a good part of the memory waits to be written. Then the flush
/// at the end finds a whole large file to write, and whoever waits for it waits while nothing is received.
struct Writeback {
    /// Bytes between one beginning and the next: much for one request to the disk, little for a flush.
    static let stepBytes: UInt64 = 8 << 20

    private var waitingBytes: UInt64 = 0

    /// Counts `bytes` that were written to the file; whether it is time to begin.
    mutating func isDue(after bytes: UInt64) -> Bool {
        waitingBytes += bytes
        if waitingBytes < Writeback.stepBytes { return false }
        waitingBytes = 0
        return true
    }
}
