package import Foundation
import SyncModel

/// What fuzzing found once, `Tests/FuzzingTests/Finds/<target>-<what>.hex`: hexadecimal digits on lines of any length.
package struct FuzzFind {
    package let target: String
    package let file: String
    package let input: [UInt8]

    package static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "FuzzingTests/Finds")

    /// All of them, by name. Throws for a file that is none: it would not be tested.
    package static func load() throws -> [FuzzFind] {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".hex") }
        return try files.sorted().map { file in
            let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
            let target = FuzzTargets.all.map { $0.name }.filter { file.hasPrefix("\($0)-") }.max { $0.count < $1.count }
            guard let target, let input = Hexadecimal.decode(text.filter { !$0.isWhitespace }) else {
                throw Broken("\(file) is no find: it is <target>-<what>.hex, and holds hexadecimal digits")
            }
            return FuzzFind(target: target, file: file, input: input)
        }
    }
}
