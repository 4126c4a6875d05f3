internal import CLinux
internal import Glibc
internal import LanHosts

extension DiskImage {
    static func kind(of path: String) throws(LanError) -> mode_t {
        var found = stat()
        guard lstat(path, &found) == 0 else { throw LanError(path, errno) }
        return found.st_mode & S_IFMT
    }

    static func names(in directory: String) throws(LanError) -> [String] {
        guard let handle = opendir(directory) else { throw LanError(directory, errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let found = readdir(handle) {
            let name = withUnsafeBytes(of: &found.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func content(of path: String) throws(LanError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw LanError(path, errno) }
        defer { close(file) }
        var found = stat()
        guard fstat(file, &found) == 0 else { throw LanError(path, errno) }
        let size = Int(found.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(file, buffer.baseAddress.map { $0 + count }, size - count)
                if got <= 0 { break }
                count += got
            }
        }
        guard bytes.count == size else { throw LanError("\(path) is shorter than its size") }
        return bytes
    }

    static func target(of path: String) throws(LanError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &buffer, buffer.count)
        guard length >= 0 else { throw LanError(path, errno) }
        return buffer[..<length].map { UInt8(bitPattern: $0) }
    }

    /// Of a file or directory; none of what can't be opened.
    static func attributes(of path: String) -> [String: [UInt8]] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        var list = [CChar](repeating: 0, count: 65_536)
        let length = Int(linux_flistxattr(file, &list, list.count))
        guard length > 0 else { return [:] }
        var attributes: [String: [UInt8]] = [:]
        for name in list[..<length].split(separator: 0) {
            let name = String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            var value = [UInt8](repeating: 0, count: 65_536)
            let size = Int(linux_fgetxattr(file, name, &value, value.count))
            if size >= 0 { attributes[name] = Array(value[..<size]) }
        }
        return attributes
    }

    static func setAttributes(of path: String, to wanted: [String: [UInt8]]) throws(LanError) {
        let there = attributes(of: path)
        if there == wanted { return }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw LanError(path, errno) }
        defer { close(file) }
        for name in there.keys where wanted[name] == nil { _ = linux_fremovexattr(file, name) }
        for (name, value) in wanted { _ = linux_fsetxattr(file, name, value, value.count, 0) }
        guard attributes(of: path) == wanted else { throw LanError("the attributes of \(path) can't be set") }
    }
}
