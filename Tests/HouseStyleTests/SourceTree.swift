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
