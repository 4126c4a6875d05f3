/// How long a file, a function and a line may be.
enum LengthRules {
    static let fileLines = 500
    static let functionLines = 70
    static let columns = 120

    static func files(_ file: SourceFile) -> [Finding] {
        guard file.lineCount > fileLines else { return [] }
        return [file.finding(file.lineCount, "the file has \(file.lineCount) lines, \(fileLines) are allowed")]
    }

    static func lines(_ file: SourceFile) -> [Finding] {
        file.lines.enumerated().filter { $0.element.count > columns }.map {
            file.finding($0.offset + 1, "\($0.element.count) columns, \(columns) are allowed")
        }
    }

    static func functions(_ file: SourceFile) -> [Finding] {
        let code = file.code
        return code.indices.compactMap { start in
            guard declaresFunction(code[start]), let end = end(of: start, in: code) else { return nil }
            let count = end - start + 1
            guard count > functionLines else { return nil }
            return file.finding(start + 1, "the function has \(count) lines, \(functionLines) are allowed")
        }
    }

    private static func declaresFunction(_ line: [UInt8]) -> Bool {
        let words = Words.split(line)
        guard let keyword = words.firstIndex(where: { ["func", "init", "deinit", "subscript"].contains($0) }) else {
            return false
        }
        // `self.init(` and `.init(` are calls.
        return words[..<keyword].allSatisfy { $0 != "." && $0 != "self" && $0 != "=" && $0 != "return" }
    }

    /// The line of the closing brace; nil if the declaration has no body.
    private static func end(of start: Int, in code: [[UInt8]]) -> Int? {
        var (parentheses, braces) = (0, 0)
        for line in start..<code.count {
            if line > start, braces == 0, parentheses == 0, declaresFunction(code[line]) { return nil }
            for byte in code[line] {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
                case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
                case UInt8(ascii: "}") where braces > 0:
                    braces -= 1
                    if braces == 0 { return line }
                case UInt8(ascii: "}") where parentheses == 0: return nil
                default: continue
                }
            }
        }
        return nil
    }
}
