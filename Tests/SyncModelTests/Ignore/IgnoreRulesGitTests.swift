import SeededRandom
import SyncModel
import Testing

/// Our answers against those of the installed git: which line decides about which path.
@Suite struct IgnoreRulesGitTests {
    private func expectSameAnswers(_ file: String, _ git: borrowing GitCheckIgnore) throws {
        let rules = try IgnoreRules(Array(file.utf8))
        let expected = try git.answers(to: Array(file.utf8))
        var actual: [String: GitCheckIgnore.Answer] = [:]
        let entries = GitCheckIgnore.directories.map { ($0, true) } + GitCheckIgnore.files.map { ($0, false) }
        for (text, isDirectory) in entries {
            guard let match = try rules.match(RelativePath(text), isDirectory: isDirectory) else { continue }
            let pattern = String(decoding: match.pattern, as: UTF8.self)
            #expect(match.isIgnored == !pattern.hasPrefix("!"))
            actual[text] = GitCheckIgnore.Answer(line: match.line, pattern: pattern)
        }
        for path in Set(expected.keys).union(actual.keys) {
            #expect(actual[path] == expected[path], "\(path) by \(file.debugDescription)")
        }
    }

    @Test func handmadeFiles() throws {
        let git = try GitCheckIgnore()
        let files = [
            "*.c\n!c.c\n/a/*.c\n", "foo/\n!foo/bar/a\n", "/*\n!/foo\n/foo/*\n!/foo/bar\n", "**/a\n", "a/**\n",
            "a/**/a\n", "foo/**/baz/\n",
            "foo**/c.c\n", "x/foo**/a\n", "f*o\n", "*\n!*/\n!*.c\n", "\\!n\n\\#h\n#h\n", "x\\ \n", "x \n", "[a]\n",
            "\\[a\\]\n", "[[a]]\n",
            "a\\*b\n", "[!a]\n", "[^a-b]\n", "x/[]]\n", "x/[]^]\n", "x/[\\\\]\n", "x/\\\\\n", "[[:upper:]]\n",
            "[[:digit:]x]\n", "[[:bogus:]]\n",
            "[[:alpha:]\n", "[a\n", "\\\n", "a\\\n", "/\n", "//\n", "a//\n", "/a/\n", "!\n", "!/\n", "   \n",
            "\n\n\nb\r\n", "b", "b\r",
            "\u{feff}b\n", "?\n", "??\n", "a?b\n", "x/?\n", "*/a\n", "*/*/a\n", "**\n", "**/\n", "/**\n", "/**/\n",
            "***\n", "a/***/a\n",
            "**a\n", "a**\n", "foo/bar/\nfoo/*\n", "ä\n", "?\u{e4}\n", "[b-a]\n", "[a-\\c]\n", "[-a]\n", "[a-]\n",
            "[--0]\n", "x/[--0]*\n",
            "**/foo/**\n", "**\\/a\n", "a\\/b\n", "a[/]b\n", "*[!/]/a\n", "x/**/**/a\n", "a/*b/c/*\n", "[[:space:]]\n",
            "x[[:space:]]\n",
            "[[:]a]\n", "[[:x]\n", "[a-[:digit:]]\n", "[[:punct:]]\n", "x/[[:punct:]]\n", "foo/ba*r/a\n", "foo/*/baz\n",
        ]
        for file in files { try expectSameAnswers(file, git) }
    }

    @Test(arguments: 0..<8)
    func generatedFiles(seed: UInt64) throws {
        let git = try GitCheckIgnore()
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "a", "a", "b", "ab", "foo", "foo", "bar", "x", "c", ".c", ".", "*", "*", "**", "**", "?", "/", "/", "/",
            "/", "**/", "/**",
            "[ab]", "[!a]", "[a-c]", "[^x]", "[[:alpha:]]", "\\", "\\*", "[", "]", "!", "#", " ", "-", "***",
        ]
        for _ in 0..<40 {
            var file = ""
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                if Int.random(in: 0..<4, using: &generator) == 0 { file += "!" }
                for _ in 0..<Int.random(in: 1...5, using: &generator) {
                    file += pieces.randomElement(using: &generator) ?? ""
                }
                file += Int.random(in: 0..<4, using: &generator) == 0 ? "/\n" : "\n"
            }
            try expectSameAnswers(file, git)
        }
    }
}
