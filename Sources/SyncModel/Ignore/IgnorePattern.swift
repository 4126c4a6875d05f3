/// One line of an ignore file.
struct IgnorePattern: Hashable, Sendable {
    /// How the pattern is compared: most patterns of real files need no wildcard matcher.
    private enum Matcher: Hashable, Sendable {
        case nameEquals([UInt8])
        case nameEndsWith([UInt8])
        case name(Glob)
        /// The path from the root: literal bytes, then a glob for the rest, nil if there is no rest.
        case path(literal: [UInt8], Glob?)
    }

    /// As it stands in the file, without trailing blanks.
    let text: [UInt8]
    /// From 1.
    let line: Int
    let isNegated: Bool
    private let directoriesOnly: Bool
    private let matcher: Matcher

    /// Nil for blank lines and comments. `content` is the line without its end.
    init?(_ content: ArraySlice<UInt8>, line: Int) {
        guard content.first != UInt8(ascii: "#") else { return nil }
        // As in git, a NUL ends the line.
        let text = IgnorePattern.withoutTrailingBlanks(content.prefix { $0 != 0 })
        guard !text.isEmpty else { return nil }
        self.text = Array(text)
        self.line = line
        var body = text
        isNegated = body.first == UInt8(ascii: "!")
        if isNegated { body = body.dropFirst() }
        let slash = UInt8(ascii: "/")
        directoriesOnly = body.last == slash
        if directoriesOnly { body = body.dropLast() }
        if body.contains(slash) {
            if body.first == slash { body = body.dropFirst() }
            let literal = body.prefix { !IgnorePattern.isSpecial($0) }
            // What follows the literal part is a pattern of its own, as in git: `**` at its start counts as after a
            // slash.
            let rest = body[literal.endIndex...]
            matcher = .path(literal: Array(literal), rest.isEmpty ? nil : Glob(rest))
        } else if !body.contains(where: IgnorePattern.isSpecial) {
            matcher = .nameEquals(Array(body))
        } else if body.first == UInt8(ascii: "*"), !body.dropFirst().contains(where: IgnorePattern.isSpecial) {
            matcher = .nameEndsWith(Array(body.dropFirst()))
        } else {
            matcher = .name(Glob(body))
        }
    }

    /// Whether the pattern speaks of this entry, not regarding the directories above it.
    func matches(path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        if directoriesOnly && !isDirectory { return false }
        switch matcher {
        case .nameEquals(let bytes): return name.elementsEqual(bytes)
        case .nameEndsWith(let bytes): return name.count >= bytes.count && name.suffix(bytes.count).elementsEqual(bytes)
        case .name(let glob): return glob.matches(name)
        case .path(let literal, let glob):
            guard path.starts(with: literal) else { return false }
            let rest = path.dropFirst(literal.count)
            return glob?.matches(rest) ?? rest.isEmpty
        }
    }

    /// Hands over, in one pass, which of the directories above `path` the pattern speaks of, and whether of `path`.
    /// - Parameter ends: where the components end; their positions are handed over.
    func forEachMatch(of path: [UInt8], ends: [Int], isDirectory: Bool, _ body: (Int) -> Void) {
        let last = ends.count - 1
        func found(_ position: Int) {
            if !directoriesOnly || position < last || isDirectory { body(position) }
        }
        if case .path(let literal, let glob) = matcher {
            guard path.starts(with: literal), var position = ends.firstIndex(where: { $0 >= literal.count }) else {
                return
            }
            guard let glob else { return ends[position] == literal.count ? found(position) : () }
            glob.forEachMatch(in: path[literal.count...]) { end in
                while ends[position] < end { position += 1 }
                found(position)
            }
            return
        }
        var start = 0
        for (position, end) in ends.enumerated() {
            if matches(path: path[..<end], name: path[start..<end], isDirectory: true) { found(position) }
            start = end + 1
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
            || byte == UInt8(ascii: "\\")
    }

    /// Blanks at the end go, unless a backslash quotes them.
    private static func withoutTrailingBlanks(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = content.startIndex
        var index = content.startIndex
        while index < content.endIndex {
            if content[index] == UInt8(ascii: "\\") {
                // A backslash at the very end quotes nothing, and ends the search as it does in git.
                guard index + 1 < content.endIndex else { return content }
                index += 1
                end = index + 1
            } else if content[index] != UInt8(ascii: " ") {
                end = index + 1
            }
            index += 1
        }
        return content[..<end]
    }
}
