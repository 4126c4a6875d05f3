import SyncCore
import SyncModel

extension FuzzTargets {
    /// Two paths and a device's name, each a piece.
    static let paths = FuzzTarget("paths") {
        let texts = [
            ("a", "a/b", "laptop"), ("docs/report.txt", "docs", "nas"), (".lanyard", "../x", "."),
            ("photo (conflict laptop 1a2b3c4d).jpg", "photo.jpg", "laptop"), ("a//b", "/a", " . "),
            ("\u{e9}/\u{1f600}.tar.gz", "x/.hidden.", "a/b:c\u{202e}"),
        ]
        let long = [UInt8](repeating: 0x61, count: Limits.nameBytes)
        let deep = (0..<15).flatMap { _ in long + [0x2f] } + long
        return texts.map { Pieces.piece(Array($0.0.utf8)) + Pieces.piece(Array($0.1.utf8)) + Array($0.2.utf8) }
            + [Pieces.piece(deep) + Pieces.piece(long) + Array("laptop".utf8)]
    } check: { input in
        var pieces = Pieces(input)
        let (first, second) = (pieces.piece(), pieces.piece())
        let name = String(decoding: pieces.remainder(), as: UTF8.self)
        if let keyed = try? RelativePath(sortKey: first) { try hold(keyed.sortKey == first, "a sort key is another's") }
        guard let path = try? RelativePath(first) else { return }
        try hold(path.bytes == first && safe(path), "a path is let through that is not safe")
        try hold(try RelativePath(sortKey: path.sortKey) == path, "a path is another by its sort key")
        try checkConflictName(of: path, deviceName: name)
        guard let other = try? RelativePath(second) else { return }
        try hold(
            (path < other) == path.sortKey.lexicographicallyPrecedes(other.sortKey), "two orders of paths differ")
        try hold(!(path < other && other < path) && (path < other || other < path || path == other), "no order")
        if let moved = (try? path.rebased(from: other, to: try RelativePath("x/y"))) ?? nil {
            try hold(path == other || path.isBelow(other), "a path is moved with one that it is not below")
            try hold(try moved.rebased(from: try RelativePath("x/y"), to: other) == path, "a way back leads elsewhere")
        }
        if let below = try? path.appending(second) {
            try hold(below.isBelow(path) && path < below && safe(below), "an appended path is not below")
        }
    }

    /// Nothing that resolves to outside of the folder.
    private static func safe(_ path: RelativePath) -> Bool {
        path.bytes.count <= Limits.pathBytes && !path.bytes.contains(0) && path.bytes.first != 0x2f
            && path.components.count == path.depth && path.depth <= Limits.pathComponents
            && path.components.allSatisfy { $0 != [0x2e] && $0 != [0x2e, 0x2e] && $0.count <= Limits.nameBytes }
            && path.components.first.map(Array.init) != RelativePath.reservedName
    }

    private static func checkConflictName(of path: RelativePath, deviceName: String) throws {
        let device = ConflictName.sanitized(deviceName)
        try hold((1...Limits.deviceNameBytes).contains(device.count), "a device is called by \(device.count) bytes")
        try hold(!device.contains(0x2f), "a device's name leads into a directory")
        let copy = ConflictName.path(of: path, deviceName: deviceName, digest: .zero)
        try hold(copy != path && safe(copy), "a conflict copy has no place of its own")
        let again = ConflictName.path(of: copy, deviceName: deviceName, digest: .zero)
        try hold(again != copy && safe(again), "a copy's copy has no place of its own")
        try hold(again.bytes.count <= copy.bytes.count + 8, "names of copies grow")
    }
}
