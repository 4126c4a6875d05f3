/// A mutation of `Tests/Mutations` changes lines that are there: whoever moves or rewrites them takes it along.
enum MutationRule {
    /// The hunks of a patch whose lines the files don't have one after the other, each as "file: first line".
    static func strays(_ patch: String, in files: (String) -> String?) -> [String] {
        var strays: [String] = []
        var (file, hunk) = ("", [String]())
        func close() {
            defer { hunk = [] }
            guard !hunk.isEmpty else { return }
            let lines = files(file)?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
            let starts = lines.indices.filter { lines[$0] == hunk[0] }
            if !starts.contains(where: { lines[$0...].starts(with: hunk) }) { strays.append("\(file): \(hunk[0])") }
        }
        for line in patch.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("--- a/") {
                close()
                file = String(line.dropFirst(6))
            } else if line.hasPrefix("@@ ") {
                close()
            } else if !file.isEmpty, !line.hasPrefix("+++ "), line.hasPrefix(" ") || line.hasPrefix("-") {
                hunk.append(String(line.dropFirst()))
            } else if line.hasPrefix("diff ") {
                close()
                file = ""
            }
        }
        close()
        return strays
    }
}
