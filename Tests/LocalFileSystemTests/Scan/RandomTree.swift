import Glibc
import SeededRandom

/// Makes and changes a tree at random, the same for the same generator.
struct RandomTree {
    let directory: TemporaryDirectory
    private static let names = ["a", "a.b", "a b", "ab", "A", "\u{1}", "z", "é", "0", "~", "lanyard"]
    private var count = 0

    init(_ directory: TemporaryDirectory) { self.directory = directory }

    private func place(_ random: inout SeededGenerator) -> String {
        let depth = Int.random(in: 1...4, using: &random)
        return (0..<depth).map { _ in RandomTree.names.randomElement(using: &random) ?? "a" }.joined(separator: "/")
    }

    private func full(_ path: String) -> String { directory.path + "/" + path }

    /// One change; some do nothing, where what they need is missing.
    mutating func mutate(_ random: inout SeededGenerator) throws {
        count += 1
        let path = place(&random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<4:
            if let slash = path.lastIndex(of: "/") { try? directory.makeDirectory(String(path[..<slash])) }
            _ = try? directory.write(path, String(repeating: "x", count: count))
        case 4..<6: try? directory.makeDirectory(path)
        case 6: try? directory.link(path, to: "target\(count)")
        case 7: unlink(full(path))
        case 8: _ = Shell("rm -rf '\(full(path))'").wait()
        case 9: _ = Glibc.rename(full(path), full(place(&random)))
        case 10: chmod(full(path), count % 2 == 0 ? 0o755 : 0o700)
        default: _ = try? directory.write(path, "")
        }
    }
}
