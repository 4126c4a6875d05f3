import ControlAPI
import Glibc

/// Paths as the agent sees them: absolute, with links resolved, whatever the directory that a command is run in.
enum AbsolutePath {
    /// With every link resolved: for folders and homes. What doesn't exist yet is appended to what does.
    static func resolving(_ path: LocalPath) throws(ControlError) -> LocalPath {
        guard !path.bytes.isEmpty else { throw ControlError(.malformed, "a path can't be empty") }
        var existing = try joined(path)
        var missing: [ArraySlice<UInt8>] = []
        while true {
            if let resolved = realPath(existing) { return LocalPath(bytes: append(missing, to: resolved)) }
            let end = existing.lastIndex(of: slash) ?? 0
            let name = existing[(end + 1)...]
            if !name.isEmpty, !name.elementsEqual([dot]) { missing.insert(name, at: 0) }
            existing = Array(existing[..<end])
            if existing.isEmpty { existing = [slash] }
        }
    }

    /// With the links above it resolved, but not the path itself: for entries of a folder, which may be links.
    static func entry(_ path: LocalPath) throws(ControlError) -> LocalPath {
        var bytes = path.bytes
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        let name = bytes.lastIndex(of: slash).map { bytes[($0 + 1)...] } ?? bytes[...]
        if name.isEmpty || name.elementsEqual([dot]) || name.elementsEqual([dot, dot]) { return try resolving(path) }
        let above = bytes.dropLast(name.count)
        let parent = try resolving(LocalPath(bytes: above.isEmpty ? [dot] : Array(above)))
        return LocalPath(bytes: append([name], to: parent.bytes))
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private static func joined(_ path: LocalPath) throws(ControlError) -> [UInt8] {
        if path.bytes.first == slash { return path.bytes }
        guard let current = getcwd(nil, 0) else {
            throw ControlError(.failed, "the current directory has gone; give an absolute path")
        }
        defer { free(current) }
        return cBytes(current) + [slash] + path.bytes
    }

    private static func realPath(_ path: [UInt8]) -> [UInt8]? {
        let terminated = path.map { CChar(bitPattern: $0) } + [0]
        guard let resolved = realpath(terminated, nil) else { return nil }
        defer { free(resolved) }
        return cBytes(resolved)
    }

    /// `..` of what doesn't exist is taken by its words alone.
    private static func append(_ names: [ArraySlice<UInt8>], to path: [UInt8]) -> [UInt8] {
        var result = path == [slash] ? [] : path
        for name in names {
            if name.elementsEqual([dot, dot]) {
                result = Array(result[..<(result.lastIndex(of: slash) ?? 0)])
            } else {
                result += [slash] + name
            }
        }
        return result.isEmpty ? [slash] : result
    }
}
