internal import CLinux

/// The names in an open directory of ours. Bounded by the directory: only used for `.lanyard`'s directories.
enum DirectoryListing {
    /// Every name but `.` and `..`, in no order.
    static func names(of directory: Int32) throws(Errno) -> [[UInt8]] {
        let again = linux_openat(directory, ".", linux_O_RDONLY | linux_O_DIRECTORY, 0)
        let reader = Descriptor(owning: try Errno.check(again))
        var names: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { linux_getdents(reader.number, $0.baseAddress, $0.count) }
            if try Errno.check(count) == 0 { return names }
            parse(buffer, Int(count), &names)
        }
    }

    /// linux_dirent64: inode (8), offset (8), record length (2), type (1), name to its NUL.
    private static func parse(_ buffer: [UInt8], _ count: Int, _ names: inout [[UInt8]]) {
        var start = 0
        while start + 19 < count {
            let length = Int(buffer[start + 16]) | Int(buffer[start + 17]) << 8
            guard length > 19, start + length <= count else { return }
            let name = Array(buffer[(start + 19)..<(start + length)].prefix { $0 != 0 })
            if name != [0x2e], name != [0x2e, 0x2e] { names.append(name) }
            start += length
        }
    }
}
