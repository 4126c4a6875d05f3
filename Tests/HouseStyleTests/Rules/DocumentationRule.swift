/// Public types and functions say what they promise.
///
/// Exempt: cases, initialisers and properties whose names and types say it, operators, and what a protocol of the
/// standard library asks for.
enum DocumentationRule {
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "actor", "func", "typealias"]
    /// Explained by the protocol that asks for them.
    private static let conformances: Set<String> = ["hash", "encode", "next", "makeIterator"]

    static func check(_ file: SourceFile) -> [Finding] {
        guard file.module != nil else { return [] }
        return file.code.indices.compactMap { index in
            let words = Words.split(file.code[index])
            guard words.first == "public", let place = words.firstIndex(where: { kinds.contains($0) }),
                place + 1 < words.count, !words[..<place].contains("var"), !words[..<place].contains("let"),
                !words[..<place].contains("import"), !words[..<place].contains("init")
            else { return nil }
            let name = words[place + 1]
            let isName =
                name.utf8.first.map { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") } ?? false
            guard isName, !conformances.contains(name), !isDocumented(index, in: file) else { return nil }
            return file.finding(index + 1, "the public \(words[place]) \(name) has no documentation")
        }
    }

    /// A comment stands above, attributes between. A line that shares its group's comment counts as documented.
    private static func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
        var line = index - 1
        while line >= 0 {
            let text = file.lines[line].drop { $0 == " " }
            if text.hasPrefix("///") || text.hasSuffix("*/") { return true }
            let isAttribute = text.hasPrefix("@")
            let sharesComment = text.hasPrefix("public ") && text.hasSuffix("}")
            guard isAttribute || sharesComment else { return false }
            line -= 1
        }
        return false
    }
}
