import Foundation

/// The words of the program `fuzz`. With libFuzzer in it, that takes all others.
package struct FuzzCommand {
    /// The reader that is fed.
    package var target: FuzzTarget?
    /// Where the inputs to begin with are to be written.
    package var seedDirectory: String?
    package var listsTargets = false
    /// Files with inputs, and directories of such.
    package var paths: [String] = []

    package static let usage = """
        usage: fuzz --targets | fuzz --target=NAME (--seeds=DIRECTORY | PATH...)
        Reads each file, or each in a directory, and ends with 1 where something does not hold.
        """

    package init(_ words: some Sequence<String>) throws {
        for word in words {
            if word == "--targets" {
                listsTargets = true
            } else if word.hasPrefix("--target=") {
                let name = String(word.dropFirst("--target=".count))
                guard let named = FuzzTargets.named(name) else { throw Broken("there is no target \(name)") }
                target = named
            } else if word.hasPrefix("--seeds=") {
                seedDirectory = String(word.dropFirst("--seeds=".count))
            } else if !word.hasPrefix("-") {
                paths.append(word)
            }
        }
    }

    /// Does what needs no fuzzer: lists the targets, or writes the seeds and finds of one. False if neither was asked
    /// for.
    package func prepare() throws -> Bool {
        if listsTargets {
            for target in FuzzTargets.all { print(target.name) }
            return true
        }
        guard let target, let seedDirectory else { return false }
        try FileManager.default.createDirectory(atPath: seedDirectory, withIntermediateDirectories: true)
        for (number, input) in try target.inputs().enumerated() {
            try Data(input).write(to: URL(filePath: seedDirectory).appending(path: "seed-\(number)"))
        }
        return true
    }

    /// The inputs in `paths`, each with its file.
    package func inputs() throws -> [(file: String, bytes: [UInt8])] {
        try paths.flatMap { path -> [String] in
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [path] }
            return names.sorted().map { "\(path)/\($0)" }
        }.map { ($0, Array(try Data(contentsOf: URL(filePath: $0)))) }
    }
}

extension FuzzTarget {
    /// Seeds, and what was found with this target.
    package func inputs() throws -> [[UInt8]] {
        try seeds() + FuzzFind.load().filter { $0.target == name }.map(\.input)
    }
}
