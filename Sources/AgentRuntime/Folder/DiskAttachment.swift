internal import Glibc
internal import SyncModel

/// The block device that a folder is on, since it was attached: a disk that is pulled out and put back is another one
/// to the kernel, and so is one that was unlocked or assembled again. What was not flushed to it before may be lost,
/// although the machine ran on.
enum DiskAttachment {
    /// A name that no other attachment has until the machine starts again: the inode of the device's directory in
    /// sysfs, which the kernel gives out once. Nil where there is no block device (tmpfs, the network), or no sysfs.
    static func name(ofDiskWith descriptor: Int32) -> String? {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { return nil }
        if let name = name(ofDevice: found.st_dev) { return name }
        // btrfs and some others give a number that is no device's: the mount tells which one it is.
        guard let mount = mountNumber(of: descriptor),
            let source = source(ofMount: mount, in: SystemFile.lines("/proc/self/mountinfo")),
            source.first == UInt8(ascii: "/")
        else { return nil }
        var device = stat()
        let path = source.map { CChar(bitPattern: $0) } + [0]
        guard stat(path, &device) == 0, device.st_mode & S_IFMT == S_IFBLK else { return nil }
        return name(ofDevice: device.st_rdev)
    }

    private static func name(ofDevice device: dev_t) -> String? {
        let number = UInt64(device)
        // As gnu_dev_major(3) and gnu_dev_minor(3) take them apart.
        let major = ((number >> 8) & 0xfff) | ((number >> 32) & ~0xfff)
        let minor = (number & 0xff) | ((number >> 12) & ~0xff & 0xffff_ffff)
        var directory = stat()
        guard stat("/sys/dev/block/\(major):\(minor)", &directory) == 0 else { return nil }
        return "\(major):\(minor)-\(directory.st_ino)"
    }

    private static func mountNumber(of descriptor: Int32) -> String? {
        let mark = "mnt_id:"
        let line = SystemFile.lines("/proc/self/fdinfo/\(descriptor)").first { $0.starts(with: mark.utf8) }
        return line.map { String(decoding: $0.dropFirst(mark.utf8.count), as: UTF8.self).filter(\.isNumber) }
    }

    /// What is mounted there, with blanks as they are (proc_pid_mountinfo(5): octal after a backslash).
    static func source(ofMount number: String, in table: [[UInt8]]) -> [UInt8]? {
        for line in table {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.first.map({ $0.elementsEqual(number.utf8) }) == true,
                let separator = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }), separator + 2 < fields.count
            else { continue }
            return unescaped(fields[separator + 2])
        }
        return nil
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1 - 48) }))
            rest.removeFirst(3)
        }
        return bytes
    }
}

extension MachineStart {
    /// As a folder on a disk has it: named with the disk's attachment.
    func onDisk(_ attachment: String?) -> MachineStart {
        guard let attachment else { return self }
        return MachineStart(id: "\(id) \(attachment)", at: at)
    }

    /// The start that may have torn what was written since `mended`, the one that a folder's index names: nil if
    /// that is this one.
    /// - Parameter now: when the folder was opened. A disk that was attached since the machine's start was so before.
    func restart(since mended: String?, now: Timestamp) -> MachineStart? {
        if mended == id { return nil }
        func machine(_ id: String) -> Substring { id.prefix { $0 != " " } }
        return mended.map(machine) == machine(id) ? MachineStart(id: id, at: now) : self
    }
}
