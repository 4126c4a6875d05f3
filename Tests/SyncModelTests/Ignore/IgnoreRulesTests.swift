import SeededRandom
import SyncModel
import Testing

@Suite struct IgnoreRulesTests {
    private func rules(_ text: String) throws -> IgnoreRules { try IgnoreRules(Array(text.utf8)) }

    @Test(arguments: [
        ("*.o", "d/a.o", false, true), ("*.o", "d/a.c", false, false), ("/a", "d/a", false, false),
        ("/a", "a", false, true),
        ("d/", "d", true, true), ("d/", "d", false, false), ("d/", "x/d/f", false, true),
        ("d/f", "x/d/f", false, false),
        ("a\n!a", "a", false, false), ("!a\na", "a", false, true), ("d\n!d/f", "d/f", false, true),
        ("**/f", "f", false, true), ("a/**/f", "a/f", false, true), ("a/**/f", "a/b/c/f", false, true),
    ])
    func decisions(file: String, path: String, isDirectory: Bool, isIgnored: Bool) throws {
        #expect(try rules(file).ignores(RelativePath(path), isDirectory: isDirectory) == isIgnored)
    }

    @Test func theAnswerNamesTheLine() throws {
        let rules = try rules("# first\n\n*.o  \n!keep.o\nbuild/\n")
        #expect(try rules.match(RelativePath("x.o"), isDirectory: false) == match(true, 3, "*.o", rules))
        let kept = try rules.match(RelativePath("keep.o"), isDirectory: false)
        #expect(kept?.isIgnored == false && kept?.line == 4)
        let below = try rules.match(RelativePath("build/keep.o"), isDirectory: false)
        #expect(below?.isIgnored == true && below?.line == 5 && below?.pattern == Array("build/".utf8))
        #expect(try rules.match(RelativePath("c"), isDirectory: false) == nil)
    }

    private func match(_ isIgnored: Bool, _ line: Int, _ text: String, _ rules: IgnoreRules) -> IgnoreRules.Match? {
        guard let path = try? RelativePath("x.o") else { return nil }
        let match = rules.matchInWalk(path, isDirectory: false)
        #expect(match?.isIgnored == isIgnored && match?.line == line && match?.pattern == Array(text.utf8))
        return match
    }

    @Test func aWalkLooksAtTheEntryAlone() throws {
        let rules = try rules("build/")
        #expect(try rules.matchInWalk(RelativePath("build/f"), isDirectory: false) == nil)
        #expect(try rules.matchInWalk(RelativePath("build"), isDirectory: true)?.isIgnored == true)
    }

    @Test func bytesThatAreNoTextMatch() throws {
        let rules = try IgnoreRules([0xff, UInt8(ascii: "*")])
        #expect(try rules.ignores(RelativePath([0xff, 0xfe]), isDirectory: false))
        #expect(try !rules.ignores(RelativePath([0xfe]), isDirectory: false))
    }

    @Test func emptyFilesIgnoreNothing() throws {
        #expect(try rules("").isEmpty && rules("# only\n\n").isEmpty && IgnoreRules.none.isEmpty)
    }

    @Test func oversizedFilesAreRefused() throws {
        let long = [UInt8](repeating: 0x61, count: Limits.ignorePatternBytes + 1)
        #expect(throws: IgnoreRules.Refusal.patternTooLong(line: 2, bytes: long.count)) {
            try IgnoreRules([0x0a] + long)
        }
        let many = Array(String(repeating: "a\n", count: Limits.ignorePatterns + 1).utf8)
        #expect(throws: IgnoreRules.Refusal.tooManyPatterns) { try IgnoreRules(many) }
        let file = [UInt8](repeating: 0x0a, count: Limits.ignoreFileBytes + 1)
        #expect(throws: IgnoreRules.Refusal.fileTooLong(bytes: file.count)) { try IgnoreRules(file) }
        #expect(try IgnoreRules(long.dropLast()).isEmpty == false)
        #expect(try IgnoreRules(many.dropLast(2)).isEmpty == false)
    }

    /// A backtracking matcher would not return from these within a lifetime.
    @Test(arguments: [
        "*a*a*a*a*a*a*a*a*a*a*a*a*b", "a/**/a/**/a/**/a/**/a/**/*a*a*a*a*a*a*b", "x/*?*?*?*?*?*?*?*?*?*?*?b",
    ])
    func pathologicalPatternsEnd(pattern: String) throws {
        let rules = try rules(String(repeating: pattern + "\n", count: 20))
        let component = String(repeating: "a", count: 250)
        let path = try RelativePath(Array(repeating: component, count: 16).joined(separator: "/"))
        #expect(!rules.ignores(path, isDirectory: false))
    }

    /// Against a matcher so simple that it is plainly right, on short texts.
    @Test(arguments: 0..<10)
    func globsAgreeWithAReference(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var matched = 0
        for _ in 0..<500 {
            let pattern = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                Array("ab?*".utf8).randomElement(using: &generator) ?? 0
            }
            let name = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                Array("ab".utf8).randomElement(using: &generator) ?? 0
            }
            let expected = Self.reference(pattern[...], name[...])
            #expect(try IgnoreRules(pattern).ignores(RelativePath(name), isDirectory: false) == expected)
            if expected { matched += 1 }
        }
        #expect(matched > 20)
    }

    private static func reference(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let head = pattern.first else { return text.isEmpty }
        if head == UInt8(ascii: "*") {
            return reference(pattern.dropFirst(), text) || (!text.isEmpty && reference(pattern, text.dropFirst()))
        }
        guard let byte = text.first, head == UInt8(ascii: "?") || head == byte else { return false }
        return reference(pattern.dropFirst(), text.dropFirst())
    }

    /// One path of many directories took seconds with the largest file of the worst patterns: each directory was looked
    /// at from the root on, state by state.
    @Test(arguments: ["/**/" + String(repeating: "*a", count: 509), String(repeating: "**/a*/", count: 170)])
    func hostilePatternsAreBounded(pattern: String) throws {
        let lines = Limits.ignoreFileBytes / (pattern.utf8.count + 1)
        let rules = try rules(String(repeating: "\(pattern)\n", count: lines))
        let paths = [
            [String](repeating: "aaa", count: Limits.pathComponents),
            [String](repeating: String(repeating: "a", count: Limits.nameBytes - 1), count: 16),
        ]
        for path in paths {
            let path = try RelativePath(path.joined(separator: "/"))
            let began = ContinuousClock.now
            _ = rules.match(path, isDirectory: false)
            #expect(ContinuousClock.now - began < .seconds(1))
        }
    }
}
