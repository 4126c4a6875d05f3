public import SyncModel

/// The path of a conflict copy (rule 5): `name (conflict DEVICE 1a2b3c4d).ext`.
///
/// A pure function of the loser's path, the frozen device name and the digest of the loser's content, so every device
/// makes the same copy, once. It always gives a valid path, and never the path it was given. A copy that conflicts
/// itself has its mark replaced, so names grow by nothing but the digits in it.
public enum ConflictName {
    /// Where the copy of `record` goes, or nil for directories and tombstones, which have no copies. `deviceName` is
    /// that of the membership record of the content's origin; `hashing` gives the digest of a symlink's target.
    public static func path(
        of record: FileRecord, deviceName: String, hashing: ([UInt8]) -> Bytes32
    ) -> RelativePath? {
        switch record.content {
        case .file(let file): path(of: record.path, deviceName: deviceName, digest: file.hash.raw)
        case .symlink(let target): path(of: record.path, deviceName: deviceName, digest: hashing(target))
        case .directory, .deleted: nil
        }
    }

    /// Where the copy of what lost at `path` goes. The mark holds eight hexadecimal digits of `digest`, and eight more
    /// than that of `path` where it is the copy of a copy with the same content and device, up to forty.
    public static func path(of path: RelativePath, deviceName: String, digest: Bytes32) -> RelativePath {
        let device = sanitized(deviceName)
        let digits = Array(Hexadecimal.encode(digest.bytes).utf8)
        func candidate(_ count: Int) -> RelativePath { copy(of: path, mark: mark(device, digits.prefix(count))) }
        for count in Self.digits.dropLast() where candidate(count) == path { return candidate(count + Self.digits[0]) }
        return candidate(Self.digits[0])
    }

    /// The device name as it appears in a mark: characters that some file system refuses, that hide or turn text
    /// around, or that delimit the mark become `-`; leading dots and outer blanks go; at most `Limits.deviceNameBytes`
    /// bytes.
    public static func sanitized(_ deviceName: String) -> [UInt8] {
        var text = String.UnicodeScalarView()
        for scalar in deviceName.unicodeScalars {
            text.append(isPlain(scalar) ? scalar : "-")
        }
        var bytes = Array(String(text).utf8)[...]
        bytes = bytes.drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ") }
        bytes = UTF8Cut.prefix(bytes, bytes: Limits.deviceNameBytes)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return bytes.isEmpty ? Array("device".utf8) : Array(bytes)
    }

    /// Fixed ranges, not Unicode's tables: those grow, and two versions of the agent must agree on a name.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1f, 0x7f...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: false
        default: !"/\\:*?\"<>|()".unicodeScalars.contains(scalar)
        }
    }

    /// How many digits a mark may have.
    private static let digits = [8, 16, 24, 32, 40]
    private static let opening = Array(" (conflict ".utf8)
    /// What is longer after the last dot is no extension, and would leave no room for the name.
    private static let extensionBytes = 32
    /// Room in a directory below which the copy goes to the directory above; holds the longest mark and extension.
    private static let leastRoom = 160

    private static func mark(_ device: [UInt8], _ digits: ArraySlice<UInt8>) -> [UInt8] {
        opening + device + [UInt8(ascii: " ")] + digits + [UInt8(ascii: ")")]
    }

    private static func copy(of path: RelativePath, mark: [UInt8]) -> RelativePath {
        let (stem, suffix) = withoutMark(path.name) ?? split(path.name)
        var directory = path.parent
        while let above = directory, room(in: above) < leastRoom { directory = above.parent }
        let room = min(Limits.nameBytes, directory.map(room(in:)) ?? Limits.pathBytes)
        let name = UTF8Cut.prefix(stem, bytes: room - mark.count - suffix.count) + mark + suffix
        let placed = directory.map { try? $0.appending(name) } ?? (try? RelativePath(name))
        guard let placed else { preconditionFailure("a conflict copy's name is always valid") }
        return placed
    }

    private static func room(in directory: RelativePath) -> Int { Limits.pathBytes - directory.bytes.count - 1 }

    /// The name and its extension with the dot; dotfiles and names that end in a dot have none.
    private static func split(_ name: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, suffix: ArraySlice<UInt8>) {
        let dot = UInt8(ascii: ".")
        guard let last = name.lastIndex(of: dot), name[..<last].contains(where: { $0 != dot }) else {
            return (name, name[name.endIndex...])
        }
        let suffix = name[last...]
        guard isExtension(suffix) else { return (name, name[name.endIndex...]) }
        return (name[..<last], suffix)
    }

    /// The parts around a mark that this type made, or nil if `name` holds none.
    private static func withoutMark(
        _ name: ArraySlice<UInt8>
    ) -> (stem: ArraySlice<UInt8>, suffix: ArraySlice<UInt8>)? {
        guard let start = lastIndex(of: opening, in: name), start > name.startIndex else { return nil }
        let body = name[(start + opening.count)...]
        guard let close = body.firstIndex(of: UInt8(ascii: ")")) else { return nil }
        let suffix = name[(close + 1)...]
        let fields = body[..<close]
        guard let blank = fields.lastIndex(of: UInt8(ascii: " ")), blank > fields.startIndex else { return nil }
        let digits = fields[(blank + 1)...]
        guard Self.digits.contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        guard suffix.isEmpty || isExtension(suffix) else { return nil }
        return (name[..<start], suffix)
    }

    /// A dot, then no blank, bracket or further dot: `Mr. Smith` has no extension.
    private static func isExtension(_ suffix: ArraySlice<UInt8>) -> Bool {
        (2...extensionBytes + 1).contains(suffix.count) && suffix.first == UInt8(ascii: ".")
            && !suffix.dropFirst().contains { ". ()".utf8.contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func lastIndex(of part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= part.count else { return nil }
        for start in stride(from: bytes.endIndex - part.count, through: bytes.startIndex, by: -1)
        where bytes[start..<(start + part.count)].elementsEqual(part) {
            return start
        }
        return nil
    }
}
