internal import CLinux

/// One event as inotify gives it.
struct InotifyEvent {
    let watch: Int32
    let mask: UInt32
    /// The same for the two halves of a rename.
    let cookie: UInt32
    /// Of the entry in the watched directory; empty for the directory itself.
    let name: [UInt8]

    func has(_ bits: UInt32) -> Bool { mask & bits != 0 }
    var isDirectory: Bool { has(linux_IN_ISDIR) }

    /// What directories are watched for.
    static let watched =
        linux_IN_CLOSE_WRITE | linux_IN_MODIFY | linux_IN_ATTRIB | linux_IN_CREATE | linux_IN_DELETE
        | linux_IN_MOVED_FROM | linux_IN_MOVED_TO | linux_IN_DELETE_SELF | linux_IN_MOVE_SELF | linux_IN_ONLYDIR
        | linux_IN_EXCL_UNLINK

    /// Takes what is queued, as much as `buffer` holds, and hands it to `body` in order. False when nothing was.
    static func read(
        _ inotify: Int32, through buffer: UnsafeMutableRawBufferPointer, _ body: (InotifyEvent) -> Void
    ) -> Bool {
        let count = linux_read(inotify, buffer.baseAddress, buffer.count)
        guard count > 0 else { return false }
        var start = 0
        // struct inotify_event: watch (4), mask (4), cookie (4), length (4), name padded with NULs.
        while start + 16 <= Int(count) {
            func field<Value>(_ offset: Int, _: Value.Type) -> Value {
                buffer.loadUnaligned(fromByteOffset: start + offset, as: Value.self)
            }
            let length = Int(field(12, UInt32.self))
            let name = buffer[(start + 16)..<min(start + 16 + length, Int(count))].prefix { $0 != 0 }
            body(
                InotifyEvent(
                    watch: field(0, Int32.self), mask: field(4, UInt32.self), cookie: field(8, UInt32.self),
                    name: Array(name)))
            start += 16 + length
        }
        return true
    }
}
