/// What holds of the repository as a whole.
enum TreeRules {
    static let top: Set<String> = ["Package.swift", "Sources", "Tests", "Config", "README.md", "LICENSE"]

    /// Names at the top that don't belong there; those with a dot in front are tools' business. SwiftPM writes
    /// `Package.resolved`, which `.gitignore` names.
    static func strangers(_ names: [String]) -> [String] {
        names.filter { !top.contains($0) && !$0.hasPrefix(".") && $0 != "Package.resolved" }.sorted()
    }

    /// Lines of tests for a line of source: what the house wants, and what holds today and may not be lost.
    static let wantedTestRatio = 0.8
    static let leastTestRatio = 0.4

    static func testRatio(_ files: [SourceFile]) -> Double {
        func lines(_ top: String) -> Int {
            files.filter { $0.path.hasPrefix("\(top)/") }.reduce(0) { $0 + $1.lineCount }
        }
        return Double(lines("Tests")) / Double(max(1, lines("Sources")))
    }

    /// Relative links of a Markdown text, `](Sources/…)`, and pages that it names, `<doc:Page>`, as `Page.md`.
    static func links(_ text: String) -> [String] {
        func targets(after opening: String, until end: Character) -> [String] {
            var found: [String] = []
            var rest = text[...]
            while let start = rest.firstRange(of: opening) {
                rest = rest[start.upperBound...]
                if let close = rest.firstIndex(of: end) { found.append(String(rest[..<close])) }
            }
            return found
        }
        let paths = targets(after: "](", until: ")").filter { !$0.contains("://") && !$0.hasPrefix("#") }
        return paths + targets(after: "<doc:", until: ">").map { "\($0).md" }
    }
}
