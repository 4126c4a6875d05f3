import Glibc
public import LanHosts

/// A disk of its own over a directory, on a loop device that can be pulled: what was not flushed to it is gone then,
/// though the machine and its page cache go on.
public final class LoopDisk {
    private let path: String
    private let image: String
    private var device: String

    /// EXT4_IOC_SHUTDOWN; its flag 2 leaves the log unwritten.
    private static let shutdown: UInt = 0x8004_587D

    /// Whether disks can be made here.
    public static let skip = Skip("loop-disks", obstacles: obstacles)

    private static let obstacles: [String] = {
        var template = Array("/tmp/lanyard-loop.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return ["no temporary directory"] }
        let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            unlink(name + ".img")
            rmdir(name)
        }
        do { _ = try LoopDisk(at: name, image: name + ".img", mebibytes: 8) } catch { return ["\(error)"] }
        return []
    }()

    /// An empty ext4 at `path`, in a file.
    public init(at path: String, image: String, mebibytes: Int) throws(LanError) {
        (self.path, self.image) = (path, image)
        try Self.run("truncate", "-s", "\(mebibytes)M", image)
        try Self.run("/sbin/mkfs.ext4", "-q", image)
        device = try Self.attach(image, at: path)
        rmdir(path + "/lost+found")
    }

    /// Pulls it out and puts it back: mounted again as what had reached it. The file system is shut down first, at one
    /// instant and with its log unwritten: a copy of a disk in use would be a mixture of instants, in which even what
    /// was flushed may be missing.
    public func pull() throws(LanError) {
        let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        var unwritten: UInt32 = 2
        let answer = ioctl(root, Self.shutdown, &unwritten)
        let error = errno
        close(root)
        guard answer == 0 else { throw LanError("shutting \(path) down: \(String(cString: strerror(error)))") }
        detach()
        device = try Self.attach(image, at: path)
    }

    deinit { detach() }

    private func detach() {
        umount2(path, Int32(MNT_DETACH))
        try? Self.run("/sbin/losetup", "--detach", device)
        // Without this the kernel would go on using the device for the next disk, as no real one does.
        if let number = Int32(device.drop { !$0.isNumber }) { _ = Self.control(0x4C81, number) }
    }

    private static func attach(_ image: String, at path: String) throws(LanError) -> String {
        let number = control(0x4C80, -1)
        guard number >= 0 else { throw LanError("a loop device: \(String(cString: strerror(errno)))") }
        let device = "/dev/loop\(number)"
        try run("/sbin/losetup", device, image)
        try run("mount", "-t", "ext4", device, path)
        return device
    }

    /// loop(4): LOOP_CTL_ADD is 0x4C80, LOOP_CTL_REMOVE 0x4C81. Negative if that failed.
    private static func control(_ request: UInt, _ number: Int32) -> Int32 {
        let control = open("/dev/loop-control", O_RDWR | O_CLOEXEC)
        guard control >= 0 else { return -1 }
        defer { close(control) }
        return ioctl(control, request, number)
    }

    private static func run(_ words: String...) throws(LanError) {
        let child = try ChildProcess(words)
        let status = try child.waitForExit(within: 60)
        guard status == 0 else { throw LanError("\(words): \(child.transcript.joined(separator: "\n"))") }
    }
}
