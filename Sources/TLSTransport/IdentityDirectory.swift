internal import Cryptography
internal import Glibc
internal import SyncModel

/// `<home>/identity`, held open: every file in it is reached from the descriptor, never following links.
struct IdentityDirectory: ~Copyable {
    let path: String
    private let descriptor: Int32
    /// The largest file that is read.
    private static let fileBytes = 65_536

    /// Opens or makes the directory. Throws `identityPermissions` if others may enter it.
    static func open(home: String) throws(TransportError) -> IdentityDirectory {
        let path = home + "/identity"
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .init(.identityFiles, "Can't make \(path).", number: errno)
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .init(.identityFiles, "Can't open \(path).", number: errno) }
        do { try check(descriptor, path, advice: "chmod 700") } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        return IdentityDirectory(path: path, descriptor: descriptor)
    }

    private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    func close() { _ = Glibc.close(descriptor) }

    private static func check(_ descriptor: Int32, _ path: String, advice: String) throws(TransportError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .init(.identityFiles, "Can't examine \(path).", number: errno)
        }
        guard status.st_uid == geteuid() else {
            throw .init(.identityPermissions, "\(path) belongs to another user; the agent's user must own it.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .init(.identityPermissions, "Others may use \(path): run `\(advice) \(path)`.")
        }
    }

    /// The contents of a file, or nil if there is none.
    func read(_ name: String) throws(TransportError) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw .init(.identityFiles, "Can't open \(path)/\(name).", number: errno) }
        defer { _ = Glibc.close(file) }
        try Self.check(file, "\(path)/\(name)", advice: "chmod 600")
        var bytes = [UInt8](repeating: 0, count: Self.fileBytes + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .init(.identityFiles, "Can't read \(path)/\(name).", number: errno) }
            guard count > 0 else { return Array(bytes.prefix(filled)) }
            filled += count
        }
        throw .init(.identityDamaged, "\(path)/\(name) is too long for what it should hold; restore it.")
    }

    /// Makes a file, durable when this returns: written under another name, flushed, then linked, so that it is
    /// whole or absent. A file that exists already stays as it is.
    func create(_ name: String, _ bytes: [UInt8]) throws(TransportError) {
        let draft = ".\(name).\(Hexadecimal.encode(SecureRandom.bytes(8)))"
        let file = openat(descriptor, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .init(.identityFiles, "Can't make \(path)/\(draft).", number: errno) }
        defer { unlinkat(descriptor, draft, 0) }
        let written = write(bytes, to: file) && fchmod(file, 0o600) == 0 && fsync(file) == 0
        let number = errno
        _ = Glibc.close(file)
        guard written else { throw .init(.identityFiles, "Can't write \(path)/\(name).", number: number) }
        if linkat(descriptor, draft, descriptor, name, 0) != 0, errno != EEXIST {
            throw .init(.identityFiles, "Can't make \(path)/\(name).", number: errno)
        }
        guard fsync(descriptor) == 0 else { throw .init(.identityFiles, "Can't flush \(path).", number: errno) }
    }

    private func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + start }, $0.count - start) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }
}
