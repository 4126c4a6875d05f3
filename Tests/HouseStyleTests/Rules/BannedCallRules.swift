/// Calls and words that the house does without.
enum BannedCallRules {
    static func check(_ file: SourceFile) -> [Finding] {
        file.code.enumerated().flatMap { index, line -> [Finding] in
            let words = Words.split(line)
            return (everywhere(words, line) + sources(words, file)).map { file.finding(index + 1, $0) }
        } + promises(file)
    }

    private static func everywhere(_ words: [String], _ line: [UInt8]) -> [String] {
        var found: [String] = []
        let text = String(decoding: line, as: UTF8.self)
        if text.contains("try!") { found.append("try! ends the process") }
        if text.contains(" as!") { found.append("as! ends the process") }
        if words.contains("fatalError") { found.append("fatalError: throw, or state a precondition") }
        if unwraps(line) { found.append("a forced unwrap ends the process") }
        return found
    }

    private static func sources(_ words: [String], _ file: SourceFile) -> [String] {
        guard let module = file.module else { return [] }
        var found: [String] = []
        if module != "lanyard", adjoin(words, "print", "("), !words.contains("func") {
            found.append("print( belongs in the executable")
        }
        if module != "AgentRuntime",
            adjoin(words, "Task", "{") || adjoin(words, "Task", "(") || adjoin(words, "Task", "."),
            !isTaskLocal(words)
        {
            found.append("tasks are made in AgentRuntime alone")
        }
        guard LayerRule.pure.contains(module) else { return found }
        if words.contains("async") || words.contains("await") { found.append("a pure module decides at once") }
        if words.contains("Foundation") { found.append("a pure module does without Foundation") }
        return found
    }

    /// `Task.sleep`, `Task.isCancelled` and the like make no task.
    private static func isTaskLocal(_ words: [String]) -> Bool {
        let places = words.indices.filter { words[$0] == "Task" }
        return places.allSatisfy { place in
            place + 2 < words.count && words[place + 1] == "." && words[place + 2] != "detached"
        }
    }

    private static func promises(_ file: SourceFile) -> [Finding] {
        file.lines.enumerated().filter { line in
            ["TO" + "DO", "FIX" + "ME"].contains { line.element.contains($0) }
        }.map { file.finding($0.offset + 1, "an open promise: do it or leave it") }
    }

    private static func adjoin(_ words: [String], _ first: String, _ second: String) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == first && $1 == second }
    }

    /// An exclamation mark right after a value, and not the beginning of `!=`.
    private static func unwraps(_ line: [UInt8]) -> Bool {
        let closers = Set(")]?_".utf8)
        for (index, byte) in line.enumerated() where byte == UInt8(ascii: "!") && index > 0 {
            let before = line[index - 1]
            let isLetter = (before | 0x20) >= UInt8(ascii: "a") && (before | 0x20) <= UInt8(ascii: "z")
            let isDigit = before >= UInt8(ascii: "0") && before <= UInt8(ascii: "9")
            let isComparison = index + 1 < line.count && line[index + 1] == UInt8(ascii: "=")
            let word = Words.split(Array(line[..<index])).last
            if isLetter || isDigit || closers.contains(before), !isComparison, word != "try", word != "as" {
                return true
            }
        }
        return false
    }
}
