internal import CLinux

/// Copying between files without passing the bytes through memory where the kernel can do it.
enum FileCopy {
    /// Copies `count` bytes, fewer if the source ends before. The kernel shares blocks where the file system can.
    static func copy(
        _ source: Descriptor, at from: UInt64, to target: Descriptor, at to: UInt64, count: UInt64
    ) throws(Errno) {
        var done: UInt64 = 0
        while done < count {
            let step = Int(min(count - done, 1 << 30))
            let copied = linux_copy_file_range(
                source.number, Int64(from + done), target.number, Int64(to + done), step)
            switch copied {
            case -Int64(linux_EXDEV), -Int64(linux_ENOSYS), -Int64(linux_EINVAL), -Int64(linux_EOPNOTSUPP),
                -Int64(linux_EPERM):
                return try copyThroughMemory(source, from + done, target, to + done, count - done)
            case 0: return
            default: done += UInt64(try Errno.check(copied))
            }
        }
    }

    private static func copyThroughMemory(
        _ source: Descriptor, _ from: UInt64, _ target: Descriptor, _ to: UInt64, _ count: UInt64
    ) throws(Errno) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var done: UInt64 = 0
        while done < count {
            let step = Int(min(count - done, UInt64(buffer.count)))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<step])
            let got = try source.readAll(into: part, at: from + done)
            if got == 0 { return }
            try target.writeAll(UnsafeRawBufferPointer(rebasing: part[..<got]), at: to + done)
            done += UInt64(got)
        }
    }
}
