/// A reused stretch of memory with waiting bytes in it: no allocation a frame. Used by one thread.
final class TransferBuffer {
    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    /// What an idle connection keeps.
    static let restBytes = 32 << 10

    init() { memory = .allocate(byteCount: Self.restBytes, alignment: 64) }

    deinit { memory.deallocate() }

    var count: Int { end - start }
    var isLarge: Bool { memory.count > Self.restBytes * 4 }

    /// The waiting bytes; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

    /// Free memory after the waiting bytes, at least `least` bytes of it.
    func space(least: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count - end < least { makeRoom(least) }
        return UnsafeMutableRawBufferPointer(rebasing: memory[end...])
    }

    /// As `space`; if nothing waits, what follows a header of `header` bytes lies on a 64-byte boundary. Copies of
    /// 256 KiB to an odd address run at a quarter of the speed on processors that copy by microcode.
    func space(least: Int, aligningAfter header: Int) -> UnsafeMutableRawBufferPointer {
        if count == 0 { (start, end) = (64 - header, 64 - header) }
        return space(least: least)
    }

    /// The first `count` bytes of the last `space` are filled.
    func filled(_ count: Int) { end += count }

    func consume(_ count: Int) {
        start += count
        if start == end { (start, end) = (0, 0) }
    }

    func append(_ source: [UInt8]) {
        let target = space(least: source.count)
        source.withUnsafeBytes { target.copyMemory(from: $0) }
        filled(source.count)
    }

    /// Gives memory back when nothing waits.
    func rest() {
        guard count == 0, isLarge else { return }
        memory.deallocate()
        memory = .allocate(byteCount: Self.restBytes, alignment: 64)
        (start, end) = (0, 0)
    }

    private func makeRoom(_ least: Int) {
        let waiting = bytes
        if waiting.count + least <= memory.count {
            memory.copyMemory(from: waiting)
        } else {
            // An empty buffer keeps its offset, which may be an alignment.
            let offset = waiting.count == 0 ? start : 0
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: offset + waiting.count + least, alignment: 64)
            if waiting.count > 0 { larger.copyMemory(from: waiting) }
            memory.deallocate()
            memory = larger
            (start, end) = (offset, offset + waiting.count)
            return
        }
        (start, end) = (0, waiting.count)
    }
}
