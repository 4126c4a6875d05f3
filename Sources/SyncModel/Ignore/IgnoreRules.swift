/// The patterns of a folder's `.lanyardignore`, in gitignore's syntax and with its meaning (rule 16): comments,
/// escapes, negation, anchoring by a slash, directories only, `*`, `?`, `**`, classes; the last pattern that matches
/// decides; nothing below an ignored directory is considered again. There is one file, in the folder's root. Paths and
/// patterns are bytes.
///
/// Time to match one path is bounded by the path's length times the file's, for any patterns.
public struct IgnoreRules: Hashable, Sendable {
    /// The name of the file in the folder's root; it is itself synced.
    public static let fileName: [UInt8] = Array(".lanyardignore".utf8)

    /// No patterns: nothing is ignored.
    public static let none = IgnoreRules(patterns: [])

    /// Why a file of patterns is refused as a whole: with a part of its patterns, the wrong files would be synced.
    public enum Refusal: Error, Hashable, Sendable {
        /// More than `Limits.ignoreFileBytes`.
        case fileTooLong(bytes: Int)
        /// More than `Limits.ignorePatternBytes`.
        case patternTooLong(line: Int, bytes: Int)
        /// More than `Limits.ignorePatterns`.
        case tooManyPatterns
    }

    /// The pattern that decided about a path.
    public struct Match: Hashable, Sendable {
        /// False if the pattern is negated: it takes the path back from an earlier pattern.
        public let isIgnored: Bool
        /// In the file, from 1.
        public let line: Int
        /// As in the file, without trailing blanks.
        public let pattern: [UInt8]

        init(_ pattern: IgnorePattern) {
            (isIgnored, line, self.pattern) = (!pattern.isNegated, pattern.line, pattern.text)
        }
    }

    private let patterns: [IgnorePattern]

    private init(patterns: [IgnorePattern]) { self.patterns = patterns }

    /// Reads the bytes of an ignore file; a byte order mark and carriage returns at line ends are passed over.
    public init(_ file: some Collection<UInt8>) throws(Refusal) {
        guard file.count <= Limits.ignoreFileBytes else { throw .fileTooLong(bytes: file.count) }
        var bytes = Array(file)[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        var patterns: [IgnorePattern] = []
        let lineEnd = UInt8(ascii: "\n")
        for (index, content) in bytes.split(separator: lineEnd, omittingEmptySubsequences: false).enumerated() {
            let content = content.last == UInt8(ascii: "\r") ? content.dropLast() : content
            guard let pattern = IgnorePattern(content, line: index + 1) else { continue }
            guard pattern.text.count <= Limits.ignorePatternBytes else {
                throw .patternTooLong(line: index + 1, bytes: pattern.text.count)
            }
            guard patterns.count < Limits.ignorePatterns else { throw .tooManyPatterns }
            patterns.append(pattern)
        }
        self.patterns = patterns
    }

    /// Whether there is no pattern.
    public var isEmpty: Bool { patterns.isEmpty }

    /// The last pattern that matches this entry itself, for a walk that never descends into an ignored directory; nil
    /// if none does, and the entry is not ignored.
    public func matchInWalk(_ path: RelativePath, isDirectory: Bool) -> Match? {
        patterns.isEmpty ? nil : lastMatch(path.bytes[...], name: path.name, isDirectory: isDirectory)
    }

    /// The pattern that decides about `path` on its own or through a directory above it; nil if none matches.
    public func match(_ path: RelativePath, isDirectory: Bool) -> Match? {
        guard !patterns.isEmpty else { return nil }
        let bytes = path.bytes
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") } + [bytes.count]
        // For each directory from the root down, and for the path, the last pattern that matches.
        var last = [Int?](repeating: nil, count: ends.count)
        for (index, pattern) in patterns.enumerated() {
            pattern.forEachMatch(of: bytes, ends: ends, isDirectory: isDirectory) { last[$0] = index }
        }
        for (position, index) in last.enumerated() {
            guard let index else { continue }
            let isPath = position == ends.count - 1
            if isPath || !patterns[index].isNegated { return Match(patterns[index]) }
        }
        return nil
    }

    /// Whether `path` is left out of the sync.
    public func ignores(_ path: RelativePath, isDirectory: Bool) -> Bool {
        match(path, isDirectory: isDirectory)?.isIgnored ?? false
    }

    private func lastMatch(_ path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isDirectory: Bool) -> Match? {
        guard
            let pattern = patterns.last(where: { $0.matches(path: path, name: name, isDirectory: isDirectory) })
        else { return nil }
        return Match(pattern)
    }
}
