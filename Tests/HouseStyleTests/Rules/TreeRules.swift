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
    static let leastTestRatio = 0.35

    static func testRatio(_ files: [SourceFile]) -> Double {
        func lines(_ top: String) -> Int {
            files.filter { $0.path.hasPrefix("\(top)/") }.reduce(0) { $0 + $1.lineCount }
        }
        return Double(lines("Tests")) / Double(max(1, lines("Sources")))
    }
}
