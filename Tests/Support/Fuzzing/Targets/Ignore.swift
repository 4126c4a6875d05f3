import SyncModel

extension FuzzTargets {
    /// A path as a piece, then the bytes of an ignore file.
    static let ignore = FuzzTarget("ignore", heapBytes: { 1_024 * $0 + 1 << 20 }) {
        let files = [
            "*.o\n!keep.o\nbuild/\n", "/a/**/b\n**/c\nd/**\n", "[!a-z]*[[:digit:]]?\n\\#x\\ \n", "a\\", "[",
            "[[:nope:]]",
            "*a*a*a*a*a*a*b\n", "**/*a*a*a/**/b\n", "#\n\u{feff}x \n", "a\r\n!/b\r\n", "/*\n!/foo\n/foo/*\n!/foo/bar\n",
        ]
        let paths = ["a/x/b", "build/keep.o", "foo/bar/c.o", "aaaaaaaaaaaaaaaaaaaa/aaaaaaaa"]
        return paths.flatMap { path in files.map { Pieces.piece(Array(path.utf8)) + Array($0.utf8) } }
    } check: { input in
        var pieces = Pieces(input)
        let bytes = pieces.piece()
        guard let rules = try? IgnoreRules(pieces.remainder()), let path = try? RelativePath(bytes) else { return }
        // A walk looks at each directory by itself: that is compared where it costs little.
        guard path.depth * path.bytes.count * input.count < 1 << 20 else {
            _ = rules.match(path, isDirectory: true)
            return
        }
        for isDirectory in [false, true] {
            // A walk stops at the first ignored directory: both say the same.
            var directories: [RelativePath] = []
            var above = path.parent
            while let directory = above {
                directories.append(directory)
                above = directory.parent
            }
            let stopped = directories.reversed().lazy.compactMap { rules.matchInWalk($0, isDirectory: true) }
                .first { $0.isIgnored }
            let found = rules.match(path, isDirectory: isDirectory)
            try hold(
                found == stopped ?? rules.matchInWalk(path, isDirectory: isDirectory),
                "a walk decides about a path in another way")
            try hold(rules.ignores(path, isDirectory: isDirectory) == found?.isIgnored ?? false, "two answers")
            if let found {
                try hold(found.pattern.count <= Limits.ignorePatternBytes && found.line > 0, "a pattern out of bounds")
            }
        }
    }
}
