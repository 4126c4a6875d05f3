import Foundation

/// The repository that this test was built from.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Swift's files of `Sources` and `Tests`, read once.
    static let files: [SourceFile] = ["Sources", "Tests"].flatMap { files(below: $0) }

    static var topNames: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    }

    /// Markdown files by path: the README and the pages beside the code.
    static let pages: [(path: String, text: String)] = {
        let names =
            FileManager.default.enumerator(atPath: root.appendingPathComponent("Sources").path)?.allObjects ?? []
        let pages = names.compactMap { $0 as? String }.filter { $0.hasSuffix(".md") }.map { "Sources/\($0)" }
        return (["README.md"] + pages.sorted()).compactMap { path in
            text(at: path).map { (path, $0) }
        }
    }()

    /// The patches of `Tests/Mutations` by path.
    static let mutations: [(path: String, text: String)] = {
        let directory = "Tests/Mutations"
        let names = try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(directory).path)
        return (names ?? []).filter { $0.hasSuffix(".patch") }.sorted().compactMap { name in
            text(at: "\(directory)/\(name)").map { ("\(directory)/\(name)", $0) }
        }
    }()

    /// What the file at a path holds; nil where there is none.
    static func text(at path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Whether a link on the page at `path` leads to a file.
    static func leads(_ link: String, from path: String) -> Bool {
        let page = root.appendingPathComponent(path).deletingLastPathComponent()
        return FileManager.default.fileExists(atPath: page.appendingPathComponent(link).path)
    }

    private static func files(below top: String) -> [SourceFile] {
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(top).path)?.allObjects ?? []
        return names.compactMap { $0 as? String }.sorted().compactMap { name in
            guard name.hasSuffix(".swift"), !name.contains(".build/") else { return nil }
            let url = root.appendingPathComponent("\(top)/\(name)")
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
            return SourceFile(path: "\(top)/\(name)", text: text)
        }
    }
}
