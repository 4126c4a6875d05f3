internal import Glibc
internal import SQLiteIndex
internal import SyncModel

/// The directory that holds all state of an agent: the identity, the store, the folders' indexes, the control socket.
struct AgentHome: Sendable {
    let path: String

    var storePath: String { path + "/device.db" }
    func indexPath(of folder: FolderID) -> String { path + "/index/\(folder).db" }

    /// Makes the directory (0700) if it is missing.
    /// - Throws: `.home`.
    init(_ path: String) throws(AgentError) {
        self.path = path
        var partial = ""
        for component in path.split(separator: "/") {
            partial += "/" + component
            if mkdir(partial, 0o700) != 0, errno != EEXIST {
                throw AgentError(.home, "the home \(path) can't be made: \(String(cString: strerror(errno)))")
            }
        }
        // A directory that was made by hand is closed to others; what is another user's is refused by whoever opens it.
        var status = stat()
        if stat(path, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 != 0 { chmod(path, 0o700) }
        if mkdir(path + "/index", 0o700) != 0, errno != EEXIST || !Self.isDirectory(path + "/index") {
            throw AgentError(.home, "\(path)/index can't be made: \(String(cString: strerror(errno)))")
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return false }
        close(file)
        return true
    }

    /// Opens the store, or makes it at the first start.
    func openStore() throws(IndexError) -> DeviceStore {
        do throws(IndexError) { return try DeviceStore.open(path: storePath) } catch where error.code == .missing {
            return try DeviceStore.create(path: storePath)
        }
    }

    /// Makes sure that this is the machine and the directory that the identity belongs to (rule 9).
    /// - Throws: `.copied` for a state directory that was copied or moved.
    func checkBinding(_ store: DeviceStore) throws {
        let binding = try currentBinding()
        guard let known = try store.machineBinding() else { return try store.bind(to: binding) }
        guard known != binding else { return }
        throw AgentError(
            .copied,
            """
            the home \(path) was copied or moved from another place or machine: two agents of one identity would harm \
            each other. If the other one is gone for good, run 'lanyard identity keep'; to become a new device, run \
            'lanyard identity renew'
            """)
    }

    func currentBinding() throws(AgentError) -> MachineBinding {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw AgentError(.home, "the home \(path) can't be examined: \(String(cString: strerror(errno)))")
        }
        return MachineBinding(
            machine: SystemFile.text("/etc/machine-id"), device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

/// Small files of the system.
enum SystemFile {
    /// The machine's last start, by the clock as it is set now.
    static func machineStart() -> MachineStart {
        var (now, running) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &now)
        clock_gettime(CLOCK_BOOTTIME, &running)
        let isBorrowing = now.tv_nsec < running.tv_nsec
        let at = Timestamp(
            seconds: Int64(now.tv_sec - running.tv_sec) - (isBorrowing ? 1 : 0),
            nanoseconds: UInt32(now.tv_nsec - running.tv_nsec + (isBorrowing ? 1_000_000_000 : 0)))
        return MachineStart(id: text("/proc/sys/kernel/random/boot_id"), at: at)
    }

    /// The first line, of at most 4,096 bytes; empty if it can't be read.
    static func text(_ path: String) -> String {
        String(decoding: (lines(path).first ?? []).prefix(4_096), as: UTF8.self)
    }

    /// The lines of the first mebibyte; none if it can't be read.
    static func lines(_ path: String) -> [[UInt8]] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }
}
