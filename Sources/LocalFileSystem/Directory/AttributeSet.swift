internal import CLinux
internal import SyncModel

/// The `user.*` extended attributes of an open file or directory: name and value, sorted by name (rule 4).
public enum AttributeSet {
    /// One attribute as it stands on the disk.
    public struct Entry: Hashable, Sendable {
        public let name: [UInt8]
        public let value: [UInt8]

        public init(name: [UInt8], value: [UInt8]) { (self.name, self.value) = (name, value) }
    }

    private static let space = Array("user.".utf8)

    /// Reads them; empty where the file system has none.
    /// - Throws: `.tooLarge` beyond `Limits.attributeCount` or `Limits.attributeBytes`; `subject` is for messages.
    public static func read(_ file: Descriptor, subject: String) throws(FileSystemError) -> [Entry] {
        do throws(Errno) {
            return try read(file.number)
        } catch {
            throw FileSystemError(error, "read the attributes of", subject)
        }
    }

    static func isSynced(_ name: some Collection<UInt8>) -> Bool {
        name.count > space.count && name.count <= Limits.nameBytes && name.starts(with: space)
    }

    static func read(_ file: Int32) throws(Errno) -> [Entry] {
        // Most entries have none: asked first, because it costs no memory.
        let extent = linux_listxattr_path(file, nil, 0)
        if extent == -Int64(linux_EOPNOTSUPP) || extent == 0 { return [] }
        var list = [UInt8](repeating: 0, count: Limits.attributeBytes)
        let length = list.withUnsafeMutableBytes { buffer in
            linux_listxattr_path(file, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        if length == -Int64(linux_EOPNOTSUPP) || length == 0 { return [] }
        try Errno.check(length)
        let names = list.prefix(Int(length)).split(separator: 0).filter(isSynced)
        guard names.count <= Limits.attributeCount else { throw Errno(number: linux_E2BIG) }
        var entries: [Entry] = []
        var total = 0
        for name in names {
            guard let value = try value(of: name, in: file) else { continue }
            total += name.count + value.count
            guard total <= Limits.attributeBytes else { throw Errno(number: linux_E2BIG) }
            entries.append(Entry(name: Array(name), value: value))
        }
        return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Nil if it went away meanwhile.
    private static func value(of name: ArraySlice<UInt8>, in file: Int32) throws(Errno) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: Limits.attributeBytes)
        let length = withName(name) { name in
            value.withUnsafeMutableBytes { linux_getxattr_path(file, name, $0.baseAddress, $0.count) }
        }
        if length == -Int64(linux_ENODATA) { return nil }
        try Errno.check(length)
        return Array(value.prefix(Int(length)))
    }

    /// Sets one attribute, or removes it where the value is nil. Names outside `user.` are passed over (rule 4).
    static func set(_ name: [UInt8], _ value: [UInt8]?, on file: Int32) throws(Errno) {
        guard isSynced(name), !name.contains(0) else { return }
        guard let value else {
            let result = withName(name) { linux_removexattr_path(file, $0) }
            if result != -linux_ENODATA, result != -linux_EOPNOTSUPP { try Errno.check(result) }
            return
        }
        let result = withName(name) { name in
            value.withUnsafeBytes { linux_setxattr_path(file, name, $0.baseAddress, $0.count, 0) }
        }
        // A file system without attributes keeps none: the index holds the agreed ones (rule 4).
        if result != -linux_EOPNOTSUPP { try Errno.check(result) }
    }
}
