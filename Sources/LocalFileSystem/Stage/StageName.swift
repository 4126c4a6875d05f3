package import SyncModel

/// The names in `.lanyard/stage`.
package enum StageName: Hashable {
    /// A whole and verified content: 64 hexadecimal digits, a dot, the size in bytes.
    case whole(FileContent)
    /// One that is being put together.
    case partial(FileContent)
    /// An entry on its way to or from a path (see `SwapName`).
    case swap(SwapName)

    private static let partialSuffix = ".partial"

    package var bytes: [UInt8] {
        switch self {
        case .whole(let content): Array("\(content.hash).\(content.size)".utf8)
        case .partial(let content): Array("\(content.hash).\(content.size)\(StageName.partialSuffix)".utf8)
        case .swap(let name): name.bytes
        }
    }

    /// Nil for a name that is none of ours. Each thing has one name: it would be listed by one and sought by another.
    package init?(_ bytes: [UInt8]) {
        if let swap = SwapName(bytes) {
            self = .swap(swap)
            return
        }
        var text = String(decoding: bytes, as: UTF8.self)
        let isPartial = text.hasSuffix(StageName.partialSuffix)
        if isPartial { text.removeLast(StageName.partialSuffix.utf8.count) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let digest = Hexadecimal.decode(parts[0]).flatMap({ Bytes32($0) }),
            let size = UInt64(parts[1])
        else { return nil }
        let content = FileContent(size: size, hash: ContentHash(digest))
        self = isPartial ? .partial(content) : .whole(content)
        guard self.bytes == bytes else { return nil }
    }
}

/// The name of an entry of the stage that a step is about to swap with what stands at a path, or that it has taken from
/// there: enough to tell after a crash which of the two it is, and of which path.
package struct SwapName: Hashable {
    /// The inode of the entry that we made, 0 when the step only takes away. Any other inode under this name came from
    /// the path.
    package let made: UInt64
    /// The first eight bytes of the SHA-256 of the path.
    package let path: UInt64
    /// Different for every step, and across restarts.
    package let unique: UInt64

    private static let prefix = "swap"

    init(made: UInt64, path: UInt64, unique: UInt64) { (self.made, self.path, self.unique) = (made, path, unique) }

    package var bytes: [UInt8] {
        let parts = [made, path, unique].map { String($0, radix: 16) }
        return Array("\(SwapName.prefix).\(parts[0]).\(parts[1]).\(parts[2])".utf8)
    }

    package init?(_ bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == SwapName.prefix, let made = UInt64(parts[1], radix: 16),
            let path = UInt64(parts[2], radix: 16), let unique = UInt64(parts[3], radix: 16)
        else { return nil }
        self.init(made: made, path: path, unique: unique)
        guard self.bytes == bytes else { return nil }
    }
}

/// The name of an entry of the stage that is being made: worth nothing after a restart.
struct NewName: Hashable {
    let unique: UInt64

    private static let prefix = "new."

    init(unique: UInt64) { self.unique = unique }

    var bytes: [UInt8] { Array("\(NewName.prefix)\(String(unique, radix: 16))".utf8) }

    static func matches(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array(prefix.utf8)) }
}
