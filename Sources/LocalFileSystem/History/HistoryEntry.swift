public import SyncModel

/// A content that was replaced or deleted, in `.lanyard/history`.
///
/// It lies at `<yyyy-mm-dd>/<path>~<seconds>-<unique>`; where the name would grow longer than a name may, at
/// `<yyyy-mm-dd>/<path>/~<seconds>-<unique>`. A day has further directories `<yyyy-mm-dd>.<n>` for paths that can't
/// stand beside what the first holds.
public struct HistoryEntry: Hashable, Sendable {
    /// The day directory's name and the way in it.
    public let directory: [UInt8]
    public let way: [UInt8]
    /// Where it stood in the folder.
    public let path: RelativePath
    /// When it came here, in seconds since 1970.
    public let seconds: Int64
    /// Its stat here. Of an entry just moved here, the stat right after.
    public let state: DiskState

    public init(directory: [UInt8], way: [UInt8], path: RelativePath, seconds: Int64, state: DiskState) {
        self.directory = directory
        self.way = way
        self.path = path
        self.seconds = seconds
        self.state = state
    }

    /// Where its directory is in the day's directory, nil for the day's directory itself, and its name there.
    var place: (parent: ArraySlice<UInt8>?, name: ArraySlice<UInt8>) {
        guard let slash = way.lastIndex(of: UInt8(ascii: "/")) else { return (nil, way[...]) }
        return (way[..<slash], way[(slash + 1)...])
    }
}

/// The suffix of an entry's name.
package struct HistorySuffix: Hashable {
    package let seconds: Int64
    package let unique: UInt64

    /// No suffix is longer: a tilde, twenty digits, a hyphen, sixteen hexadecimal digits.
    static let bytesGreatest = 38

    init(seconds: Int64, unique: UInt64) { (self.seconds, self.unique) = (seconds, unique) }

    package var bytes: [UInt8] { Array("~\(seconds)-\(String(unique, radix: 16))".utf8) }

    /// Splits an entry's name into the path's last component (empty in the form for long names) and its suffix; nil
    /// unless the suffix is written as `bytes` writes it.
    package static func split(_ name: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, suffix: HistorySuffix)? {
        guard let tilde = name.lastIndex(of: UInt8(ascii: "~")) else { return nil }
        let text = String(decoding: name[(tilde + 1)...], as: UTF8.self)
        guard let hyphen = text.lastIndex(of: "-"), let seconds = Int64(text[..<hyphen]),
            let unique = UInt64(text[text.index(after: hyphen)...], radix: 16)
        else { return nil }
        let suffix = HistorySuffix(seconds: seconds, unique: unique)
        return name[tilde...].elementsEqual(suffix.bytes) ? (name[..<tilde], suffix) : nil
    }
}
