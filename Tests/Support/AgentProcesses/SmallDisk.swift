import Glibc
public import LanHosts

/// A small file system in memory over an agent's folder: one that can be filled up.
public final class SmallDisk {
    private let path: String

    /// Whether file systems may be mounted here.
    public static let skip = Skip("small-disks", obstacles: obstacles)

    private static let obstacles: [String] = {
        var template = Array("/tmp/lanyard-mount.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return ["no temporary directory"] }
        defer { rmdir(template) }
        let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (try? SmallDisk(at: name, bytes: 1 << 20)) == nil ? ["file systems can't be mounted (root can)"] : []
    }()

    /// - Throws: if it may not be mounted.
    public init(at path: String, bytes: Int) throws(LanError) {
        self.path = path
        guard mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw LanError("mount on \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Gives it another size.
    public func resize(_ bytes: Int) throws(LanError) {
        guard mount("none", path, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)") == 0 else {
            throw LanError("remount of \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}
