import Glibc

extension Programs {
    /// The path of an executable that was built beside the running tests.
    public static func built(_ name: String) throws(LanError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = "/" + (own.split(separator: "/").dropLast().map { String($0) } + [name]).joined(separator: "/")
        guard access(path, X_OK) == 0 else { throw LanError("\(path) was not built") }
        return path
    }
}
