/// One file of the repository as the rules see it.
struct SourceFile {
    /// From the repository's top, `Sources/SyncModel/Stamp.swift`.
    let path: String
    let lines: [Substring]
    /// The text with comments and the contents of strings blanked: the same lines, the same columns.
    let code: [[UInt8]]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = CodeText.blanked(Array(text.utf8)).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).map { Array($0) }
    }

    /// The lines of the code as text.
    var codeLines: [String] { code.map { String(decoding: $0, as: UTF8.self) } }

    /// The number of lines as `wc` counts them.
    var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }

    /// The module of a file below `Sources`, otherwise nil.
    var module: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources", parts[1] != "System" else { return nil }
        return String(parts[1])
    }

    func finding(_ line: Int, _ what: String) -> Finding { Finding(path: path, line: line, what: what) }
}

/// A place that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    /// From 1.
    let line: Int
    let what: String

    var description: String { "\(path):\(line): \(what)" }
}
